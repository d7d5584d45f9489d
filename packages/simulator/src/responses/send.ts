import type { ServerResponse } from "node:http";
import type { Fault, FaultPoint } from "../faults.js";
import { type Compressor, createCompressor, type Encoding } from "../http/compress.js";

export interface SendOptions {
  status: number;
  headers: Record<string, string>;
  events: readonly string[];
  fault: Fault | undefined;
  /** How the stream is compressed; default: not at all. */
  encoding?: Encoding | undefined;
  /** Changes each event at the moment when it goes out. */
  stamp?: ((event: string) => string) | undefined;
  /** Before each event, in milliseconds. */
  delayMs: number;
  /** Aborts when the client has gone or the simulator closes. */
  signal: AbortSignal;
  /** Called after each write with the number of events sent so far. */
  onSent: (count: number) => void;
}

/** About how much is gathered for one write, where nothing asks for single events. */
const writeBytes = 64 * 1024;

/** Sends a stream of events, with whatever the fault does to it. Resolves when all is sent or the client has gone. */
export async function sendEvents(response: ServerResponse, options: SendOptions): Promise<void> {
  const { fault, events, signal } = options;
  if (await stopAt("before-headers", response, options)) return;
  if (options.encoding !== undefined) compressors.set(response, createCompressor(options.encoding));
  response.writeHead(options.status, {
    "content-type": fault?.contentType ?? "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    ...(options.encoding === undefined ? {} : { "content-encoding": options.encoding }),
    ...options.headers,
  });
  const delayMs = fault?.slowMs ?? options.delayMs;
  const stopsLater = fault?.cut !== undefined || fault?.stall !== undefined;
  if (delayMs > 0 || stopsLater || fault?.split !== undefined) response.flushHeaders();
  if (await stopAt("after-headers", response, options)) return;
  if (delayMs === 0 && !stopsLater && fault?.split === undefined) await sendGathered(response, options);
  else {
    for (let i = 0; i <= events.length; i++) {
      if (await stopAt(i, response, options)) return;
      const event = events[i];
      if (event === undefined) break;
      if (delayMs > 0) await sleep(delayMs, signal);
      if (signal.aborted) return;
      await write(response, options.stamp?.(event) ?? event, fault?.split, signal);
      options.onSent(i + 1);
    }
  }
  if (!signal.aborted) response.end(await compressors.get(response)?.end());
}

const compressors = new WeakMap<ServerResponse, Compressor>();

async function sendGathered(response: ServerResponse, { events, stamp, signal, onSent }: SendOptions): Promise<void> {
  let batch = "";
  for (const [i, event] of events.entries()) {
    batch += stamp?.(event) ?? event;
    if (batch.length < writeBytes && i < events.length - 1) continue;
    await write(response, batch, undefined, signal);
    onSent(i + 1);
    if (signal.aborted) return;
    batch = "";
  }
}

/** Does what the fault wants done at this point. True when the stream is over. */
async function stopAt(point: FaultPoint, response: ServerResponse, options: SendOptions): Promise<boolean> {
  const { fault, signal } = options;
  if (fault?.stall === point) {
    await sleep(fault.stallMs ?? Number.POSITIVE_INFINITY, signal);
    if (signal.aborted) return true;
  }
  if (fault?.cut !== point) return false;
  if (typeof point === "number" && fault.midEvent) {
    const next = options.events[point] ?? "";
    await write(response, next.slice(0, Math.ceil(next.length / 2)), fault.split, signal);
  }
  cutConnection(response, fault);
  return true;
}

/** A reset overtakes bytes that the client has not read: it is sent when those before it have had time to be. */
const resetDelayMs = 25;

const cutHere = new WeakSet<ServerResponse>();

/** Whether the simulator itself cut the connection of this answer. */
export function wasCut(response: ServerResponse): boolean {
  return cutHere.has(response);
}

/** Ends a connection in the way that the fault asks for: reset, properly ended, or closed in the middle. */
export function cutConnection(response: ServerResponse, fault: Fault): void {
  const { socket } = response;
  cutHere.add(response);
  if (fault.endProperly && response.headersSent) response.end();
  else if (fault.reset && socket) setTimeout(() => socket.resetAndDestroy(), response.headersSent ? resetDelayMs : 0);
  else if (socket) socket.end(() => socket.destroy());
}

async function write(
  response: ServerResponse,
  text: string,
  split: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const compressor = compressors.get(response);
  const bytes = compressor === undefined ? Buffer.from(text) : await compressor.compress(Buffer.from(text));
  if (split === undefined) {
    if (!response.write(bytes)) await drained(response, signal);
    return;
  }
  for (let start = 0; start < bytes.length && !signal.aborted; start += split) {
    await new Promise<void>((done) => response.write(bytes.subarray(start, start + split), () => done()));
  }
}

function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      response.off("drain", finish);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    response.once("drain", finish);
    signal.addEventListener("abort", finish, { once: true });
  });
}

/** Waits; resolves early when the signal aborts. Infinity waits for the signal alone. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = Number.isFinite(ms) ? setTimeout(finish, ms) : undefined;
    signal.addEventListener("abort", finish, { once: true });
  });
}
