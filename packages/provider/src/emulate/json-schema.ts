import { hash } from "node:crypto";
import { isDeeperThan } from "../canonical/depth.js";
import { type SchemaAnswer, type SchemaJob, SchemaThread } from "./schema-thread.js";

/** Looks whether a text is JSON that fits a schema: what does not, in a few words each. */
export type SchemaCheck = (text: string) => Verdict | Promise<Verdict>;

/** What does not fit, or why that could not be told. */
export type Verdict = { problems: readonly string[] } | { unknown: string };

/**
 * What is checked at all: a schema is compiled to code, so its size and depth are looked at first, and compiling and
 * checking end after a time, since references and patterns can be made to take forever.
 */
export const schemaLimits = { characters: 256 * 1024, depth: 64, compileMs: 5000, checkMs: 1000 };

const thread = new SchemaThread({
  compileMs: schemaLimits.compileMs,
  checkMs: schemaLimits.checkMs,
  maxWaiting: 1024,
  waitMs: 10_000,
  idleMs: 60_000,
});

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
  const compiled = await run(id, { schema: json });
  if ("invalid" in compiled) throw new Error(compiled.invalid);
  if ("unknown" in compiled) return { unknown: compiled.unknown };
  return {
    check: async (text) => {
      // The compiled schema is kept for a while, not for certain.
      const answer = await run(id, { schema: json, text });
      if ("problems" in answer) return answer;
      return { unknown: "invalid" in answer ? answer.invalid : answer.unknown };
    },
  };
}

async function run(id: string, job: SchemaJob): Promise<SchemaAnswer> {
  if ((ended.get(id) ?? 0) > performance.now()) return { unknown: "the check took too long before" };
  const answer = await thread.run(job);
  if ("unknown" in answer && answer.isLasting) {
    ended.set(id, performance.now() + endedMs);
    const [oldest] = ended.keys();
    if (ended.size > maxEnded && oldest !== undefined) ended.delete(oldest);
  }
  return answer;
}
