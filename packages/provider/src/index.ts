/**
 * What an app needs: a client, the dialects, and `exchange` between them. Withheld: the parts of the backend client and
 * of the dialects, which only make sense together.
 */
export { encodeAdjustments, maxAdjustedLength } from "./adjusted-header.js";
export type {
  AnswerFacts,
  AnswerHead,
  Backend,
  BackendRequest,
  FoldedResponse,
  OpenOptions,
  ResponseStream,
  ResponseTransform,
} from "./backend/backend.js";
export type { Circuit, CircuitOptions } from "./backend/circuit.js";
export { codexProtocolVersion, type Identity } from "./backend/headers.js";
export type { ImageAnswer, ImageRequest } from "./backend/images.js";
export type { LimitUsage, PlanUsage } from "./backend/plan-usage.js";
export type { Credits, RateLimits, RateLimitWindow } from "./backend/usage.js";
export type { SpendLimit } from "./backend/usage-report.js";
export type { Adjustment, ReasoningStyle, RequestContext } from "./canonical/context.js";
export {
  createEvent,
  type EventData,
  type OutputItem,
  ResponseEvent,
  type ResponseObject,
  type Usage,
} from "./canonical/events.js";
export { foldResponse } from "./canonical/fold.js";
export type { ContentPart, InputItem, MessageItem, ResponsesRequest, Tool } from "./canonical/request.js";
export { clientOptionsFrom, type GivenClientOptions, parseMode, parseSwitch } from "./client-options.js";
export { type CodexClient, type CodexClientOptions, createCodexClient, defaultBaseUrl } from "./create-client.js";
export type { Dialect, ParsedRequest, ReplyOptions, StreamEncoder } from "./dialects/dialect.js";
export { chatDialect, completionsDialect, responsesDialect } from "./dialects/index.js";
export { answerStored, type StoredAction, type StoredRequest } from "./dialects/responses/answer-stored.js";
export {
  type ExchangeClient,
  type ExchangeHooks,
  type ExchangeRequest,
  exchange,
  type Outcome,
} from "./exchange.js";
export { errorReply, type Reply } from "./reply.js";
export {
  createMemoryStore,
  defaultStoreAgeMs,
  defaultStoreBytes,
  type MemoryStore,
  type MemoryStoreOptions,
} from "./responses-store/memory-store.js";
export type { ResponseStore, StoredResponse, StoredTurn } from "./responses-store/store.js";
export { defaultTimeLimits, type TimeLimits } from "./time-limits.js";
