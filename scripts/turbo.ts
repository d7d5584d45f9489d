/** turbo as it is, but for its telemetry and its notice of newer versions, which a turbo.json cannot turn off. */
import { spawnSync } from "node:child_process";

const { status, error } = spawnSync("turbo", process.argv.slice(2), {
  stdio: "inherit",
  shell: process.platform === "win32",
  env: { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1", ...process.env },
});
if (error !== undefined) throw error;
process.exit(status ?? 1);
