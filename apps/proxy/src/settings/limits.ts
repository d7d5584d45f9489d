/** How much callers may take of the proxy, and for how long. */
export interface ProxyLimits {
  /** Of a body, before and after decompression. Default 64 MiB: some twenty photos in base64. */
  maxBodyBytes: number;
  /** Of all bodies together that are being read or asked with, after decompression. Default 256 MiB. */
  bodyBudgetBytes: number;
  /** Of all headers of a request together. Default 16 KiB. */
  maxHeaderBytes: number;
  /** Until the headers of a request are there. Default 30,000. */
  headerTimeoutMs: number;
  /** Until all of a request is there. Default 300,000. */
  bodyTimeoutMs: number;
  /** Bytes a second, below which a body is given up; looked at every 10 s. Default 1024; 0 for none. */
  minBodyRate: number;
  /** Bodies at a time that take longer than 2 s to come; a quarter of them for one key or address. Default 256. */
  maxSlowUploads: number;
  /** Requests that go to the backend at a time. Default 1024. */
  maxRequests: number;
  /** The same for one key. Default 256. Callers without a key only count together. */
  maxRequestsPerKey: number;
  /** How many more may wait for a place. Default 256. */
  queueSize: number;
  /** How long they do. Default 10,000. */
  queueTimeoutMs: number;
  /** How long a caller may take nothing of an answer that waits for it. Default 600,000. */
  readTimeoutMs: number;
  /** How long running answers may go on after a stop. Default 30,000. */
  drainMs: number;
}

export const defaultLimits: Readonly<ProxyLimits> = {
  maxBodyBytes: 64 * 1024 * 1024,
  bodyBudgetBytes: 256 * 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  headerTimeoutMs: 30_000,
  bodyTimeoutMs: 300_000,
  minBodyRate: 1024,
  maxSlowUploads: 256,
  maxRequests: 1024,
  maxRequestsPerKey: 256,
  queueSize: 256,
  queueTimeoutMs: 10_000,
  readTimeoutMs: 600_000,
  drainMs: 30_000,
};
