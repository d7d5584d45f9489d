import type { AccessContext } from "@codex/auth";
import { CodexError } from "@codex/errors";
import { liteHeader } from "../canonical/caller.js";
import { sessionIdFor } from "./cache-key.js";

/** The generation of the Codex protocol that we speak: newer models are hidden from, and refused to, older ones. */
export const codexProtocolVersion = "0.171.0";

/** How we introduce ourselves to the backend. We say who we are and imitate no other program. */
export interface Identity {
  /** Default `codex-oauth`. */
  originator: string;
  /** Default `codex-oauth/<our version> (<platform>; <arch>)`. */
  userAgent: string;
  /** Default `codexProtocolVersion`. Sent as `version` and as `client_version`. */
  protocolVersion: string;
  /** More headers of every call, names in lower case; ours win. Default: none. */
  headers?: Readonly<Record<string, string>>;
}

/**
 * Headers of every call to the backend. Throws `request_invalid` for a login whose account id no header can carry: it would
 * fail as if the network did.
 */
export function accountHeaders(access: AccessContext, identity: Identity): Record<string, string> {
  const headers: Record<string, string> = {
    ...identity.headers,
    authorization: bearerOf(access),
    originator: identity.originator,
    "user-agent": identity.userAgent,
    version: identity.protocolVersion,
  };
  if (access.accountId !== undefined) {
    requireHeaderText(access.accountId, "chatgpt_account_id", "The account id of the login", "Log in again");
    headers["chatgpt-account-id"] = access.accountId;
  }
  if (access.isFedramp) headers["x-openai-fedramp"] = "true";
  return headers;
}

const bearers = new WeakMap<AccessContext, string>();

/** One string for all requests of a login: each holds its headers until its answer has ended, and tokens are long. */
function bearerOf(access: AccessContext): string {
  let bearer = bearers.get(access);
  if (bearer === undefined) {
    bearer = `Bearer ${access.accessToken}`;
    bearers.set(access, bearer);
  }
  return bearer;
}

export interface ResponsesHeadersInput {
  model: string;
  serviceTier: string | undefined;
  lite: boolean;
  /** The conversation: the caller's `x-codex-session`, else the prompt cache key. */
  session: string;
  requestId: string | undefined;
}

/**
 * Headers of `POST /responses`, as the Codex CLI 0.171 sends them, less what describes its own machine. Throws
 * `request_invalid` for a model or service tier that no header can carry.
 */
export function responsesHeaders(
  access: AccessContext,
  identity: Identity,
  input: ResponsesHeadersInput,
): Record<string, string> {
  const headers = accountHeaders(access, identity);
  const session = sessionIdFor(input.session);
  headers.accept = "text/event-stream";
  // Said, since a server may compress for whoever says nothing: events are small, and each would wait for its block.
  headers["accept-encoding"] = "identity";
  headers["content-type"] = "application/json";
  headers["session-id"] = session;
  headers["thread-id"] = session;
  headers["x-client-request-id"] = input.requestId === undefined ? session : sessionIdFor(input.requestId);
  requireHeaderText(input.model, "model", "The model's name", "Use the name of a model");
  if (input.serviceTier !== undefined) {
    requireHeaderText(input.serviceTier, "service_tier", "The service tier", "Use the name of a tier");
  }
  const tier = input.serviceTier === undefined ? "" : `;tier=${input.serviceTier}`;
  headers["x-codex-routing-hint"] = `model=${input.model}${tier}`;
  if (input.lite) headers[liteHeader] = "true";
  return headers;
}

const longestHeaderText = 256;

function requireHeaderText(value: string, param: string, what: string, next: string): void {
  if (value.length <= longestHeaderText && /^[\x20-\x7e]*$/.test(value)) return;
  const why =
    value.length > longestHeaderText ? `is longer than ${longestHeaderText} characters` : "is not plain ASCII";
  throw new CodexError("request_invalid", `${what} ${why}, so it can't be sent to the backend. ${next}.`, { param });
}

/** What of an answer's headers is about the plan's limits, and meant for callers: a token for routing is not. */
export function limitHeadersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const limits: Record<string, string> = {};
  for (const name in headers) {
    if (name.startsWith("x-codex-") && name !== "x-codex-turn-state") limits[name] = headers[name] as string;
  }
  return limits;
}
