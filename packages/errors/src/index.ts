/**
 * One error family for the whole house. A `code` says what happened, the status follows from one table,
 * and `retryable` is decided where the status is known, never guessed later from a message.
 */

/** What went wrong, each with the HTTP status that a caller sees. `upstream_rejected` takes the backend's own status. */
export const statusByCode = {
  request_invalid: 400,
  context_length_exceeded: 400,
  content_policy: 400,
  previous_response_not_found: 400,
  proxy_key_invalid: 401,
  auth_missing: 401,
  auth_expired: 401,
  auth_changed: 401,
  payment_required: 402,
  forbidden: 403,
  model_not_found: 404,
  not_found: 404,
  response_not_found: 404,
  method_not_allowed: 405,
  too_large: 413,
  media_type_unsupported: 415,
  rate_limited: 429,
  usage_limit_reached: 429,
  busy: 429,
  aborted: 499,
  internal: 500,
  upstream_rejected: 502,
  upstream_unreachable: 502,
  stream_interrupted: 502,
  upstream_overloaded: 503,
  circuit_open: 503,
  upstream_timeout: 504,
} as const;

export type CodexErrorCode = keyof typeof statusByCode;

/** Codes for which the same request may succeed a moment later. */
const retryableCodes: ReadonlySet<CodexErrorCode> = new Set([
  "rate_limited",
  "busy",
  "upstream_unreachable",
  "stream_interrupted",
  "upstream_overloaded",
  "circuit_open",
  "upstream_timeout",
]);

export interface CodexErrorOptions {
  /** HTTP status; default: the one of the code in `statusByCode`. */
  status?: number;
  /** Whether the same request may succeed later; default: by code. */
  retryable?: boolean;
  /** The request field that is at fault, in the caller's own spelling, e.g. `messages[2].role`. */
  param?: string;
  /** How long to wait before another try, in milliseconds, where that is known. */
  retryAfterMs?: number;
  /** When a usage limit ends, in Unix seconds. */
  resetsAt?: number;
  cause?: unknown;
}

/** An error whose message says what happened and what to do next. It never holds a token. */
export class CodexError extends Error {
  override readonly name: string = "CodexError";
  readonly code: CodexErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly resetsAt: number | undefined;
  /**
   * Whether it has been tried again here as often as is of use: one more try of the caller's would be some more of ours. Set
   * by whoever has tried. Default false.
   */
  triesSpent = false;

  constructor(code: CodexErrorCode, message: string, options: CodexErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? statusByCode[code];
    this.retryable = options.retryable ?? retryableCodes.has(code);
    this.param = options.param;
    this.retryAfterMs = options.retryAfterMs;
    this.resetsAt = options.resetsAt;
  }
}

export interface UpstreamErrorOptions extends CodexErrorOptions {
  /** The status that the backend answered with; absent when the failure came inside a stream. */
  upstreamStatus?: number;
  /** The backend's own code, e.g. `server_is_overloaded`. */
  upstreamCode?: string;
  /** The backend's body, parsed where it was JSON, cut to 4 kB where it was text. */
  body?: unknown;
  /** The backend's `x-request-id`. */
  requestId?: string;
  /** What the backend said of its limits: its `x-codex-*` headers, names in lower case. Default: none. */
  limitHeaders?: Readonly<Record<string, string>>;
}

/** A failure that the backend told us of: it keeps what the backend said beside our own code. */
export class UpstreamError extends CodexError {
  override readonly name = "UpstreamError";
  readonly upstreamStatus: number | undefined;
  readonly upstreamCode: string | undefined;
  readonly body: unknown;
  readonly requestId: string | undefined;
  readonly limitHeaders: Readonly<Record<string, string>>;

  constructor(code: CodexErrorCode, message: string, options: UpstreamErrorOptions = {}) {
    super(code, message, options);
    this.upstreamStatus = options.upstreamStatus;
    this.upstreamCode = options.upstreamCode;
    this.body = options.body;
    this.requestId = options.requestId;
    this.limitHeaders = options.limitHeaders ?? {};
  }
}

/** Whether a thrown value is a failure that the backend told us of. By shape, so that two copies of this package agree. */
export function isUpstreamError(value: unknown): value is UpstreamError {
  return value instanceof UpstreamError || (isCodexError(value) && value.name === "UpstreamError");
}

/** Whether a thrown value is of this family. By shape, so that two copies of this package agree. */
export function isCodexError(value: unknown): value is CodexError {
  return (
    value instanceof CodexError ||
    (value instanceof Error &&
      "code" in value &&
      typeof value.code === "string" &&
      value.code in statusByCode &&
      "retryable" in value)
  );
}

/**
 * Turns anything thrown into a CodexError: one of ours as it is, an abort into `aborted`, the rest into `internal`.
 * The message of a foreign error is kept as the cause, not shown: it may hold what a caller must not see.
 */
export function toCodexError(value: unknown): CodexError {
  if (isCodexError(value)) return value;
  if (value instanceof Error && value.name === "AbortError") {
    return new CodexError("aborted", "The request was cancelled by the caller.", { cause: value });
  }
  return new CodexError("internal", "Something failed inside this program. Its log has the cause.", { cause: value });
}

/**
 * The error, fit to be kept: V8 makes the text of a stack when it is first read, and until then an error holds the objects
 * whose methods were running, a large request among them. What caused it is seen to as well.
 */
export function withoutFrames<E>(error: E): E {
  for (let part: unknown = error, depth = 0; part instanceof Error && depth < maxCauses; part = part.cause, depth++) {
    void part.stack;
  }
  return error;
}

/** Causes that are looked at: a chain may be a circle. */
const maxCauses = 8;
