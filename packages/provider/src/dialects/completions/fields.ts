import { adjust, type RequestContext } from "../../canonical/context.js";
import { type Fields, invalid, isUnset } from "../../canonical/read-fields.js";
import { readChoices, readCount } from "../openai/read-end.js";

/** Most answers in all. LangChain sends 20 prompts at a time. */
export const maxChoices = 32;

/** Fields that `parse-request` reads itself. */
const readFieldNames: ReadonlySet<string> = new Set([
  ...["model", "prompt", "suffix", "echo", "n", "best_of", "stream", "stream_options"],
  ...["reasoning_effort", "service_tier", "prompt_cache_key", "user", "stop", "max_tokens"],
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

/** How many answers each prompt gets. Throws `request_invalid` for too many, of one prompt or in all. */
export function countChoices(body: Fields, prompts: number): number {
  const n = readChoices(body.n);
  if (n * prompts > maxChoices) {
    throw invalid("prompt", `A request has at most ${maxChoices} answers: send fewer prompts at a time.`);
  }
  return n;
}
