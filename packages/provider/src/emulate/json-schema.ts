import { hash } from "node:crypto";
import { isDeeperThan } from "../canonical/depth.js";
import { SchemaThread } from "./schema-thread.js";

/** Looks whether a text is JSON that fits a schema: what does not, in a few words each. */
export type SchemaCheck = (text: string) => Verdict | Promise<Verdict>;

/** What does not fit, or why that could not be told. */
export type Verdict = { problems: readonly string[] } | { unknown: string };

/**
 * What is checked at all: a schema is compiled to code, so its size and depth are looked at first, and compiling and
 * checking end after a time, since references and patterns can be made to take forever.
 */
export const schemaLimits = { characters: 256 * 1024, depth: 64, compileMs: 5000, checkMs: 1000 };

const thread = new SchemaThread();

/** Schemas that were ended, by their hash, and until when nobody waits for them again. */
const ended = new Map<string, number>();
const maxEnded = 1000;
const endedMs = 10 * 60_000;

/**
 * A check for a JSON schema of draft 2020-12, 2019-09 or 7; without `$schema` whichever it can be. Formats are not looked
 * at. It is compiled and run in a thread of its own. `unknown` for a schema that is beyond `schemaLimits`. Throws for one
 * that is invalid.
 */
export async function compileSchema(schema: object): Promise<{ check: SchemaCheck } | { unknown: string }> {
  const json = isDeeperThan(schema, schemaLimits.depth) ? "" : JSON.stringify(schema);
  if (json === "" || json.length > schemaLimits.characters) return { unknown: "the schema is too large" };
  const id = hash("sha256", json);
  if (hasEnded(id)) return { unknown: "the check took too long before" };
  const compiled = await thread.run({ schema: json, limitMs: schemaLimits.compileMs });
  if ("invalid" in compiled) throw new Error(compiled.invalid);
  if ("unknown" in compiled) return remember(id, compiled);
  const limitMs = schemaLimits.checkMs + schemaLimits.compileMs;
  return {
    check: async (text) => {
      if (hasEnded(id)) return { unknown: "the check took too long before" };
      // The compiled schema is kept for a while, not for certain: its time is given again.
      const answer = await thread.run({ schema: json, text, limitMs });
      if ("invalid" in answer) return { unknown: answer.invalid };
      return "unknown" in answer ? remember(id, answer) : answer;
    },
  };
}

function hasEnded(id: string): boolean {
  return (ended.get(id) ?? 0) > performance.now();
}

function remember(id: string, { unknown, isLasting = false }: { unknown: string; isLasting?: boolean }) {
  if (isLasting) ended.set(id, performance.now() + endedMs);
  const [oldest] = ended.keys();
  if (ended.size > maxEnded && oldest !== undefined) ended.delete(oldest);
  return { unknown };
}
