import type { ResponseObject } from "../../canonical/events.js";
import type { ReplyOptions } from "../dialect.js";
import { createResponseCompleter } from "./response-object.js";

/** The plain answer: the folded response with every field of the public API. There is one choice in this dialect. */
export function encodeResponsesFinal(responses: ResponseObject[], reply: ReplyOptions): object {
  return createResponseCompleter(reply)(responses[0] ?? {});
}
