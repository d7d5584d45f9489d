import type { ReceivedRequest } from "../../src/index.js";
import { checkAnswer, execFlags, posts, say, steps, type Verification } from "./checks.js";

/** A refresh because the access token in auth.json has expired. */
export async function verifyExpired(verification: Verification): Promise<void> {
  const { simulator, home, check } = verification;
  const old = simulator.issueCredentials({ expiresIn: -600 });
  await home.signIn(simulator.authJson(old));
  const start = simulator.requests.length;
  const run = await home.exec(...execFlags, say({ text: "Refreshed before asking." }));
  checkAnswer(verification, run, "Refreshed before asking.");
  const all = simulator.requests.slice(start);
  check("it refreshes once, then posts", steps(all) === "refresh 200", steps(all));
  checkReason(verification, all, "proactive_expiry");
  await checkRotated(verification, old, posts(all).at(-1));
}

/** A refresh because `/responses` refuses a token that looks good. */
export async function verifyRefused(verification: Verification): Promise<void> {
  const { simulator, home, check } = verification;
  const old = simulator.issueCredentials();
  await home.signIn(simulator.authJson(old));
  const start = simulator.requests.length;
  simulator.faults.next("token_invalidated", 2);
  const run = await home.exec(...execFlags, say({ text: "Refreshed after a refusal." }));
  checkAnswer(verification, run, "Refreshed after a refusal.");
  const all = simulator.requests.slice(start);
  check(
    "a refusal, a try with the file's token, a refresh, the answer",
    steps(all) === "401 401 refresh 200",
    steps(all),
  );
  checkReason(verification, all, "unauthorized_recovery");
  await checkRotated(verification, old, posts(all).at(-1));
}

/** A refresh because a token was invalidated for every route. */
export async function verifyInvalidated(verification: Verification): Promise<void> {
  const { simulator, home, check } = verification;
  const old = simulator.issueCredentials();
  await home.signIn(simulator.authJson(old));
  simulator.invalidateAccessToken(old.access_token);
  const start = simulator.requests.length;
  const run = await home.exec(...execFlags, say({ text: "Refreshed once more." }));
  checkAnswer(verification, run, "Refreshed once more.");
  const all = simulator.requests.slice(start);
  check("it refreshes once and is answered", /^(401 )*refresh 200$/.test(steps(all)), steps(all));
  await checkRotated(verification, old, posts(all).at(-1));
}

function checkReason({ check }: Verification, all: ReceivedRequest[], expected: string): void {
  const body = all.find((request) => request.path === "/oauth/token")?.body as { refresh_reason?: string } | undefined;
  check(`it gives the reason ${expected}`, body?.refresh_reason === expected, body?.refresh_reason);
}

async function checkRotated(
  { home, check }: Verification,
  old: { access_token: string; refresh_token: string },
  last: ReceivedRequest | undefined,
): Promise<void> {
  const { tokens } = await home.auth();
  check("auth.json holds another access token", tokens.access_token !== old.access_token);
  check("and another refresh token", tokens.refresh_token !== old.refresh_token);
  check("the last post carried the new one", last?.headers.authorization === `Bearer ${tokens.access_token}`);
}
