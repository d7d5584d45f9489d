import type { Reply } from "@codex/provider";
import type { Log } from "./log.js";
import { redact } from "./redact.js";
import type { RequestRecord } from "./request-record.js";

/** Longest text of a body that is logged, in letters. */
const maxLength = 16_384;

/**
 * For those who look for a fault: logs the bodies of a request and of its answer at level `debug`, secrets blotted out.
 * At any other level it costs one comparison.
 */
export function createBodyLog(log: Log): (record: RequestRecord, body: Buffer, reply: Reply) => Reply {
  return ({ id }, body, reply) => {
    if (!log.isOn("debug")) return reply;
    const show = (what: string, text: string) => {
      const cut = text.length > maxLength ? `${text.slice(0, maxLength)}... ${text.length} letters` : text;
      log.write(what, "debug", { request_id: id, body: redact(cut) });
    };
    show("request body", body.toString("utf8"));
    if (typeof reply.body !== "string") return { ...reply, body: showStream(reply.body, show) };
    show("answer body", reply.body);
    return reply;
  };
}

/** Passes a stream on, and shows what was sent of it when it ends, however it ends. */
async function* showStream(body: AsyncIterable<string>, show: (what: string, text: string) => void) {
  let seen = "";
  try {
    for await (const text of body) {
      if (seen.length <= maxLength) seen += text;
      yield text;
    }
  } finally {
    show("answer body", seen);
  }
}
