import type { Dispatcher } from "undici";

/** Above this many unread bytes the socket is paused; below it, it runs on. 256 KiB is about a thousand events. */
const highWaterBytes = 256 * 1024;

/**
 * A response body as an async iterator of batches: the chunks that arrived in one turn of the event loop come out
 * together. Written by hand, since an async generator's `return()` waits behind a pending `next()` and could not
 * cancel a silent stream.
 */
export class BodyReader implements AsyncIterableIterator<Uint8Array[]> {
  /** Called once, when the body has ended, failed or been given up. */
  onSettled: () => void = () => {};

  #controller: Dispatcher.DispatchController | undefined;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #paused = false;
  #state: "open" | "ended" | "failed" | "cancelled" = "open";
  #error: unknown;
  #waiting: Waiting | undefined;
  #wakeScheduled = false;

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array[]>> {
    if (this.#queue.length > 0) return Promise.resolve({ value: this.#take(), done: false });
    if (this.#state === "failed") return Promise.reject(this.#error);
    if (this.#state !== "open") return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** A consumer's `break`: the request is given up and its connection closed. */
  return(): Promise<IteratorResult<Uint8Array[]>> {
    this.#giveUp("cancelled", undefined);
    return Promise.resolve({ value: undefined, done: true });
  }

  /** The caller's abort: a pending read rejects at once, what is still queued is dropped. */
  abort(reason: unknown): void {
    this.#giveUp("failed", reason);
  }

  /** Called by the transport when the request is on a connection; an abort that came earlier is passed on now. */
  attach(controller: Dispatcher.DispatchController): void {
    if (this.#state === "open") this.#controller = controller;
    else controller.abort(cancelled());
  }

  push(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (!this.#paused && this.#queuedBytes > highWaterBytes) {
      this.#paused = true;
      this.#controller?.pause();
    }
    this.#scheduleWake();
  }

  end(): void {
    this.#settle("ended", undefined);
  }

  fail(error: unknown): void {
    this.#settle("failed", error);
  }

  #settle(state: "ended" | "failed", error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = state;
    this.#error = error;
    // It holds the request, body included, and an error may hold this reader for long.
    this.#controller = undefined;
    this.#scheduleWake();
    this.onSettled();
  }

  #giveUp(state: "failed" | "cancelled", error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = state;
    this.#error = error;
    this.#queue = [];
    this.#wake();
    this.onSettled();
    this.#controller?.abort(cancelled());
    this.#controller = undefined;
  }

  /** On the next tick, when the parser has worked through the whole socket read: what it found then leaves in one batch. */
  #scheduleWake(): void {
    if (this.#wakeScheduled || this.#waiting === undefined) return;
    this.#wakeScheduled = true;
    process.nextTick(() => {
      this.#wakeScheduled = false;
      this.#wake();
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (this.#queue.length > 0) waiting.resolve({ value: this.#take(), done: false });
    else if (this.#state === "failed") waiting.reject(this.#error);
    else if (this.#state !== "open") waiting.resolve({ value: undefined, done: true });
    else return;
    this.#waiting = undefined;
  }

  #take(): Uint8Array[] {
    const batch = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    if (this.#paused) {
      this.#paused = false;
      // Not from inside the consumer's call: resuming may parse the next read at once.
      process.nextTick(() => this.#state === "open" && this.#controller?.resume());
    }
    return batch;
  }
}

interface Waiting {
  resolve: (result: IteratorResult<Uint8Array[]>) => void;
  reject: (reason: unknown) => void;
}

function cancelled(): Error {
  return new DOMException("The request was given up.", "AbortError");
}
