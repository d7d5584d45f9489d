/**
 * Shows with the genuine Codex CLI, against the simulator over https, that a login which our code has renewed
 * still works for it, that it does beside us what the tests' double of it does, and that both may renew one login at the
 * same moment, 50 times; then the same with the login in a keyring, and in the CLI's own encrypted file, where
 * gnome-keyring and dbus are installed. With the argument `keyring` only that, in the session that it is started in. Prints a line a check and exits with 1 when one fails.
 * CODEX_VERIFY_VERSION chooses the release to install from npm (default 0.171.0), CODEX_VERIFY_CLI a launcher that is
 * installed already.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyBeside } from "./verify/beside.js";
import { verifyFile } from "./verify/file.js";
import { verifyKeyring } from "./verify/keyring.js";
import { verifySealed } from "./verify/sealed.js";
import { setUp } from "./verify/setup.js";

const isInSession = process.argv[2] === "keyring";
const verification = await setUp();
let failures = 0;
try {
  if (isInSession) {
    await verifyKeyring(verification);
    await verifySealed(verification);
  } else {
    await verifyFile(verification);
    await verifyBeside(verification);
    failures += verifyInSession(verification.launcher);
  }
} finally {
  await verification.close();
}
failures += verification.failures();
if (!isInSession) console.log(failures === 0 ? "all checks passed" : `${failures} checks failed`);
process.exitCode = Math.min(failures, 100);

/** Runs the checks of the keyring in a session that has one of its own; gives the number of those that failed. */
function verifyInSession(launcher: string): number {
  const programs = ["dbus-run-session", "gnome-keyring-daemon"];
  try {
    for (const program of programs) execFileSync("which", [program], { stdio: "ignore" });
  } catch {
    console.log(`skipped: the keyring (${programs.join(" and ")} are not both installed)`);
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), "codex-auth-keyring-"));
  const unlock = "echo -n pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1";
  const { status } = spawnSync(
    "dbus-run-session",
    [
      "--",
      "bash",
      "-ec",
      `${unlock}; exec "$@"`,
      "bash",
      process.execPath,
      ...process.execArgv,
      process.argv[1] as string,
      "keyring",
    ],
    {
      stdio: "inherit",
      env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder, XDG_DATA_HOME: folder, CODEX_VERIFY_CLI: launcher },
    },
  );
  rmSync(folder, { recursive: true, force: true });
  return status ?? 1;
}
