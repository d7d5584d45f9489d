/** Thrown when a request did not end in an answer. `sent: false`: it never reached the issuer. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  readonly sent: boolean;
  readonly code: string | undefined;
  constructor(sent: boolean, code: string | undefined) {
    super(sent ? "The answer was lost." : "The issuer was not reached.");
    this.sent = sent;
    this.code = code;
  }
}

/** A request on its way: what both ways to send it need. */
export interface PostRequest {
  url: URL;
  headers: Record<string, string>;
  body: string;
  /** Ends the request, by the caller's wish or by time. */
  signal: AbortSignal;
  /** Given the bytes of a successful answer as they come, before anything else is done with them. */
  onBytes?: ((piece: Uint8Array) => void) | undefined;
}

/** What came back; without a body when the connection broke inside it. */
export interface RawAnswer {
  status: number;
  body: Uint8Array | undefined;
  /** Why there is no body, e.g. `ECONNRESET`. */
  code?: string | undefined;
}

/** Far above any answer of an issuer. */
export const maxAnswerBytes = 1_000_000;

/** Whether a status tells that a request was granted. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
