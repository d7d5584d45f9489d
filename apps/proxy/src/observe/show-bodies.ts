import type { Reply } from "@codex/provider";
import type { Log } from "./log.js";
import { redact } from "./redact.js";
import type { RequestRecord } from "./request-record.js";

/** Longest text of a body that is logged, in letters. */
const maxLength = 16_384;

/** For those who look for a fault: logs bodies at level `debug`, secrets blotted out. At any other it costs a comparison. */
export interface BodyLog {
  request(record: RequestRecord, text: string): void;
  /** @returns the reply to send in place of the one that is given */
  reply(record: RequestRecord, reply: Reply): Reply;
}

export function createBodyLog(log: Log): BodyLog {
  const show = (id: string, what: string, text: string) => {
    const cut = text.length > maxLength ? `${text.slice(0, maxLength)}... ${text.length} letters` : text;
    log.write(what, "debug", { request_id: id, body: redact(cut) });
  };
  return {
    request({ id }, text) {
      if (log.isOn("debug")) show(id, "request body", text);
    },
    reply({ id }, reply) {
      if (!log.isOn("debug")) return reply;
      const showAnswer = (text: string) => show(id, "answer body", text);
      if (typeof reply.body !== "string") return { ...reply, body: showStream(reply.body, showAnswer) };
      showAnswer(reply.body);
      return reply;
    },
  };
}

/** Passes a stream on, and shows what was sent of it when it ends, however it ends. */
async function* showStream(body: AsyncIterable<string>, show: (text: string) => void) {
  let seen = "";
  try {
    for await (const text of body) {
      if (seen.length <= maxLength) seen += text;
      yield text;
    }
  } finally {
    show(seen);
  }
}
