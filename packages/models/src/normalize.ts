import { bundledAliases, bundledCatalog } from "./catalog.js";
import { indexKnown, type KnownIndex, type KnownModels } from "./known-models.js";
import { effortNames } from "./model-info.js";

/** What a caller's model name means. */
export interface NormalizedModel {
  /** The id to send, without prefix and effort suffix. */
  readonly model: string;
  /** The effort that the name asks for by its suffix, or by the suffix of an alias' target. `ultra` stays `ultra`. */
  readonly effort?: string;
  /** The name as the caller wrote it. */
  readonly requested: string;
  /** Set when another model was put in place of the one that was named. */
  readonly mapped?: ModelMapping;
}

export interface ModelMapping {
  /** The name that was replaced, without prefix and effort suffix. */
  readonly from: string;
  readonly to: string;
  /** `retired` outranks `alias`, which outranks `snapshot` (a dated id taken as its base), when several apply. */
  readonly reason: "alias" | "retired" | "snapshot";
}

export interface NormalizeOptions {
  /** The user's names for models, in any case; they win over everything. Targets may have prefix, suffix, or be aliases. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** The ids that the account has. Default: the bundled catalog. */
  readonly known?: KnownModels;
}

/**
 * Reads a model name: strips prefixes (`codex/`, `codex-oauth/`, `codex_oauth/`, `openai/`, `chatgpt/`, and `codex-` before a model
 * name) and an effort suffix (`-none` ... `-max`, `-ultra`, or another that the known model advertises; of several the last counts), follows aliases, and replaces
 * retired ids. A known id wins over a suffix. Case does not matter. Normalizing the result again changes nothing.
 *
 * `aliases` and a `known` list are indexed once for each object that is passed, so pass the same objects again and do not
 * change them afterwards; a Set is looked into live. The cost does not grow with their size.
 */
export function normalizeModel(name: string, options: NormalizeOptions = {}): NormalizedModel {
  const known = options.known ?? bundledCatalog;
  const aliases = options.aliases ?? noAliases;
  const prepared = normalizers.get(known) ?? new WeakMap<object, Normalizer>();
  const normalize = prepared.get(aliases) ?? createNormalizer({ aliases, known });
  normalizers.set(known, prepared.set(aliases, normalize));
  return normalize(name);
}

const noAliases: Readonly<Record<string, string>> = Object.freeze({});
const normalizers = new WeakMap<object, WeakMap<object, Normalizer>>();

type Normalizer = (name: string) => NormalizedModel;

/** `normalizeModel` with its tables prepared, for who holds them anyway. */
export function createNormalizer(options: NormalizeOptions = {}): Normalizer {
  const aliases = new Map(Object.entries(options.aliases ?? {}).map(([key, to]) => [plain(key), plain(to)]));
  const tables = { aliases, known: indexKnown(options.known ?? bundledCatalog) };
  return (name) => walk(name, tables);
}

interface Tables {
  aliases: ReadonlyMap<string, string>;
  known: KnownIndex;
}

/** Longer names are no model names; they are passed on as they are, so that nobody makes us take them apart. */
const longestName = 256;

/**
 * Takes one step after the other until nothing changes. Whoever comes back to a name where it has been (aliases in a
 * circle, or an alias back to a retired id) stays there: so an alias to itself pins a retired id, and the result is
 * stable.
 */
function walk(requested: string, tables: Tables): NormalizedModel {
  if (requested.trim().length > longestName) return { model: requested.trim(), requested };
  const replaced: string[] = [];
  let rest = plain(requested);
  let effort: string | undefined;
  let reason: Reason | undefined;
  for (;;) {
    const next = step(rest, tables);
    if (next === undefined) break;
    if (next.reason !== undefined) {
      if (replaced.includes(rest)) break;
      replaced.push(rest);
      reason = stronger(reason, next.reason);
    }
    effort ??= next.effort;
    rest = next.rest;
  }
  const model = tables.known.find(rest) ?? rest;
  const from = replaced[0];
  return {
    model,
    ...(effort === undefined ? {} : { effort }),
    requested,
    ...(from === undefined || reason === undefined || from === rest ? {} : { mapped: { from, to: model, reason } }),
  };
}

type Reason = ModelMapping["reason"];

interface Step {
  rest: string;
  effort?: string;
  /** Present when the step puts another model in place, absent when it only strips. */
  reason?: Reason;
}

function step(rest: string, { aliases, known }: Tables): Step | undefined {
  const alias = aliases.get(rest);
  if (alias !== undefined) return { rest: alias, reason: "alias" };
  if (known.find(rest) !== undefined) return undefined;
  const standIn = known.standIn(rest);
  if (standIn !== undefined) return { rest: plain(standIn), reason: "retired" };
  const generation = bundledAliases.get(rest);
  if (generation !== undefined && known.find(generation) !== undefined) return { rest: generation, reason: "alias" };
  return stripPrefix(rest, aliases, known) ?? stripEffort(rest, known) ?? stripDate(rest, aliases, known);
}

const prefixes: ReadonlySet<string> = new Set(["codex/", "codex-oauth/", "codex_oauth/", "openai/", "chatgpt/"]);
const wordPrefix = "codex-";
/** Ids that begin with `codex-` themselves. */
const ownNames: ReadonlySet<string> = new Set(["codex-mini-latest", "codex-auto-review"]);

function stripPrefix(rest: string, aliases: Tables["aliases"], known: KnownIndex): Step | undefined {
  const end = rest.indexOf("/") + 1;
  if (end > 0 && end < rest.length && prefixes.has(rest.slice(0, end))) return { rest: plain(rest.slice(end)) };
  if (!rest.startsWith(wordPrefix) || ownNames.has(rest)) return undefined;
  // Some other id may begin with `codex-` one day: what remains must look like a model.
  const name = plain(rest.slice(wordPrefix.length));
  const isModel = name.startsWith("gpt-") || aliases.has(name) || known.find(name) !== undefined;
  return isModel ? { rest: name } : undefined;
}

const suffixes: ReadonlySet<string> = new Set(effortNames);

function stripEffort(rest: string, known: KnownIndex): Step | undefined {
  const dash = rest.lastIndexOf("-");
  const effort = rest.slice(dash + 1);
  const name = rest.slice(0, Math.max(dash, 0)).trim();
  const isEffort = suffixes.has(effort) || known.advertises(name, effort);
  return name !== "" && isEffort ? { rest: name, effort } : undefined;
}

const snapshotDate = /-\d{4}-\d{2}-\d{2}$/;
const dateLength = "-2025-08-07".length;

/** A dated id that nobody lists is taken as its base, if there is such a model. */
function stripDate(rest: string, aliases: Tables["aliases"], known: KnownIndex): Step | undefined {
  if (!snapshotDate.test(rest)) return undefined;
  const base = rest.slice(0, -dateLength);
  const exists =
    aliases.has(base) || (known.find(base) ?? known.standIn(base) ?? bundledAliases.get(base)) !== undefined;
  return exists ? { rest: base, reason: "snapshot" } : undefined;
}

const reasons: readonly Reason[] = ["snapshot", "alias", "retired"];

function stronger(a: Reason | undefined, b: Reason): Reason {
  return a !== undefined && reasons.indexOf(a) > reasons.indexOf(b) ? a : b;
}

function plain(name: string): string {
  return name.trim().toLowerCase();
}
