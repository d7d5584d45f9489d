import type { Context, Exchange } from "../context.js";
import type { Fault } from "../faults.js";
import { type PlainReply, sendReply } from "../http/reply.js";
import { cutConnection, sleep } from "../responses/send.js";
import { namedError } from "./errors.js";

/** The answer that a fault puts in the place of the real one, if it does. */
export function faultReply(fault: Fault, context: Context, exchange: Exchange): PlainReply | undefined {
  const known = { now: Math.floor(context.now() / 1000), plan: (exchange.account ?? context.account).plan };
  const named = fault.error === undefined ? undefined : namedError(fault.error, known);
  if (!named && fault.status === undefined) return undefined;
  const status = fault.status ?? named?.status ?? 500;
  const body = fault.body ?? named?.body;
  return { status, ...(body === undefined ? {} : { body }), headers: { ...named?.headers, ...fault.headers } };
}

/** Does what a fault wants before any answer: silence, a cut, another answer. True when the request is done with. */
export async function answerFault(fault: Fault, context: Context, exchange: Exchange): Promise<boolean> {
  const { response, signal } = exchange;
  if (fault.stall === "before-headers") {
    await sleep(fault.stallMs ?? Number.POSITIVE_INFINITY, signal);
    if (signal.aborted) return true;
  }
  if (fault.cut === "before-headers") {
    cutConnection(response, fault);
    return true;
  }
  const reply = faultReply(fault, context, exchange);
  if (reply) sendReply(response, reply);
  return reply !== undefined;
}

/** Sends a plain answer with what a fault does to its bytes: another content type, a cut, a stall, pieces, garbage. */
export async function sendWithFault(reply: PlainReply, fault: Fault | undefined, exchange: Exchange): Promise<void> {
  const { response, signal } = exchange;
  if (!fault) return sendReply(response, reply);
  const text = fault.garbage ? "<!doctype html><p>not JSON" : JSON.stringify(reply.body ?? null);
  response.writeHead(reply.status, {
    "content-type": fault.contentType ?? "application/json",
    "content-length": Buffer.byteLength(text),
    ...reply.headers,
  });
  response.flushHeaders();
  const half = text.slice(0, Math.ceil(text.length / 2));
  if (fault.stall !== undefined) await sleep(fault.stallMs ?? Number.POSITIVE_INFINITY, signal);
  if (signal.aborted) return;
  if (fault.cut !== undefined) {
    response.write(fault.cut === "after-headers" ? "" : half, () => cutConnection(response, fault));
    return;
  }
  if (fault.split === undefined) {
    response.end(text);
    return;
  }
  for (let start = 0; start < text.length && !signal.aborted; start += fault.split) {
    await new Promise<void>((done) => response.write(text.slice(start, start + (fault.split ?? 1)), () => done()));
  }
  response.end();
}
