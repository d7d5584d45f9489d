import type { IncomingHttpHeaders } from "node:http";

/** One request as it came in. */
export interface ReceivedRequest {
  method: string;
  /** The path without the query. */
  path: string;
  /** The query's last value for each name. */
  query: Record<string, string>;
  /** Names in lower case. */
  headers: IncomingHttpHeaders;
  /** Parsed and decompressed; a string when it was neither JSON nor a form. */
  body: unknown;
  /** The account id of its bearer token, when that token is known here. */
  account?: string;
  /** Milliseconds since 1970 by the simulator's clock. */
  at: number;
  /** The status that it was answered with; absent while open, and when the connection was cut before. */
  status?: number;
  /** How many events of the stream have been written to its client. */
  eventsSent?: number;
  /** Whether it asked for a WebSocket. */
  upgrade?: boolean;
}

const maxKept = 2000;
const maxKeptBytes = 128 * 1024 * 1024;

/** The last requests, bounded in number (2000) and in bytes of their bodies (128 MiB): the oldest go first. */
export class RequestLog {
  readonly list: ReceivedRequest[] = [];
  #sizes: number[] = [];
  #bytes = 0;

  add(request: ReceivedRequest, bodyBytes: number): void {
    this.list.push(request);
    this.#sizes.push(bodyBytes);
    this.#bytes += bodyBytes;
    while (this.list.length > maxKept || (this.#bytes > maxKeptBytes && this.list.length > 1)) {
      this.list.shift();
      this.#bytes -= this.#sizes.shift() ?? 0;
    }
  }

  clear(): void {
    this.list.length = 0;
    this.#sizes = [];
    this.#bytes = 0;
  }
}
