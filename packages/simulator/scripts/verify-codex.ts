/**
 * Has the genuine Codex CLI talk to the simulator on the profile `genuine`: conversations, tool calls, refreshes,
 * logins, faults; then with our proxy in front of it. Prints a line a check and exits with 1 when one fails. CODEX_VERIFY_VERSION chooses the release to
 * install from npm into a temporary folder (default 0.171.0), CODEX_VERIFY_CLI a launcher that is installed already.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator } from "../src/index.js";
import { createCertificate } from "./verify/certificate.js";
import { posts, type Verification } from "./verify/checks.js";
import { CodexHome, findCodex } from "./verify/codex-cli.js";
import { verifyDeviceLogin, verifyLogout } from "./verify/logins.js";
import { verifyExpired, verifyInvalidated, verifyRefused } from "./verify/refreshes.js";
import { verifyThroughProxy } from "./verify/through-proxy.js";
import * as turns from "./verify/turns.js";

let failures = 0;
let count = 0;

function check(what: string, holds: boolean, found?: unknown): void {
  count++;
  if (!holds) failures++;
  console.log(
    `  ${holds ? "ok    " : "FAILED"} ${what}${holds || found === undefined ? "" : `: ${JSON.stringify(found)}`}`,
  );
}

const folder = await mkdtemp(join(tmpdir(), "codex-verify-"));
const { ca, key, cert } = await createCertificate(folder);
const simulator = await createSimulator({ profile: "genuine", tls: { key, cert }, deviceIntervalSeconds: 1 });
try {
  const launcher = await findCodex(join(folder, "cli"));
  await mkdir(join(folder, "home"));
  const home = new CodexHome(launcher, join(folder, "home"), ca, simulator);
  const verification: Verification = { simulator, home, check };
  for (const [title, verify] of [
    ["a plain turn", turns.verifyPlainTurn],
    ["a turn with a tool call", turns.verifyToolCall],
    ["a second turn in the same conversation", turns.verifySecondTurn],
    ["a refresh because the access token has expired", verifyExpired],
    ["a refresh because /responses refuses the token", verifyRefused],
    ["a refresh because the token was invalidated everywhere", verifyInvalidated],
    ["a structured answer", turns.verifyStructured],
    ["a model that speaks responses-lite", turns.verifyLite],
    ["a compressed stream", turns.verifyCompressed],
    ["faults", turns.verifyFaults],
    ["a login by device code", verifyDeviceLogin],
    ["a logout", verifyLogout],
  ] as const) {
    console.log(title);
    await verify(verification);
  }
  const refused = posts(simulator.requests).filter((request) => (request.status ?? 0) === 400);
  console.log("our proxy in front of a backend that demands responses-lite");
  await verifyThroughProxy(verification, { launcher, folder: join(folder, "home-of-proxy") });
  check("no post of the genuine client was refused as malformed", refused.length === 0, refused.length);
} finally {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
}
console.log(failures === 0 ? `all ${count} checks passed` : `${failures} of ${count} checks failed`);
process.exitCode = failures === 0 ? 0 : 1;
