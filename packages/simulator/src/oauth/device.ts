import { randomBytes } from "node:crypto";
import type { Context } from "../context.js";
import type { PlainReply } from "../http/reply.js";
import { challengeOf, clientId, type GrantStore } from "./grants.js";
import { escapeHtml, page } from "./pages.js";

const deviceLifetimeMs = 15 * 60_000;

/** Answers `POST /api/accounts/deviceauth/usercode`. The interval is a string of seconds, as the real one is. */
export function startDevice(body: unknown, context: Context, grants: GrantStore, intervalSeconds: number): PlainReply {
  if (!context.questions.deviceLogin) return { status: 404, body: { detail: "Not Found" } };
  if ((body as { client_id?: unknown } | undefined)?.client_id !== clientId) {
    return { status: 400, body: { error: { message: "Invalid client specified", code: "invalid_client" } } };
  }
  const grant = grants.addDevice(context.now() + deviceLifetimeMs);
  const interval = String(intervalSeconds);
  return { status: 200, body: { device_auth_id: grant.deviceAuthId, user_code: grant.userCode, interval } };
}

/** Answers `POST /api/accounts/deviceauth/token`: 403 or 404 while pending, then a code with a verifier made here. */
export function pollDevice(body: unknown, context: Context, grants: GrantStore): PlainReply {
  const { device_auth_id, user_code } = (body ?? {}) as { device_auth_id?: unknown; user_code?: unknown };
  const grant = typeof device_auth_id === "string" ? grants.device(device_auth_id) : undefined;
  if (!grant || grant.userCode !== user_code)
    return failure(400, "invalid_device_code", "This device code is not known.");
  if (grant.expiresAt <= context.now()) return failure(410, "expired_device_code", "This device code has expired.");
  if (grant.state === "denied") return failure(401, "access_denied", "The person said no.");
  if (grant.state === "pending") {
    return failure(context.questions.devicePending, "authorization_pending", "Waiting for the person.");
  }
  grants.removeDevice(grant.deviceAuthId);
  const code_verifier = randomBytes(64).toString("base64url");
  const code_challenge = challengeOf(code_verifier);
  const authorization_code = grants.addCode({
    account: context.account,
    redirectUri: `${context.origin()}/deviceauth/callback`,
    challenge: code_challenge,
    expiresAt: context.now() + deviceLifetimeMs,
  });
  return { status: 200, body: { authorization_code, code_challenge, code_verifier } };
}

function failure(status: number, code: string, message: string): PlainReply {
  return { status, body: { error: { message, code } } };
}

/** Answers `GET /codex/device`: the page on which a person enters the code. */
export function showDevice(query: Record<string, string>): PlainReply {
  return page(
    200,
    "Sign in a device",
    `<p>Enter the code that your program shows. Go on only if you started it yourself.</p>
<form method="post" action="/codex/device">
<label>Code <input name="user_code" autocomplete="off" autofocus required placeholder="ABCD-12345" value="${escapeHtml(query.user_code ?? "")}"></label>
<button name="decision" value="deny">Deny</button>
<button class="primary" name="decision" value="continue">Continue</button>
</form>`,
  );
}

/** Answers the device page's form. */
export function decideDevice(form: Record<string, string>, context: Context, grants: GrantStore): PlainReply {
  const grant = grants.deviceByUserCode(form.user_code ?? "");
  if (!grant || grant.expiresAt <= context.now()) {
    return page(
      404,
      "This code does not work",
      "<p>It is misspelled, used or too old. Start again in your program.</p>",
    );
  }
  grant.state = form.decision === "continue" ? "approved" : "denied";
  if (grant.state === "denied") return page(200, "Sign-in refused", "<p>Your program has been told.</p>");
  return page(200, "You are signed in", "<p>Go back to your program: it goes on by itself.</p>");
}
