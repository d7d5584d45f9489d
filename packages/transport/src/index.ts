/** `BodyReader` stays inside: a transport is used by its three functions. */
export { type BackoffOptions, backoffDelay, delay, parseRetryAfter } from "./backoff.js";
export type { EnvironmentProxy } from "./dispatcher.js";
export { toTransportError } from "./failure.js";
export { createFetchTransport, type FetchTransportOptions } from "./fetch-transport.js";
export {
  createTransport,
  type PostRequest,
  readText,
  type Transport,
  type TransportOptions,
} from "./http.js";
export type { TransportResponse } from "./response-handler.js";
export { createSseParser, maxEventLength, readEvents, type SseEvent, type SseParser } from "./sse.js";
