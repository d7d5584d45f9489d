import type { RequestContext } from "../../canonical/context.js";
import type { ParsedRequest } from "../dialect.js";
import { parseResponsesBody } from "../parse-responses-body.js";
import { readBody, readBoolean } from "../read-fields.js";

/** A Responses API request as a canonical request. Throws `request_invalid` with `param`. */
export function parseResponsesRequest(body: unknown, context: RequestContext): ParsedRequest {
  const fields = readBody(body);
  const request = parseResponsesBody(fields, context);
  const stream = readBoolean(fields.stream, "stream") ?? false;
  const reply = { model: request.model, includeUsage: true, adjustments: context.adjustments, request };
  return { request, stream, reply };
}
