import { CodexError } from "@codex/errors";

/** Error codes of Node and undici that mean: no connection was made, so nothing was asked yet. */
const connectCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_SOCKET",
]);

const timeoutCodes: ReadonlySet<string> = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** Names what went wrong below HTTP. `answered` tells whether the headers had come: after them it is a broken stream. */
export function toTransportError(error: unknown, at: { origin: string; answered: boolean }): CodexError {
  const code = findCode(error);
  if (timeoutCodes.has(code)) {
    const what = at.answered ? "fell silent in the middle of its answer" : "did not begin to answer in time";
    return new CodexError("upstream_timeout", `The backend at ${at.origin} ${what}. Try again.`, { cause: error });
  }
  if (at.answered) {
    return new CodexError("stream_interrupted", `The backend's answer broke off (${code}). Try again.`, {
      cause: error,
    });
  }
  const status = findTunnelStatus(error);
  if (status !== undefined) return tunnelError(status, at.origin, error);
  const known = connectCodes.has(code);
  const advice = known ? "Check the network and try again." : "Check the URL, the certificates and the proxy settings.";
  return new CodexError("upstream_unreachable", `The backend at ${at.origin} cannot be reached (${code}). ${advice}`, {
    cause: error,
    retryable: known,
  });
}

/** The status of a proxy that opens no way to the backend; only undici's words tell it. */
function findTunnelStatus(error: unknown): number | undefined {
  for (let e = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    const status = /^Proxy response \((\d{3})\)/.exec(e.message)?.[1];
    if (status !== undefined) return Number(status);
  }
  return undefined;
}

function tunnelError(status: number, origin: string, cause: unknown): CodexError {
  const retryable = status >= 500 || status === 429;
  const advice =
    status === 407
      ? "It asks for a name and a password: put them into the variable, as in http://name:password@host:port."
      : retryable
        ? "Try again, or ask whoever runs it."
        : "Ask whoever runs it, or name the backend's host in NO_PROXY.";
  const message = `The proxy that HTTPS_PROXY or HTTP_PROXY names answered ${status}, so the backend at ${origin} cannot be reached. ${advice}`;
  return new CodexError("upstream_unreachable", message, { cause, retryable });
}

/** The first code along the causes; happy-eyeballs failures come as an AggregateError of several. */
function findCode(error: unknown): string {
  for (let e = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    if ("code" in e && typeof e.code === "string") return e.code;
    if (e instanceof AggregateError && e.errors.length > 0) return findCode(e.errors[0]);
  }
  return error instanceof Error ? error.name : "unknown";
}
