import { AuthError, loginHint } from "./auth-error.js";
import type { Tokens } from "./credentials.js";
import { type EndpointAnswer, postOnce } from "./endpoint/post.js";
import { NoAnswerError } from "./endpoint/raw-answer.js";
import { answerUnknown, readErrorCode, readTokens, unavailable, unreachable } from "./endpoint/read-answer.js";

/** The public client id of the Codex CLI, under which its logins were made. It is no secret. */
export const codexClientId = "app_EMoamEEZ73f0CkXaXp7hrann";
/** OpenAI's issuer of logins. */
export const defaultIssuer = "https://auth.openai.com";

export interface RefreshOptions {
  /** Default: Node's own `https`. */
  fetch?: typeof fetch | undefined;
  /** The token endpoint; https or loopback. */
  url: URL;
  clientId: string;
  /** Who we are: `originator` and `user-agent`. */
  headers: Record<string, string>;
  /** How long to wait for the whole answer. */
  timeoutMs: number;
  now: () => number;
  /** Given the bytes of a granted refresh as they come, before anything else is done with them. */
  setAside?: ((piece: Uint8Array) => void) | undefined;
}

/**
 * Spends a refresh token: one POST, never a second one. Throws an AuthError: `refresh_refused`, `refresh_reused`,
 * `issuer_unavailable` (nothing was spent), or `answer_unknown` (it may have been).
 */
export async function requestRefresh(refreshToken: string, options: RefreshOptions): Promise<Tokens> {
  let answer: EndpointAnswer;
  try {
    answer = await postOnce({
      fetch: options.fetch,
      url: options.url,
      headers: { ...options.headers, "content-type": "application/json" },
      body: JSON.stringify({
        client_id: options.clientId,
        grant_type: "refresh_token",
        refresh_token: refreshToken,
      }),
      timeoutMs: options.timeoutMs,
      onBytes: options.setAside,
    });
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    if (!error.sent) throw unreachable(options.url.host, error.code);
    throw answerUnknown(`no answer came back${error.code === undefined ? "" : ` (${error.code})`}`);
  }
  if (!answer.ok) throw refusal(answer);
  const tokens = readTokens(answer.json, options.now());
  if (tokens === undefined) {
    throw answerUnknown(answer.isHtml ? "a web page came back" : "the answer holds no tokens that can be read");
  }
  return tokens;
}

const refusals: Record<string, string> = {
  refresh_token_expired: "it has expired",
  refresh_token_invalidated: "it was revoked",
  invalid_grant: "it is not valid any more",
};

function refusal(answer: EndpointAnswer): AuthError {
  const { status } = answer;
  const code = readErrorCode(answer.json);
  if (code === "refresh_token_reused") {
    return new AuthError(
      "refresh_reused",
      `This login was already renewed by another program, whose result is not here. ${loginHint}`,
    );
  }
  const why = code === undefined ? undefined : refusals[code];
  if (why !== undefined || status === 401 || (status === 400 && !answer.isHtml)) {
    return new AuthError(
      "refresh_refused",
      `The login cannot be renewed: ${why ?? `the issuer refused it (${status}${code === undefined ? "" : `, ${code}`})`}. ${loginHint}`,
    );
  }
  return unavailable(answer);
}
