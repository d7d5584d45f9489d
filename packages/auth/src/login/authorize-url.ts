import { timingSafeEqual } from "node:crypto";
import { AuthError } from "../auth-error.js";
import type { ResolvedLogin } from "./exchange.js";

/** The scopes that the Codex CLI asks for. */
export const codexScope = "openid profile email offline_access api.connectors.read api.connectors.invoke";

/** The page at which a person signs in, with the parameters in the order of the Codex CLI and `%20` for spaces. */
export function buildAuthorizeUrl(
  login: Pick<ResolvedLogin, "issuer" | "clientId" | "originator">,
  request: { redirectUri: string; challenge: string; state: string; scope?: string | undefined },
): string {
  const query: [string, string][] = [
    ["response_type", "code"],
    ["client_id", login.clientId],
    ["redirect_uri", request.redirectUri],
    ["scope", request.scope ?? codexScope],
    ["code_challenge", request.challenge],
    ["code_challenge_method", "S256"],
    ["id_token_add_organizations", "true"],
    ["codex_cli_simplified_flow", "true"],
    ["state", request.state],
    ["originator", login.originator],
  ];
  const text = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return `${login.issuer}/oauth/authorize?${text}`;
}

/** What the issuer sent back with the person: a code, a refusal, or something that is not the answer to our request. */
export type Redirect = { code: string } | { error: AuthError } | { problem: string };

/** Reads the redirect, as the browser calls it or as a person has pasted it. */
export function readRedirect(text: string, state: string): Redirect {
  const trimmed = text.trim();
  const at = trimmed.indexOf("?");
  const query = new URLSearchParams(at < 0 ? trimmed : (trimmed.slice(at + 1).split("#")[0] as string));
  if (!isSame(query.get("state") ?? "", state)) {
    return {
      problem: "State mismatch: this is not the answer to the login that is waiting. Use the newest login page.",
    };
  }
  const refusal = query.get("error");
  if (refusal !== null) return { error: readRefusal(refusal) };
  const code = query.get("code");
  if (code) return { code };
  return { error: new AuthError("login_failed", "The issuer sent no authorization code. Start the login again.") };
}

function readRefusal(refusal: string): AuthError {
  if (refusal === "access_denied") {
    return new AuthError("login_denied", "The login was refused in the browser. Start it again if that was a mistake.");
  }
  const code = /^[a-z_]{1,64}$/.test(refusal) ? refusal : "an error";
  return new AuthError("login_failed", `The issuer ended the login with ${code}. Start the login again.`);
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
