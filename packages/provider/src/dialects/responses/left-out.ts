import { adjust } from "../../canonical/context.js";
import type { LeftOutItem } from "../../canonical/events.js";
import type { ResponsesReplyOptions } from "./reply-options.js";

/** Notes the items that the public API does not know, for whoever keeps the answer and for the log. */
export function noteLeftOut(reply: ResponsesReplyOptions, leftOut: readonly LeftOutItem[]): void {
  reply.leftOut = leftOut;
  for (const { index, item } of leftOut) {
    const detail = `${item.type.slice(0, 64)} is no item of the public API`;
    adjust(reply, { field: `output[${index}]`, action: "dropped", detail });
  }
}
