import { execFile, spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AuthJson, Simulator } from "../../src/index.js";

const run = promisify(execFile);

/** The release that is verified: CODEX_VERIFY_VERSION, else the newest that all that is known was measured with. */
export const codexVersion = process.env.CODEX_VERIFY_VERSION ?? "0.171.0";

/** The launcher that CODEX_VERIFY_CLI names, else that of the release, installed from npm into this folder. */
export async function findCodex(folder: string): Promise<string> {
  const given = process.env.CODEX_VERIFY_CLI;
  if (given !== undefined) return given;
  console.log(`installing @openai/codex@${codexVersion} from npm`);
  return installCodex(folder, codexVersion);
}

/** Installs the genuine Codex CLI from npm into a folder and returns the path of its launcher. */
export async function installCodex(folder: string, version: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{"private":true}\n');
  await run("npm", ["install", "--no-audit", "--no-fund", `@openai/codex@${version}`], { cwd: folder });
  return join(folder, "node_modules", "@openai", "codex", "bin", "codex.js");
}

/** What one run of the CLI left behind. */
export interface CodexRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A home folder of the Codex CLI that points at a simulator. */
export class CodexHome {
  readonly #launcher: string;
  readonly #folder: string;
  /** The file of the CA that the CLI is to trust. */
  readonly ca: string;
  readonly #simulator: Simulator;

  constructor(launcher: string, folder: string, ca: string, simulator: Simulator) {
    this.#launcher = launcher;
    this.#folder = folder;
    this.ca = ca;
    this.#simulator = simulator;
  }

  /** Writes config.toml. */
  async configure(model: string): Promise<void> {
    await mkdir(join(this.#folder, "work"), { recursive: true });
    const lines = [
      `model = ${JSON.stringify(model)}`,
      `chatgpt_base_url = ${JSON.stringify(`${this.#simulator.url}/backend-api`)}`,
      `openai_base_url = ${JSON.stringify(this.#simulator.baseUrl)}`,
      "check_for_update_on_startup = false",
      "[analytics]",
      "enabled = false",
    ];
    await writeFile(join(this.#folder, "config.toml"), `${lines.join("\n")}\n`);
  }

  /** Writes a config.toml that names a custom provider at this address, which needs no key. */
  async configureProvider(model: string, baseUrl: string): Promise<void> {
    await mkdir(join(this.#folder, "work"), { recursive: true });
    const lines = [
      `model = ${JSON.stringify(model)}`,
      'model_provider = "house"',
      "check_for_update_on_startup = false",
      "[model_providers.house]",
      'name = "House"',
      `base_url = ${JSON.stringify(baseUrl)}`,
      'wire_api = "responses"',
      "[analytics]",
      "enabled = false",
    ];
    await writeFile(join(this.#folder, "config.toml"), `${lines.join("\n")}\n`);
  }

  /** Writes auth.json, readable by its owner alone. */
  async signIn(auth: AuthJson): Promise<void> {
    await writeFile(join(this.#folder, "auth.json"), JSON.stringify(auth, null, 2), { mode: 0o600 });
  }

  /** Reads auth.json as it is now. */
  async auth(): Promise<AuthJson> {
    return JSON.parse(await readFile(join(this.#folder, "auth.json"), "utf8")) as AuthJson;
  }

  /** Takes auth.json away. */
  async signOut(): Promise<void> {
    await rm(join(this.#folder, "auth.json"), { force: true });
  }

  /** Writes a file beside the configuration and returns its path. */
  async write(name: string, text: string): Promise<string> {
    await writeFile(join(this.#folder, name), text);
    return join(this.#folder, name);
  }

  /** Runs `codex exec`. */
  exec(...args: string[]): Promise<CodexRun> {
    return this.run(["exec", ...args]);
  }

  /** Runs the CLI without a terminal, for at most a minute. `onOutput` sees all that it has printed so far. */
  run(args: string[], onOutput: (output: string) => void = () => undefined): Promise<CodexRun> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [this.#launcher, ...args], {
        cwd: join(this.#folder, "work"),
        stdio: ["ignore", "pipe", "pipe"],
        // Its own process group: the launcher starts the real program, and both must go when the time is over.
        detached: true,
        env: {
          PATH: process.env.PATH,
          TERM: "xterm",
          BROWSER: "true",
          HOME: this.#folder,
          CODEX_HOME: this.#folder,
          CODEX_CA_CERTIFICATE: this.ca,
          CODEX_REFRESH_TOKEN_URL_OVERRIDE: this.#simulator.tokenUrl,
          // Where the keyring is, if this runs in a session that has one.
          DBUS_SESSION_BUS_ADDRESS: process.env.DBUS_SESSION_BUS_ADDRESS,
        },
      });
      const timer = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), 60_000);
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk) => {
        stdout += chunk;
        onOutput(stdout + stderr);
      });
      child.stderr.on("data", (chunk) => {
        stderr += chunk;
        onOutput(stdout + stderr);
      });
      child.once("error", reject);
      child.once("close", (code) => {
        clearTimeout(timer);
        resolve({ code, stdout, stderr });
      });
    });
  }
}
