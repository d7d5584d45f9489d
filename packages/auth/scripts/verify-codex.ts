/**
 * Shows with the genuine Codex CLI 0.169.0, against the simulator over https, that a login which our code has renewed
 * still works for it, and that both may renew one login at the same moment, 50 times. Prints a line a check and exits
 * with 1 when one fails. CODEX_VERIFY_CLI names a launcher that is installed already (default: installed from npm).
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, createSession } from "@codex/auth";
import { createSimulator } from "@codex/simulator";
import { createCertificate } from "../../simulator/scripts/verify/certificate.js";
import { CodexHome, installCodex } from "../../simulator/scripts/verify/codex-cli.js";

const version = "0.169.0";
const races = 50;
const flags = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"];
let failures = 0;

function check(what: string, holds: boolean, found?: unknown): void {
  if (!holds) failures += 1;
  const detail = holds || found === undefined ? "" : `: ${JSON.stringify(found)}`;
  console.log(`  ${holds ? "ok    " : "FAILED"} ${what}${detail}`);
}

/** A fetch that trusts the throwaway CA. */
function createTrustingFetch(ca: Buffer): typeof fetch {
  const trusting = (url: string | URL, init: RequestInit = {}) =>
    new Promise<Response>((resolve, reject) => {
      const headers = Object.fromEntries(new Headers(init.headers).entries());
      const sent = request(url, { method: init.method ?? "GET", headers, ca }, async (answer) => {
        let text = "";
        for await (const chunk of answer) text += chunk;
        resolve(new Response(text, { status: answer.statusCode ?? 500 }));
      });
      sent.once("error", reject);
      sent.end(init.body as string | undefined);
    });
  return trusting as typeof fetch;
}

/** How our log names a token. */
function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex").slice(0, 32);
}

const folder = await mkdtemp(join(tmpdir(), "codex-auth-verify-"));
const { ca, key, cert } = await createCertificate(folder);
const simulator = await createSimulator({ profile: "genuine", tls: { key, cert } });
try {
  const launcher = process.env.CODEX_VERIFY_CLI ?? (await installCodex(join(folder, "cli"), version));
  const homeFolder = join(folder, "home");
  await mkdir(homeFolder);
  const home = new CodexHome(launcher, homeFolder, ca, simulator);
  await home.configure("gpt-6-luna");
  const path = join(homeFolder, "auth.json");
  const trusting = createTrustingFetch(await readFile(ca));
  const open = () =>
    createSession({ store: createFileStore({ path }), fetch: trusting, refreshTokenUrl: simulator.tokenUrl });
  const say = (text: string) => home.exec(...flags, `SIM${JSON.stringify({ text })}`);
  const refreshes = () => simulator.requests.filter((r) => r.path === "/oauth/token").length;
  const lastBearer = () => simulator.requests.findLast((r) => r.path.endsWith("/responses"))?.headers.authorization;

  console.log("a login that we have renewed");
  await home.signIn(simulator.authJson(simulator.issueCredentials({ expiresIn: -600 })));
  const ours = await open().current();
  const run = await say("Renewed by another.");
  check(
    "the CLI ends with 0 and prints the answer",
    run.code === 0 && run.stdout.includes("Renewed by another."),
    run.stderr.slice(-500),
  );
  check("it has used our token", lastBearer() === `Bearer ${ours.accessToken}`);
  check("it has not renewed it again", refreshes() === 1, refreshes());

  console.log("a login that the CLI has renewed while ours was in use");
  await home.signIn(simulator.authJson(simulator.issueCredentials({ expiresIn: -600 })));
  await say("Renewed by the CLI.");
  const before = refreshes();
  const adopted = await open().current();
  check(
    "we adopt its token without a call",
    lastBearer() === `Bearer ${adopted.accessToken}` && refreshes() === before,
  );

  console.log(`both at the same moment, ${races} times`);
  const counts = { cliWon: 0, weWon: 0, alive: 0, cliAnswered: 0, weAnswered: 0 };
  for (let race = 0; race < races; race += 1) {
    await home.signIn(simulator.authJson(simulator.issueCredentials({ expiresIn: -600 })));
    // The CLI's refresh starts ours, some milliseconds earlier or later from race to race.
    const cliPosts = simulator.waitFor("request", (r) => r.path === "/oauth/token").catch(() => undefined);
    const session = open();
    const running = say("Both.");
    const context = await Promise.race([cliPosts, new Promise((resolve) => setTimeout(resolve, 80 + race * 6))])
      .then(() => session.current())
      .catch((error: Error) => error);
    const answered = (await running).stdout.includes("Both.");
    session.close();
    const stored = await home.auth();
    const { status } = await trusting(simulator.tokenUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
        grant_type: "refresh_token",
        refresh_token: stored.tokens.refresh_token,
      }),
    });
    if (status === 200) counts.alive += 1;
    if (answered) counts.cliAnswered += 1;
    if (!(context instanceof Error)) counts.weAnswered += 1;
    // Only we leave a log that knows the token in the file.
    const log = await readFile(`${path}.codex-oauth.log`, "utf8").catch(() => "");
    if (log.includes(digestOf(stored.tokens.access_token))) counts.weWon += 1;
    else counts.cliWon += 1;
  }
  check("a working login is left each time", counts.alive === races, counts);
  check("the CLI answers each time", counts.cliAnswered === races, counts);
  check("we have a token each time", counts.weAnswered === races, counts);
  console.log(`  ${JSON.stringify(counts)}`);
} finally {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
}
console.log(failures === 0 ? "all checks passed" : `${failures} checks failed`);
process.exitCode = failures === 0 ? 0 : 1;
