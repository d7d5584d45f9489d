import { adjust, type RequestContext } from "../../canonical/context.js";
import type { ParsedRequest } from "../dialect.js";
import { type Fields, invalid, isUnset } from "../read-fields.js";

/** Most answers for one prompt. */
export const maxChoicesPerPrompt = 8;
/** Most answers in all. LangChain sends 20 prompts at a time. */
export const maxChoices = 32;

/** Fields that `parse-request` reads itself. */
const readFieldNames: ReadonlySet<string> = new Set([
  ...["model", "prompt", "suffix", "echo", "n", "best_of", "stream", "stream_options"],
  ...["reasoning_effort", "service_tier", "prompt_cache_key", "user"],
]);

/** The values with which a field asks for nothing: dropping it is not worth a note. */
const harmless: Readonly<Record<string, unknown>> = {
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};

/** Notes every field that has no counterpart in the backend, known or not; `best_of` beyond `n` as well. */
export function noteDroppedFields(body: Fields, context: RequestContext): void {
  for (const field of Object.keys(body)) {
    if (readFieldNames.has(field) || isUnset(body[field])) continue;
    if (Object.hasOwn(harmless, field) && harmless[field] === body[field]) continue;
    adjust(context, { field: field.slice(0, 60), action: "dropped", detail: "the backend has no such setting" });
  }
  const answers = readCount(body.n, "n") ?? 1;
  const candidates = readCount(body.best_of, "best_of") ?? answers;
  if (candidates < answers) throw invalid("best_of", "`best_of` must not be less than `n`.");
  if (candidates > answers) {
    adjust(context, { field: "best_of", action: "dropped", detail: "without log probabilities none is the best" });
  }
}

/**
 * Where the text is to end: `stop`, one or up to four strings, and `max_tokens`. Throws `request_invalid` for what can't be
 * meant.
 */
export function readEnd(body: Fields): NonNullable<ParsedRequest["emulate"]> | undefined {
  const end: NonNullable<ParsedRequest["emulate"]> = {};
  const stop = isUnset(body.stop) ? [] : Array.isArray(body.stop) ? body.stop : [body.stop];
  if (stop.length > 4 || stop.some((entry) => typeof entry !== "string" || entry === "")) {
    throw invalid("stop", "`stop` must be a string, or a list of up to four of them.");
  }
  if (stop.length > 0) end.stop = stop;
  const maxTokens = readCount(body.max_tokens, "max_tokens");
  if (maxTokens !== undefined) end.maxTokens = maxTokens;
  return stop.length > 0 || maxTokens !== undefined ? end : undefined;
}

/** How many answers each prompt gets. Throws `request_invalid` for too many, of one prompt or in all. */
export function readChoices(body: Fields, prompts: number): number {
  const n = readCount(body.n, "n") ?? 1;
  if (n > maxChoicesPerPrompt) throw invalid("n", `\`n\` must be from 1 to ${maxChoicesPerPrompt}.`);
  if (n * prompts > maxChoices) {
    throw invalid("prompt", `A request has at most ${maxChoices} answers: send fewer prompts at a time.`);
  }
  return n;
}

function readCount(value: unknown, param: string): number | undefined {
  if (isUnset(value)) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return value;
  throw invalid(param, `\`${param}\` must be a whole number of at least 1.`);
}
