/** How long anything may take, in milliseconds. There is no limit on a whole answer. */
export interface TimeLimits {
  /** To open a connection to the backend, TLS included. */
  connectMs: number;
  /** From the request's last byte to the headers of the answer. */
  headersMs: number;
  /** From those headers to the first event. */
  firstEventMs: number;
  /** The longest silence of the backend within an answer. */
  idleMs: number;
  /**
   * How long a streamed answer without output is held back before we commit to it: clients and tunnels give up on a silent
   * request.
   */
  patienceMs: number;
  /** A sign of life goes to the caller after this much silence, since tunnels and clients close silent connections. */
  keepAliveMs: number;
}

export const defaultTimeLimits: Readonly<TimeLimits> = {
  connectMs: 10_000,
  headersMs: 60_000,
  firstEventMs: 60_000,
  idleMs: 300_000,
  patienceMs: 12_000,
  keepAliveMs: 15_000,
};
