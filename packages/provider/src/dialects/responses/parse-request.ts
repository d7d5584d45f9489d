import { speaksCodex } from "../../canonical/caller.js";
import type { Recalled, RequestContext } from "../../canonical/context.js";
import { resolveReferences } from "../../canonical/item-references.js";
import { readBody, readBoolean } from "../../canonical/read-fields.js";
import type { ResponsesRequest } from "../../canonical/request.js";
import type { ParsedRequest } from "../dialect.js";
import { parseResponsesBody } from "../openai/parse-responses-body.js";
import { readEnd, withoutFields } from "../openai/read-end.js";
import { readIncludeUsage } from "../openai/stream-options.js";
import type { ResponsesReplyOptions } from "./reply-options.js";

/** `stop` is ours: OpenAI's Responses API has no such field, but callers of other APIs do. */
const endFields = ["stop", "max_output_tokens"] as const;

/** What is not sent: where the answer is cut we see to it, and metadata has its place in the Response object alone. */
const ownFields = [...endFields, "metadata"] as const;

/**
 * A Responses API request as a canonical request. Where answers are kept, what it refers to is put in its place: the
 * conversation up to `previous_response_id` before its own input, items for `item_reference`s. Instructions, tools and
 * settings of earlier turns are not carried over, as in OpenAI's API. Throws `request_invalid` with `param`.
 */
export function parseResponsesRequest(body: unknown, context: RequestContext): ParsedRequest<ResponsesReplyOptions> {
  const fields = readBody(body);
  const request = parseResponsesBody(fields, context);
  readIncludeUsage(fields, context);
  const stream = readBoolean(fields.stream, "stream") ?? false;
  const { input: _, ...asked } = request;
  const reply: ResponsesReplyOptions = {
    model: request.model,
    adjustments: context.adjustments,
    request: asked,
    speaksCodex: speaksCodex(context.headers),
  };
  const sent = withoutFields(request, ownFields);
  const parsed: ParsedRequest<ResponsesReplyOptions> = { request: sent, stream, reply };
  const end = readEnd(fields, endFields, context);
  if (end !== undefined) parsed.end = end;
  const { recalled } = context;
  if (recalled === undefined) return parsed;
  const keep = request.store !== false;
  reply.store = keep;
  return { ...parsed, request: withRecalled(sent, recalled), keep };
}

/** What is sent: the whole conversation, without the fields that we have seen to ourselves. */
function withRecalled(request: ResponsesRequest, recalled: Recalled): ResponsesRequest {
  const { previous_response_id: previousId, store } = request;
  if (previousId === undefined && store === undefined && recalled.items.size === 0) return request;
  const input = [...recalled.earlier, ...resolveReferences(request.input, recalled)];
  const whole: ResponsesRequest = { ...request, input };
  delete whole.previous_response_id;
  delete whole.store;
  return whole;
}
