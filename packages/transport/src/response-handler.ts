import type { Dispatcher } from "undici";
import { BodyReader } from "./body-reader.js";
import { toTransportError } from "./failure.js";

export interface TransportResponse {
  status: number;
  /** Header names in lower case; repeated headers joined by a comma. */
  headers: Record<string, string>;
  /** All pieces of one socket read together, so that a reader can work a batch at a time. Ends early on `break`. */
  body: AsyncIterable<Uint8Array[]>;
}

export interface Settle {
  resolve: (response: TransportResponse) => void;
  reject: (reason: unknown) => void;
}

/**
 * Follows one request through undici's dispatcher: settles at the headers, then feeds the body. undici keeps it for as
 * long as the body runs, which may be minutes, so it lets go of all that nobody asks for any more: a thousand streams
 * took 15 MiB for headers that had long been read.
 */
export class ResponseHandler implements Dispatcher.DispatchHandler {
  readonly #body = new BodyReader();
  readonly #origin: string;
  readonly #signal: AbortSignal;
  /** Until the headers are there, or it is clear that none will come. */
  #settle: Settle | undefined;

  constructor(origin: string, signal: AbortSignal, settle: Settle) {
    this.#origin = origin;
    this.#signal = signal;
    this.#settle = settle;
    signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#body.onSettled = () => signal.removeEventListener("abort", this.#onAbort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#body.attach(controller);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // Each raw header is a buffer of its own, on top of the piece of the socket that they are cut from.
    controller.rawHeaders = null;
    if (status < 200) return;
    this.#settle?.resolve({ status, headers: flattenHeaders(headers), body: this.#body });
    this.#settle = undefined;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#body.push(chunk);
  }

  onResponseEnd(): void {
    this.#body.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const answered = this.#settle === undefined;
    this.#fail(
      this.#signal.aborted ? this.#signal.reason : toTransportError(error, { origin: this.#origin, answered }),
    );
  }

  readonly #onAbort = (): void => {
    this.#body.abort(this.#signal.reason);
    this.#settle?.reject(this.#signal.reason);
    this.#settle = undefined;
  };

  #fail(failure: unknown): void {
    this.#body.fail(failure);
    this.#settle?.reject(failure);
    this.#settle = undefined;
  }
}

function flattenHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === "string" ? value : value.join(", ");
  }
  return flat;
}
