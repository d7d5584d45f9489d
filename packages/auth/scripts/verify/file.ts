import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createFileStore, createSession } from "@codex/auth";
import type { Verification } from "./setup.js";

const races = 50;
/** Our start, before or after the moment at which the CLI is expected to post: from -60 to +60 ms. */
const leads = Array.from({ length: races }, (_lead, race) => (race % 25) * 5 - 60);

/** The login in the file: renewed by either, and by both at the same moment. */
export async function verifyFile(verification: Verification): Promise<void> {
  const { simulator, home, path, say, check, refreshes, lastBearer } = verification;
  const open = () =>
    createSession({
      store: createFileStore({ path }),
      fetch: verification.fetch,
      refreshTokenUrl: simulator.tokenUrl,
    });
  const signInExpired = () => home.signIn(simulator.authJson(simulator.issueCredentials({ expiresIn: -600 })));

  console.log("a login that we have renewed");
  await signInExpired();
  const ours = await open().current();
  const run = await say("Renewed by another.");
  const isAnswered = run.code === 0 && run.stdout.includes("Renewed by another.");
  check("the CLI ends with 0 and prints the answer", isAnswered, run.stderr.slice(-500));
  check("it has used our token", lastBearer() === `Bearer ${ours.accessToken}`);
  check("it has not renewed it again", refreshes() === 1, refreshes());

  console.log("a login that the CLI has renewed while ours was in use");
  await signInExpired();
  await say("Renewed by the CLI.");
  const before = refreshes();
  const adopted = await open().current();
  const isAdopted = lastBearer() === `Bearer ${adopted.accessToken}` && refreshes() === before;
  check("we adopt its token without a call", isAdopted);

  console.log(`both at the same moment, ${races} times`);
  const counts = { cliWon: 0, weWon: 0, alive: 0, cliAnswered: 0, weAnswered: 0, sentTwice: 0 };
  // How long the CLI takes to its refresh; corrected from race to race.
  let expectedMs = 100;
  for (const lead of leads) {
    await signInExpired();
    const sentBefore = simulator.requests.length;
    const begun = performance.now();
    const isTheirs = (r: { path: string; headers: Record<string, unknown> }) =>
      r.path === "/oauth/token" && r.headers.originator !== "codex-oauth";
    const posted = simulator.waitFor("request", isTheirs).then(
      () => performance.now() - begun,
      () => undefined,
    );
    const session = open();
    const running = say("Both.");
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, expectedMs + lead)));
    const context = await session.current().catch((error: Error) => error);
    const answered = (await running).stdout.includes("Both.");
    session.close();
    const postedMs = await Promise.race([posted, undefined]);
    if (postedMs !== undefined) expectedMs = (expectedMs + postedMs) / 2;
    const sent = simulator.requests
      .slice(sentBefore)
      .filter((r) => r.path === "/oauth/token" && r.headers.originator === "codex-oauth");
    if (sent.length > 1) counts.sentTwice += 1;
    const { tokens } = await home.auth();
    // Only we leave a log that knows the token in the file.
    const log = await readFile(`${path}.codex-oauth.log`, "utf8").catch(() => "");
    if (log.includes(digestOf(tokens.access_token))) counts.weWon += 1;
    else counts.cliWon += 1;
    if (await verification.isAlive(tokens.refresh_token)) counts.alive += 1;
    if (answered) counts.cliAnswered += 1;
    if (!(context instanceof Error)) counts.weAnswered += 1;
  }
  check("a working login is left each time", counts.alive === races, counts);
  check("the CLI answers each time", counts.cliAnswered === races, counts);
  check("we have a token each time", counts.weAnswered === races, counts);
  check("we send at most one refresh each time", counts.sentTwice === 0, counts);
  check("both sides have won now and then", counts.cliWon > 0 && counts.weWon > 0, counts);
  console.log(`  ${JSON.stringify(counts)}`);
}

/** How our log names a token. */
function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex").slice(0, 32);
}
