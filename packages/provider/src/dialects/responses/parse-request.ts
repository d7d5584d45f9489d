import type { Recalled, RequestContext } from "../../canonical/context.js";
import type { InputItem, ResponsesRequest } from "../../canonical/request.js";
import type { ParsedRequest, ReplyOptions } from "../dialect.js";
import { parseResponsesBody } from "../parse-responses-body.js";
import { type Fields, readBody, readBoolean } from "../read-fields.js";

/**
 * A Responses API request as a canonical request. Where answers are kept, what it refers to is put in its place: the
 * conversation up to `previous_response_id` before its own input, items for `item_reference`s. Instructions, tools and
 * settings of earlier turns are not carried over, as in OpenAI's API. Throws `request_invalid` with `param`.
 */
export function parseResponsesRequest(body: unknown, context: RequestContext): ParsedRequest {
  const fields = readBody(body);
  const request = parseResponsesBody(fields, context);
  const stream = readBoolean(fields.stream, "stream") ?? false;
  const reply: ReplyOptions = { model: request.model, includeUsage: true, adjustments: context.adjustments, request };
  const { recalled } = context;
  if (recalled === undefined) return { request, stream, reply };
  const parsed: ParsedRequest = { request: withRecalled(request, recalled), stream, reply };
  if (request.store === false) return parsed;
  reply.store = true;
  parsed.keep = resolveItems(ownInput(request, fields), recalled);
  return parsed;
}

/** What is sent: the whole conversation, without the fields that we have seen to ourselves. */
function withRecalled(request: ResponsesRequest, recalled: Recalled): ResponsesRequest {
  const { previous_response_id: previousId, store } = request;
  if (previousId === undefined && store === undefined && recalled.items.size === 0) return request;
  const input = [...recalled.earlier, ...resolveItems(request.input, recalled)];
  const whole: ResponsesRequest = { ...request, input };
  delete whole.previous_response_id;
  delete whole.store;
  return whole;
}

function resolveItems(input: readonly InputItem[], { items }: Recalled): readonly InputItem[] {
  if (items.size === 0) return input;
  return input.map((item) => (item.type === "item_reference" ? (items.get(String(item.id)) ?? item) : item));
}

/** What the caller itself has sent: parsing may have added a message behind it. */
function ownInput(request: ResponsesRequest, { input }: Fields): InputItem[] {
  const count = Array.isArray(input) ? input.length : typeof input === "string" && input !== "" ? 1 : 0;
  return request.input.slice(0, count);
}
