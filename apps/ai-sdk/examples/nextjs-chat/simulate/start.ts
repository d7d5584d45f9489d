import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator } from "@codex/simulator";
import { answer } from "./answers";

/**
 * The app on the simulator: no login, no network, no plan. Words after `--` go to `next`: `start` serves what
 * `next:build` has made; the default is `dev`.
 */
const words = process.argv.slice(2).filter((word) => word !== "--");
const [command = "dev", ...rest] = words;

const folder = await mkdtemp(join(tmpdir(), "nextjs-chat-"));
const simulator = await createSimulator({ profile: "genuine", script: answer });
const authFile = join(folder, "auth.json");
await writeFile(authFile, JSON.stringify(simulator.authJson()), { mode: 0o600 });

const next = spawn("next", [command, "--hostname", "127.0.0.1", ...rest], {
  stdio: "inherit",
  env: {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: "1",
    CODEX_HOME: folder,
    CODEX_AUTH_FILE: authFile,
    CODEX_BASE_URL: simulator.baseUrl,
    CODEX_ISSUER: simulator.issuerUrl,
    CODEX_REFRESH_TOKEN_URL_OVERRIDE: simulator.tokenUrl,
    CODEX_ACCESS_TOKEN: "",
    CODEX_PROFILE: "",
  },
});
console.log("Answers are the simulator's: made up, offline, the same for the same question.\n");
// Ctrl-C reaches the whole group; other signals are passed on, and we end when Next has.
const pass = (signal: NodeJS.Signals) => next.kill(signal);
process.on("SIGINT", () => {}).on("SIGTERM", pass);
const [code] = (await once(next, "exit")) as [number | null];
await simulator.close();
await rm(folder, { recursive: true, force: true });
process.exitCode = code ?? 0;
