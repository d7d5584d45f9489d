import { createContext, runInContext } from "node:vm";
import type { Ajv } from "ajv";

/** Looks whether values fit a schema: what does not, in a few words each. Undefined when it can't be told in time. */
export type SchemaCheck = (value: unknown) => string[] | undefined;

/**
 * What is checked at all: a schema is compiled to code, so its size and depth are looked at first, and compiling and
 * checking end after a time, since references and patterns can be made to take forever.
 */
export const schemaLimits = {
  characters: 256 * 1024,
  depth: 64,
  compileMs: 5000,
  checkMs: 1000,
  problems: 8,
  kept: 32,
};

/** Checks by schema as JSON, the one used last at the end: programs send the same few schemas again and again. */
const known = new Map<string, SchemaCheck | undefined>();

/**
 * A check for a JSON schema of draft 2020-12, 2019-09 or 7; without `$schema` whichever it can be. Formats are not looked
 * at. Undefined for a schema that is beyond `schemaLimits`. Throws for one that can't be meant.
 */
export async function compileSchema(schema: object): Promise<SchemaCheck | undefined> {
  const json = JSON.stringify(schema);
  if (known.has(json)) return keep(json, known.get(json));
  if (json.length > schemaLimits.characters || isDeeperThan(schema, schemaLimits.depth)) return undefined;
  const drafts = await Promise.all([import("ajv/dist/2020.js"), import("ajv")]);
  const [{ Ajv2020 }, { Ajv: Ajv7 }] = drafts;
  const own = JSON.parse(json, withoutAsync) as { $schema?: unknown };
  const draft = String(own.$schema ?? "");
  // We choose the draft; its own description would only be found on the web.
  delete own.$schema;
  const options = /draft-0[4-7]/.test(draft) ? [Ajv7] : /20(19|20)-/.test(draft) ? [Ajv2020] : [Ajv2020, Ajv7];
  return keep(json, compileWith(options, own));
}

type Draft = new (options: object) => Ajv;

/** One compiler a draft: making one takes longer than nearly every schema. */
const compilers = new Map<Draft, Ajv>();

function compilerOf(draft: Draft): Ajv {
  let compiler = compilers.get(draft);
  if (compiler === undefined) {
    const options = { strict: false, allErrors: true, validateFormats: false, inlineRefs: false, logger: false };
    compiler = new draft({ ...options, addUsedSchema: false });
    // Has it ready before somebody's schema is given its time.
    compiler.compile({});
    compilers.set(draft, compiler);
  }
  return compiler;
}

function compileWith(drafts: readonly Draft[], schema: object): SchemaCheck | undefined {
  let failure: unknown;
  for (const draft of drafts) {
    const compiler = compilerOf(draft);
    try {
      const validate = inTime(schemaLimits.compileMs, () => compiler.compile(schema));
      return (value) => {
        try {
          if (inTime(schemaLimits.checkMs, () => validate(value))) return [];
        } catch (error) {
          if (isEndless(error)) return undefined;
          throw error;
        }
        const errors = (validate.errors ?? []).slice(0, schemaLimits.problems);
        return errors.map(({ instancePath, message }) => `${instancePath || "the whole"} ${message ?? "does not fit"}`);
      };
    } catch (error) {
      if (isEndless(error)) {
        // What was ended in the middle of its work may be in any state.
        compilers.delete(draft);
        return undefined;
      }
      failure ??= error;
    } finally {
      compiler.removeSchema(schema);
    }
  }
  throw failure;
}

/** Runs something synchronous for a limited time; regular expressions are ended as well. */
function inTime<T>(timeout: number, run: () => T): T {
  return runInContext("run()", createContext({ run }), { timeout }) as T;
}

function isEndless(error: unknown): boolean {
  const { code, name } = error as { code?: string; name?: string };
  return code === "ERR_SCRIPT_EXECUTION_TIMEOUT" || name === "RangeError";
}

function keep(json: string, check: SchemaCheck | undefined): SchemaCheck | undefined {
  known.delete(json);
  known.set(json, check);
  for (const oldest of known.keys()) {
    if (known.size <= schemaLimits.kept) break;
    known.delete(oldest);
  }
  return check;
}

/** Takes out the mark with which a check would become a promise. */
function withoutAsync(key: string, value: unknown): unknown {
  return key === "$async" && typeof value === "boolean" ? undefined : value;
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((part) => isDeeperThan(part, depth - 1));
}
