import type { ResponseObject } from "../../canonical/events.js";
import { isPublicItem } from "../../canonical/public-api.js";
import { noteLeftOut } from "./left-out.js";
import type { ResponsesReplyOptions } from "./reply-options.js";
import { createResponseCompleter } from "./response-object.js";

/** The plain answer: the folded response with every field of the public API. There is one choice in this dialect. */
export function encodeResponsesFinal(responses: ResponseObject[], reply: ResponsesReplyOptions): object {
  const response = responses[0] ?? {};
  const complete = createResponseCompleter(reply);
  const { output = [] } = response;
  if (reply.speaksCodex || output.every(isPublicItem)) return complete(response);
  const leftOut = output.flatMap((item, index) => (isPublicItem(item) ? [] : { index, item }));
  noteLeftOut(reply, leftOut);
  return complete(response, output.filter(isPublicItem));
}
