import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CliHouse, startCliHouse } from "../../apps/cli/test/start-cli.js";
import { codexVersion, installCodex } from "../../packages/simulator/scripts/verify/codex-cli.js";
import { entryCommand } from "../../scripts/entry-command.js";
import { findProgram } from "./find-program.js";

/** The command with a real Secret Service: gnome-keyring in a session of its own, as a desktop has one. */
let house: CliHouse;

beforeEach(async () => {
  house = await startCliHouse({ deviceIntervalSeconds: 0.05 });
  await mkdir(join(house.folder, "run"), { mode: 0o700 });
});
afterEach(() => house.close());

const packages = "gnome-keyring dbus dbus-x11 libsecret-tools";

/** Runs shell commands in a session with an unlocked keyring; `cli` is our command, `lookup` prints the Codex CLI's item. */
async function inSession(script: string, env: Record<string, string> = {}): Promise<string> {
  const account = createHash("sha256")
    .update(await realpath(house.folder))
    .digest("hex")
    .slice(0, 16);
  const prelude = `
    echo -n pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
    cli() { "$NODE" ${entryCommand("apps/cli")
      .map((word) => `'${word}'`)
      .join(" ")} "$@"; }
    lookup() { secret-tool lookup service "Codex Auth" username "cli|${account}" target default; }
    sign_in() { cli login --device >"$HOME/login.txt" 2>&1; cat "$HOME/login.txt"; }`;
  const child = spawn("dbus-run-session", ["--", "bash", "-c", `${prelude}\n${script}`], {
    env: {
      PATH: process.env.PATH,
      HOME: house.folder,
      XDG_RUNTIME_DIR: join(house.folder, "run"),
      XDG_DATA_HOME: join(house.folder, "data"),
      NODE: process.execPath,
      CODEX_HOME: house.folder,
      CODEX_BASE_URL: house.simulator.baseUrl,
      CODEX_ISSUER: house.simulator.issuerUrl,
      ...env,
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await once(child, "close");
  return output;
}

it.each(["dbus-run-session", "gnome-keyring-daemon", "secret-tool"])("has %s, so that nothing is skipped", (name) => {
  expect(findProgram([name], packages)).toContain(name);
});

/** Plays the person at the issuer's page, as soon as the command shows its code. */
async function approve(): Promise<void> {
  const find = async () => {
    const text = await readFile(join(house.folder, "login.txt"), "utf8").catch(() => "");
    return /^ +([A-Z]{4}-\d{5})$/m.exec(text)?.[1];
  };
  await expect.poll(find, { timeout: 30_000 }).toBeDefined();
  house.simulator.decideDevice((await find()) as string);
}

describe("the command, with a keyring", () => {
  it("signs in and out where the Codex CLI's config.toml says that its login is", async () => {
    await writeFile(join(house.folder, "config.toml"), 'cli_auth_credentials_store = "keyring"\n');
    const session = inSession(
      `sign_in
       echo "item: $(lookup | grep -c refresh_token)"
       cli status
       cli ask "from the keyring"
       cli logout --yes
       lookup || echo gone
       cli status || echo "status: $?"`,
    );
    const [output] = await Promise.all([session, approve()]);
    expect(output).toMatch(/Signed in as person@example.com[\s\S]*Stored in the system's keyring/);
    expect(output).toContain("item: 1");
    expect(output).toMatch(/Store +the system's keyring, shared with the Codex CLI/);
    expect(output).toContain("You said: from the keyring");
    expect(output).toMatch(
      /Removed the login of person@example.com from the system's keyring.*\nThe issuer has revoked it/,
    );
    expect(output).toMatch(/\ngone\n[\s\S]*status: 4\n$/);
    expect(output).not.toMatch(/eyJ[\w-]{10}|rt_simulator_/);
    expect(await readdir(house.folder)).not.toContain("auth.json");
  });

  it("keeps the key of an encrypted login there", async () => {
    const session = inSession(
      "sign_in; cli status; secret-tool search --all service codex-oauth 2>&1 | grep -c '^secret'",
      { CODEX_AUTH_KEY: "keyring" },
    );
    const [output] = await Promise.all([session, approve()]);
    const file = join(house.folder, "data/codex-oauth/encrypted/auth.json");
    expect(output).toContain(`Stored in ${file}.`);
    expect(output).toMatch(/Store +an encrypted file, ours alone/);
    expect(output).toMatch(/\n1\n$/);
    expect(await readFile(file, "utf8")).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+\s*$/);
  });
});

/** The launcher of the genuine Codex CLI, from npm; installed once for all runs. */
async function findCodex(): Promise<string> {
  const folder = fileURLToPath(new URL(`../../node_modules/.cache/codex-${codexVersion}`, import.meta.url));
  const launcher = join(folder, "node_modules", "@openai", "codex", "bin", "codex.js");
  return existsSync(launcher) ? launcher : await installCodex(folder, codexVersion);
}

describe("the genuine Codex CLI, with a keyring", () => {
  it("reads and renews our item, as we do its own, and its encrypted file is told", async () => {
    const script = fileURLToPath(new URL("../../packages/auth/scripts/verify-codex.ts", import.meta.url));
    const output = await inSession(
      `"$NODE" --import="$TSX" --conditions=@codex/source "$SCRIPT" keyring; echo "ended: $?"`,
      {
        CODEX_VERIFY_CLI: await findCodex(),
        TSX: import.meta.resolve("tsx"),
        SCRIPT: script,
      },
    );
    expect(output).toMatch(/\nended: 0\n$/);
    expect(output).not.toContain("FAILED");
    for (const check of [
      "the CLI finds the item that we have made",
      "we find its item",
      "it uses the item that we have renewed",
      "a working login is left, and both have a token, each time",
      "we say where it lies, and what to do",
    ]) {
      expect(output).toContain(`ok     ${check}`);
    }
  }, 180_000);
});
