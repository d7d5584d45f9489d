import type { Context } from "../context.js";
import type { PlainReply } from "../http/reply.js";
import { clientId, type GrantStore, registeredRedirects } from "./grants.js";
import { escapeHtml, page } from "./pages.js";

const codeLifetimeMs = 10 * 60_000;

/** What is wrong with an authorize request; undefined when nothing is. */
function findProblem(query: Record<string, string>, context: Context): string | undefined {
  if (query.client_id !== clientId) return "The client_id is not known.";
  if (!isRedirectAllowed(query.redirect_uri, context)) return "The redirect_uri is not registered for this client.";
  if (query.response_type !== "code") return "The response_type must be code.";
  if (query.code_challenge_method !== "S256") return "The code_challenge_method must be S256.";
  if (!/^[A-Za-z0-9_-]{43}$/.test(query.code_challenge ?? ""))
    return "The code_challenge is not a SHA-256 in base64url.";
  if (!query.state) return "The state is missing.";
  if (!query.scope?.split(" ").includes("openid")) return "The scope must contain openid.";
  return undefined;
}

function isRedirectAllowed(uri: string | undefined, { questions }: Context): boolean {
  if (uri === undefined) return false;
  if (questions.redirectUris === "registered") return registeredRedirects.includes(uri);
  return /^http:\/\/(localhost|127\.0\.0\.1):\d{1,5}\//.test(uri);
}

/** Answers `GET /oauth/authorize`: the page that asks whether to go on. */
export function showAuthorize(query: Record<string, string>, context: Context): PlainReply {
  const problem = findProblem(query, context);
  if (problem !== undefined) return page(400, "This sign-in link does not work", `<p>${escapeHtml(problem)}</p>`);
  const hidden = Object.entries(query)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join("\n");
  const scopes = (query.scope ?? "").split(" ").map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`);
  return page(
    200,
    "Sign in to Codex",
    `<p>Continue as <strong>${escapeHtml(context.account.email)}</strong> (plan ${escapeHtml(context.account.plan)}).
<code>${escapeHtml(query.originator ?? "an unnamed program")}</code> asks for:</p>
<ul>${scopes.join("")}</ul>
<form method="post" action="/oauth/authorize">
${hidden}
<button name="decision" value="deny">Deny</button>
<button class="primary" name="decision" value="continue">Continue</button>
</form>`,
  );
}

/** Answers the page's form: back to the client, with a code or with `access_denied`. */
export function decideAuthorize(form: Record<string, string>, context: Context, grants: GrantStore): PlainReply {
  const problem = findProblem(form, context);
  if (problem !== undefined) return page(400, "This sign-in link does not work", `<p>${escapeHtml(problem)}</p>`);
  const target = new URL(form.redirect_uri as string);
  if (form.decision === "continue") {
    const code = grants.addCode({
      account: context.account,
      redirectUri: form.redirect_uri as string,
      challenge: form.code_challenge as string,
      expiresAt: context.now() + codeLifetimeMs,
    });
    target.searchParams.set("code", code);
    target.searchParams.set("scope", form.scope as string);
  } else {
    target.searchParams.set("error", "access_denied");
    target.searchParams.set("error_description", "The person said no.");
  }
  target.searchParams.set("state", form.state as string);
  return { status: 302, headers: { location: target.href } };
}
