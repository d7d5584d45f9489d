import { CodexError } from "@codex/errors";
import { bundledCatalog } from "./catalog.js";
import { createFlight, waitFor, withLimit } from "./flight.js";
import { type CustomModel, createListView, type ListView, type ResolvedModel } from "./list-view.js";
import type { ModelInfo } from "./model-info.js";
import { parseModelList } from "./parse-model-list.js";

/** What the backend said to a request for the model list. */
export type FetchedModels =
  | { status: "ok"; body: unknown; etag?: string | undefined }
  | { status: "not_modified"; etag?: string | undefined };

export interface AccountModelsOptions {
  /** Asks `GET /codex/models` with `If-None-Match: etag` where given. Rejects on any failure; is not retried by itself. */
  fetchModels: (etag: string | undefined, signal: AbortSignal) => Promise<FetchedModels>;
  /** Milliseconds since 1970. Default Date.now. */
  now?: () => number;
  /** How long a list counts as fresh. Default 300 000, as in the Codex CLI. */
  ttlMs?: number;
  /** Limit for one fetch. Default 5 000. */
  timeoutMs?: number;
  /** The least time between two fetches when the first failed. Default 30 000. */
  retryMs?: number;
  /** What to offer while the account's own list is not available. Default: the bundled catalog. */
  fallback?: readonly ModelInfo[];
  /** The user's own names for models; see `normalizeModel`. */
  aliases?: Readonly<Record<string, string>>;
  /** The user's own models, merged over the entries of the list, or added to it. */
  custom?: readonly CustomModel[];
  /** Called with each failed fetch, which nobody else hears of: a list is always served. */
  onFailure?: (error: unknown) => void;
}

/** The models of one account. Who serves several accounts makes one for each. */
export interface AccountModels {
  /**
   * The list by priority, hidden models included. Only the first call waits; later an old list is served at once and
   * renewed in the background. Rejects for no other reason than the caller's own signal.
   */
  list(signal?: AbortSignal): Promise<readonly ModelInfo[]>;
  /** What a name means for this account. Rejects like `list`, never because a model is not listed. */
  resolve(name: string, signal?: AbortSignal): Promise<ResolvedModel>;
  /** `resolve` without waiting; undefined as long as the first list has not been asked for, or is on its way. */
  peek(name: string): ResolvedModel | undefined;
  /** Takes the header `x-models-etag` of any answer: the list's own renews it, another one marks it as stale. */
  noteEtag(etag: string | undefined): void;
  /** The user's own names, as they are now. */
  aliases(): Readonly<Record<string, string>>;
  /** Replaces the user's own names; requests under way keep the meaning that they have found. */
  useAliases(aliases: Readonly<Record<string, string>>): void;
  /** Where the list is from that is served now: the account, the account but out of date, or our fallback. */
  source(): "account" | "stale" | "bundled";
}

/** One version of the list. */
interface Held {
  readonly list: readonly ModelInfo[];
  view: ListView;
  readonly origin: "account" | "bundled";
  readonly etag: string | undefined;
  /** When the backend last confirmed it; -Infinity once it is known to be out of date. */
  confirmedAt: number;
}

const never = Number.NEGATIVE_INFINITY;

/** Keeps an account's model list: five minutes, one fetch at a time, stale on failure, bundled before the first success. */
export function createAccountModels(options: AccountModelsOptions): AccountModels {
  const { now = Date.now, ttlMs = 300_000, timeoutMs = 5_000, retryMs = 30_000, fallback = bundledCatalog } = options;
  let aliases = options.aliases ?? {};
  const prepare = (list: readonly ModelInfo[]) => createListView(list, options.custom ?? [], aliases);
  let bundled = prepare(fallback);
  let held: Held | undefined;
  let failedAt = never;
  /** The foreign etag that made the list stale. */
  let noted: string | undefined;
  /** A foreign etag that a new list still did not carry: to fetch for it again would never end. */
  let fruitless: string | undefined;

  /** Never rejects: whoever waits takes what is there afterwards. */
  const refresh = createFlight(async () => {
    const asked = noted;
    try {
      const answer = await withLimit((signal) => options.fetchModels(held?.etag, signal), timeoutMs);
      held = answer.status === "ok" ? take(answer) : confirm(held);
      failedAt = never;
      fruitless = asked === bareEtag(held.etag) ? undefined : asked;
      noted = undefined;
    } catch (error) {
      failedAt = now();
      options.onFailure?.(error);
    }
  });

  function take(answer: { body: unknown; etag?: string | undefined }): Held {
    const list = parseModelList(answer.body);
    const own = list.length > 0;
    const view = own ? prepare(list) : bundled;
    return {
      list: own ? list : fallback,
      view,
      origin: own ? "account" : "bundled",
      etag: answer.etag,
      confirmedAt: now(),
    };
  }

  function confirm(before: Held | undefined): Held {
    if (before !== undefined) return { ...before, confirmedAt: now() };
    throw new CodexError(
      "upstream_rejected",
      "The backend says that the model list has not changed, but we have none.",
    );
  }

  const within = (time: number, spanMs: number) => now() - time >= 0 && now() - time < spanMs;

  /** What can be served without waiting; undefined before the first answer. Sets off a renewal when one is due. */
  function ready(): ListView | undefined {
    if (held === undefined && failedAt === never) return undefined;
    const due = held === undefined || !within(held.confirmedAt, ttlMs);
    if (due && !within(failedAt, retryMs)) void refresh();
    return held?.view ?? bundled;
  }

  async function firstView(signal: AbortSignal | undefined): Promise<ListView> {
    await waitFor(refresh(), signal);
    return held?.view ?? bundled;
  }

  return {
    async list(signal) {
      return (ready() ?? (await firstView(signal))).models;
    },
    async resolve(name, signal) {
      return (ready() ?? (await firstView(signal))).resolve(name);
    },
    peek: (name) => ready()?.resolve(name),
    noteEtag(etag) {
      if (etag === undefined || held === undefined) return;
      const bare = bareEtag(etag);
      if (bare === bareEtag(held.etag)) {
        held.confirmedAt = now();
        noted = undefined;
      } else if (bare !== fruitless) {
        held.confirmedAt = never;
        noted = bare;
      }
    },
    aliases: () => aliases,
    useAliases(next) {
      aliases = next;
      bundled = prepare(fallback);
      if (held !== undefined) held.view = prepare(held.list);
    },
    source() {
      if (held === undefined || held.origin === "bundled") return "bundled";
      return within(held.confirmedAt, ttlMs) ? "account" : "stale";
    },
  };
}

/** An etag without quotes and weakness mark: the header `x-models-etag` need not spell it as `ETag` does. */
function bareEtag(etag: string | undefined): string | undefined {
  return etag?.replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
}
