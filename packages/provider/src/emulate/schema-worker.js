import { parentPort } from "node:worker_threads";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";

/**
 * Compiles schemas and checks values against them, in a thread of its own: both can be made to take forever, and whoever
 * started this thread ends it then. In JavaScript, since a thread begins with a file as it is, in `src` as in `dist`.
 *
 * Says "ready" once, and "compiled" before it looks at a text. Takes `{ schema }` or `{ schema, text }`, both JSON; answers `{ invalid }` for a schema that can't be compiled,
 * `{ unknown, isLasting }` for one that leads into itself without end, else `{ problems }`: nothing, or what of the text does
 * not fit, in a few words each.
 */

/** What is kept of compiled schemas: so many, and of so many characters in all. */
const kept = { count: 32, characters: 4 * 1024 * 1024 };
const mostProblems = 8;

/** Validators by schema, the one used last at the end: programs send the same few schemas again and again. */
const validators = new Map();
let characters = 0;

/** These look at schemas themselves and compile none, so they do not grow. */
const judges = new Map();

parentPort?.on("message", ({ schema, text }) => {
  try {
    parentPort?.postMessage(answer(schema, text));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    parentPort?.postMessage({ unknown: "the check goes too deep", isLasting: true });
  }
});

function answer(schema, text) {
  let validate;
  try {
    validate = find(schema);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    return { invalid: error instanceof Error ? error.message : String(error) };
  }
  if (text === undefined) return { problems: [] };
  parentPort?.postMessage("compiled");
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return { problems: ["the whole is not JSON"] };
  }
  if (validate(value)) return { problems: [] };
  const errors = (validate.errors ?? []).slice(0, mostProblems);
  return {
    problems: errors.map(({ instancePath, message }) => `${instancePath || "the whole"} ${message ?? "does not fit"}`),
  };
}

function find(json) {
  let validate = validators.get(json);
  if (validate === undefined) {
    validate = compile(json);
    characters += json.length;
  }
  validators.delete(json);
  validators.set(json, validate);
  for (const oldest of validators.keys()) {
    if (validators.size <= kept.count && characters <= kept.characters) break;
    validators.delete(oldest);
    characters -= oldest.length;
  }
  return validate;
}

function compile(json) {
  const schema = JSON.parse(json, withoutAsync);
  const draft = String(schema.$schema ?? "");
  // We choose the draft; its own description would only be found on the web.
  delete schema.$schema;
  const drafts = /draft-0[4-7]/.test(draft) ? [Ajv] : /20(19|20)-/.test(draft) ? [Ajv2020] : [Ajv2020, Ajv];
  let failure;
  for (const Draft of drafts) {
    try {
      return compileAs(Draft, schema);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

const options = { strict: false, allErrors: true, validateFormats: false, inlineRefs: false, logger: false };

/** By a compiler of its own: one for all would hold on to every schema that it has ever seen. */
function compileAs(Draft, schema) {
  let judge = judges.get(Draft);
  if (judge === undefined) {
    judge = new Draft(options);
    judges.set(Draft, judge);
  }
  judge.validateSchema(schema, true);
  try {
    return new Draft({ ...options, meta: false, validateSchema: false, addUsedSchema: false }).compile(schema);
  } catch (error) {
    // A schema may refer to the description of its draft.
    if (!/can't resolve reference/.test(String(error?.message))) throw error;
    return new Draft({ ...options, addUsedSchema: false }).compile(schema);
  }
}

/** Takes out the mark with which a check would become a promise. */
function withoutAsync(key, value) {
  return key === "$async" && typeof value === "boolean" ? undefined : value;
}

parentPort?.postMessage("ready");
