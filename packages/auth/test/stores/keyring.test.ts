import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canary, makeAuthJson, makeToken, startIssuer, type TestIssuer } from "../issuer.js";
import { bundleChild } from "../processes.js";

/** A real Secret Service needs Debian's gnome-keyring, dbus and libsecret-tools; without them these tests say so. */
function findMissingProgram(): string | undefined {
  for (const program of ["dbus-run-session", "gnome-keyring-daemon", "secret-tool"]) {
    try {
      execFileSync("which", [program], { stdio: "ignore" });
    } catch {
      return `${program} is not installed`;
    }
  }
  return undefined;
}

const missing = findMissingProgram();
let folder: string;
let codexHome: string;
let path: string;
let issuer: TestIssuer;

beforeEach(async ({ skip }) => {
  if (missing !== undefined) return skip(missing);
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  codexHome = join(folder, "codex home");
  path = join(codexHome, "auth.json");
  await mkdir(codexHome);
  await mkdir(join(folder, "run"), { mode: 0o700 });
  await writeFile(join(codexHome, "config.toml"), 'cli_auth_credentials_store = "keyring"\n');
  issuer = await startIssuer();
});

afterEach(async () => {
  await issuer?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Runs shell commands inside a session with an unlocked keyring of its own; `$CHILD` is our program. */
async function inSession(script: string, env: Record<string, string> = {}): Promise<string> {
  const unlock = "echo -n pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1";
  const { stdout } = await promisify(execFile)("dbus-run-session", ["--", "bash", "-ec", `${unlock}\n${script}`], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      XDG_RUNTIME_DIR: join(folder, "run"),
      XDG_DATA_HOME: join(folder, "data"),
      NODE: process.execPath,
      CHILD: await bundleChild("keyring-child.ts"),
      ...env,
    },
  });
  return stdout;
}

const task = (more: object = {}) => JSON.stringify({ codexHome, path, tokenUrl: issuer.tokenUrl, ...more });
const account = async () =>
  `cli|${createHash("sha256")
    .update(await realpath(codexHome))
    .digest("hex")
    .slice(0, 16)}`;

describe("the system's keyring", () => {
  it("holds our item as the Codex CLI writes and looks for it, and forgets it after a logout", async () => {
    const write = { accessToken: makeToken(), refreshToken: "rt", idToken: makeToken(), accountId: "account-1" };
    const lookup = 'secret-tool lookup service "Codex Auth" username "$ACCOUNT" target default';
    const output = await inSession(
      `"$NODE" "$CHILD" "$TASK"
       secret-tool search --all service "Codex Auth" 2>&1 | grep -E '^(label|attribute|schema)' | sort
       echo "secret: $(${lookup})"
       "$NODE" "$CHILD" "$CLEAR"
       ${lookup} || echo gone`,
      { TASK: task({ write, key: true }), CLEAR: task({ clear: true }), ACCOUNT: await account() },
    );
    expect(output).toContain('{"key":32,"same":true}');
    expect(output).toContain('{"state":"signed_in","kind":"keyring","accountId":"account-1"}');
    expect(output).toContain("attribute.service = Codex Auth");
    expect(output).toContain("attribute.target = default");
    expect(output).toContain(`attribute.username = ${await account()}`);
    const secret = JSON.parse(/^secret: (.*)$/m.exec(output)?.[1] as string);
    expect(secret).toMatchObject({
      auth_mode: "chatgpt",
      tokens: { access_token: write.accessToken, refresh_token: "rt" },
    });
    expect(output).toMatch(/\{"cleared":true\}\ngone/);
    expect(await readdir(codexHome)).not.toContain("auth.json");
  });

  it("gives us the Codex CLI's item, which we renew in place", async () => {
    const output = await inSession(
      `echo -n "$LOGIN" | secret-tool store --label "$ACCOUNT@Codex Auth:default (keyring v3.6.3)" \\
         service "Codex Auth" username "$ACCOUNT" target default application rust-keyring
       "$NODE" "$CHILD" "$TASK"
       echo "items: $(secret-tool search --all service "Codex Auth" 2>/dev/null | grep -c '^secret')"
       echo "secret: $(secret-tool lookup service "Codex Auth" username "$ACCOUNT" application rust-keyring)"`,
      { TASK: task(), ACCOUNT: await account(), LOGIN: JSON.stringify(makeAuthJson({ lifetime: -60 })) },
    );
    expect(output).toContain('"kind":"keyring"');
    expect(output).toContain("items: 1");
    expect(JSON.parse(/^secret: (.*)$/m.exec(output)?.[1] as string)).toMatchObject({
      other_program: { kept: true },
      tokens: { refresh_token: issuer.valid, access_token: issuer.issued[0] },
    });
    expect(issuer.received).toHaveLength(1);
  });

  it("gets the answer that a killed program had set aside, sealed, beside it", async () => {
    const output = await inSession(
      `echo -n "$LOGIN" | secret-tool store --label "$ACCOUNT" \\
         service "Codex Auth" username "$ACCOUNT" target default application rust-keyring
       "$NODE" "$CHILD" "$DYING" || echo "ended: $?"
       ls -A "$CODEX"; echo "plain: $(grep -l ${canary} -r "$CODEX" | wc -l)"
       "$NODE" "$CHILD" "$TASK"; ls -A "$CODEX" | grep -c answer || true
       echo "secret: $(secret-tool lookup service "Codex Auth" username "$ACCOUNT" application rust-keyring)"`,
      {
        TASK: task(),
        DYING: task({ dieAt: "merge" }),
        CODEX: codexHome,
        ACCOUNT: await account(),
        LOGIN: JSON.stringify(makeAuthJson({ lifetime: -60 })),
      },
    );
    expect(output).toMatch(/ended: 137\n[\s\S]*codex-oauth.answer[\s\S]*plain: 0\n/);
    expect(output).toMatch(/"state":"signed_in"[\s\S]*\n0\nsecret: /);
    expect(JSON.parse(/^secret: (.*)$/m.exec(output)?.[1] as string)).toMatchObject({
      tokens: { refresh_token: issuer.valid, access_token: issuer.issued[0] },
    });
    expect(issuer.received).toHaveLength(1);
  });

  it("is told to be missing where no service runs, without a fall back to the kernel's", async () => {
    const child = await bundleChild("keyring-child.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [child, task()], {
      env: { PATH: process.env.PATH, HOME: folder, DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/nothing` },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      failed: "keyring_only",
      message: expect.stringContaining("No keyring service"),
    });
    expect(stdout).not.toContain(canary);
  });
});
