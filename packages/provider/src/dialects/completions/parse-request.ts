import { adjust, type RequestContext } from "../../canonical/context.js";
import { invalid, readBody, readBoolean, readModel, readString } from "../../canonical/read-fields.js";
import type { ResponsesRequest } from "../../canonical/request.js";
import type { ParsedRequest } from "../dialect.js";
import { textPart } from "../openai/parse-content.js";
import { readEffort } from "../openai/read-effort.js";
import { readEnd } from "../openai/read-end.js";
import { readIncludeUsage } from "../openai/stream-options.js";
import { countChoices, noteDroppedFields } from "./fields.js";
import { parsePrompts } from "./prompts.js";
import type { CompletionsReplyOptions } from "./reply-options.js";

/** What makes a model that converses go on with a text: our own words, sent as its instructions. */
export const continuation =
  "Continue the text of the user's message. Write only what comes next, from exactly where it breaks off; begin with a space or a line break where the text needs one. Where the text is a question or an instruction, what comes next is the answer to it. Do not repeat the text, do not put it in quotes, and write no preamble and no remarks.";

/**
 * A legacy completion request as canonical requests, one for each choice: each prompt is a user message, with the
 * instruction to continue it, which is noted. There is no cap of 16 tokens unless one is given, other than in OpenAI's
 * API: who leaves it out today wants the whole answer. Throws `request_invalid` with `param`.
 */
export function parseCompletionsRequest(
  body: unknown,
  context: RequestContext,
): ParsedRequest<CompletionsReplyOptions> {
  const fields = readBody(body);
  const model = readModel(fields, context);
  const prompts = parsePrompts(fields.prompt);
  if (readString(fields.suffix, "suffix") !== undefined) {
    throw invalid("suffix", "The Codex backend can't fill in text before a `suffix`. Leave it out.");
  }
  const choices = prompts.flatMap((prompt) => Array<string>(countChoices(fields, prompts.length)).fill(prompt));
  adjust(context, { field: "prompt", action: "emulated", detail: "a chat model is told to continue it" });

  const settings: Partial<ResponsesRequest> = {};
  const { effort } = readEffort(fields.reasoning_effort, context);
  if (effort !== undefined) settings.reasoning = { effort };
  for (const field of ["service_tier", "prompt_cache_key", "user"]) {
    const value = readString(fields[field], field);
    if (value !== undefined) settings[field] = value;
  }
  const end = readEnd(fields, ["stop", "max_tokens"], context);
  noteDroppedFields(fields, context);
  const requests = choices.map(
    (prompt): ResponsesRequest => ({
      model,
      instructions: continuation,
      input: [{ type: "message", role: "user", content: [textPart(prompt, "user")] }],
      ...settings,
    }),
  );
  const request = requests[0] as ResponsesRequest;

  const includeUsage = readIncludeUsage(fields, context);
  const reply: CompletionsReplyOptions = {
    model,
    includeUsage,
    choices: choices.length,
  };
  if (readBoolean(fields.echo, "echo")) reply.echo = choices;
  const parsed: ParsedRequest<CompletionsReplyOptions> = {
    request,
    stream: readBoolean(fields.stream, "stream") ?? false,
    reply,
  };
  if (end !== undefined) parsed.end = { ...end, hidesCommentary: true };
  if (requests.length > 1) parsed.requests = requests;
  return parsed;
}
