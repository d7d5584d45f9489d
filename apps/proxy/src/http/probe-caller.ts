import type { ServerResponse } from "node:http";
import { writeComment } from "./write-reply.js";

/** How long after the last word the next one follows, in milliseconds; then every `restMs`. */
const delaysMs = [10, 50, 250, 1000];
const restMs = 5000;

/**
 * For a caller that has ended its side of the connection before its answer is complete. It may be waiting for the answer
 * (`nc`, and clients that shut down what they have written to the end), or be gone, which looks just the same until something
 * is written: then the system of one that is gone refuses it, and the write after that fails, which closes the response. So
 * it is told what means nothing: `100 Continue` before an answer, which any client of HTTP/1.1 skips, a comment in a stream.
 */
export function probeCaller(response: ServerResponse): void {
  let times = 0;
  let timer: NodeJS.Timeout | undefined;
  const probe = () => {
    if (response.destroyed || response.writableEnded) return;
    if (response.headersSent) writeComment(response);
    else if (response.req.httpVersionMinor > 0) response.writeContinue();
    timer = setTimeout(probe, delaysMs[times++] ?? restMs).unref();
  };
  response.on("close", () => clearTimeout(timer));
  probe();
}
