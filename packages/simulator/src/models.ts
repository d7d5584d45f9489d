import { createHash } from "node:crypto";
import { detail, type PlainReply } from "./http/reply.js";
import type { ModelEntry } from "./models/catalog.js";
import type { Questions } from "./questions.js";

/** Compares dotted versions by number; a missing part counts as 0, a pre-release tag is ignored. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string) => version.split("-", 1)[0]?.split(".").map(Number) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference) return difference;
  }
  return 0;
}

/** The models of one account, with what the backend says about them. */
export class ModelList {
  readonly #entries: readonly ModelEntry[];
  readonly #etags = new Map<string, string>();

  constructor(entries: readonly ModelEntry[]) {
    this.#entries = entries;
  }

  /** The model of exactly this id, if the plan has it. */
  find(slug: string, plan: string): ModelEntry | undefined {
    return this.#entries.find((entry) => entry.slug === slug && entry.available_in_plans.includes(plan));
  }

  /** All instructions texts that count as official. */
  get instructions(): string[] {
    return this.#entries.map((entry) => entry.model_messages.instructions_template);
  }

  /** The models that a client of this version may use on this plan. */
  visible(clientVersion: string | undefined, plan: string): ModelEntry[] {
    return this.#entries.filter(
      (entry) =>
        entry.available_in_plans.includes(plan) &&
        (clientVersion === undefined || compareVersions(entry.minimal_client_version, clientVersion) <= 0),
    );
  }

  /** The ETag of what `visible` lists. */
  etag(clientVersion: string | undefined, plan: string): string {
    const key = `${clientVersion} ${plan}`;
    let etag = this.#etags.get(key);
    if (etag === undefined) {
      const text = JSON.stringify(this.visible(clientVersion, plan));
      etag = `W/"${createHash("sha256").update(text).digest("hex").slice(0, 32)}"`;
      if (this.#etags.size < 1000) this.#etags.set(key, etag);
    }
    return etag;
  }

  /** Answers `GET /models?client_version=`. */
  reply(
    clientVersion: string | undefined,
    plan: string,
    ifNoneMatch: string | undefined,
    questions: Questions,
  ): PlainReply {
    const listsAll = clientVersion === "0.0.0" && questions.clientVersion === "zero-lists-all";
    if (!clientVersion || !/^\d+\.\d+\.\d+$/.test(clientVersion)) return detail(400, "missing client_version");
    const version = listsAll ? undefined : clientVersion;
    const etag = this.etag(version, plan);
    if (questions.modelsConditional && ifNoneMatch === etag) return { status: 304, headers: { etag } };
    return { status: 200, body: { models: this.visible(version, plan) }, headers: { etag } };
  }
}
