import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, type Simulator } from "@codex/simulator";
import { createCertificate } from "../../../simulator/scripts/verify/certificate.js";
import { CodexHome, type CodexRun, findCodex } from "../../../simulator/scripts/verify/codex-cli.js";

const model = "gpt-6-luna";
const flags = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"];

/** What the checks share: the genuine CLI in a home of its own, and an issuer that it reaches over https. */
export interface Verification {
  simulator: Simulator;
  home: CodexHome;
  homeFolder: string;
  /** The login file of that home. */
  path: string;
  /** The launcher of the CLI. */
  launcher: string;
  /** A fetch that trusts the throwaway CA. */
  fetch: typeof fetch;
  /** Lets the CLI ask, and gives what it has printed; the answer is this text. */
  say(text: string): Promise<CodexRun>;
  /** How many refreshes were asked for so far. */
  refreshes(): number;
  /** The Authorization header of the CLI's last request. */
  lastBearer(): string | undefined;
  /** Whether the issuer still takes this refresh token; it is spent by that. */
  isAlive(refreshToken: string): Promise<boolean>;
  check(what: string, holds: boolean, found?: unknown): void;
  failures(): number;
  close(): Promise<void>;
}

/** Starts the simulator and finds the CLI: `CODEX_VERIFY_VERSION` from npm, or the launcher that `CODEX_VERIFY_CLI` names. */
export async function setUp(): Promise<Verification> {
  const folder = await mkdtemp(join(tmpdir(), "codex-auth-verify-"));
  const { ca, key, cert } = await createCertificate(folder);
  const simulator = await createSimulator({ profile: "genuine", tls: { key, cert } });
  const launcher = await findCodex(join(folder, "cli"));
  const homeFolder = join(folder, "home");
  await mkdir(homeFolder);
  const home = new CodexHome(launcher, homeFolder, ca, simulator);
  await home.configure(model);
  const trusting = createTrustingFetch(await readFile(ca));
  let failures = 0;
  return {
    simulator,
    home,
    homeFolder,
    path: join(homeFolder, "auth.json"),
    launcher,
    fetch: trusting,
    say: (text) => home.exec(...flags, `SIM${JSON.stringify({ text })}`),
    refreshes: () => simulator.requests.filter((r) => r.path === "/oauth/token").length,
    lastBearer: () => simulator.requests.findLast((r) => r.path.endsWith("/responses"))?.headers.authorization,
    isAlive: async (refreshToken) => {
      const { status } = await trusting(simulator.tokenUrl, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
          grant_type: "refresh_token",
          refresh_token: refreshToken,
        }),
      });
      return status === 200;
    },
    check: (what, holds, found) => {
      if (!holds) failures += 1;
      const detail = holds || found === undefined ? "" : `: ${JSON.stringify(found)}`;
      console.log(`  ${holds ? "ok    " : "FAILED"} ${what}${detail}`);
    },
    failures: () => failures,
    close: async () => {
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

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
