import type { Adjustment } from "../../canonical/context.js";
import type { ResponsesRequest } from "../../canonical/request.js";
import type { ReplyOptions } from "../dialect.js";

/** What Responses answers depend on beside the options of every dialect. */
export interface ResponsesReplyOptions extends ReplyOptions {
  /** Whether the caller knows what the backend says beyond the public API. Default false. */
  speaksCodex?: boolean;
  /**
   * What Responses answers echo of the canonical request. Without its input, which is nearly all of its size: it is kept
   * for as long as the answer streams.
   */
  request?: Omit<ResponsesRequest, "input">;
  /** What was changed about the request, which echoes what held. Encoders add what is found out after commit. */
  adjustments: Adjustment[];
  /** Whether the answer is kept, which it says. Default false. */
  store?: boolean;
}
