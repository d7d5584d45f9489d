import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, createSession } from "@codex/auth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answer, canary, makeAuthJson, makeToken, startIssuer, type TestIssuer } from "./issuer.js";
import { startChild } from "./processes.js";

let folder: string;
let path: string;
let issuer: TestIssuer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  issuer = await startIssuer();
  await writeFile(path, JSON.stringify(makeAuthJson({ lifetime: -60 })), { mode: 0o600 });
});

afterEach(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

function open(options: { lockTimeoutMs?: number; locking?: "auto" | "heartbeat" } = {}) {
  return createSession({ store: createFileStore({ path, ...options }), refreshTokenUrl: issuer.tokenUrl });
}

/** Holds a lock with the system's own flock(1), as the Codex CLI holds it. */
async function holdLock(name: string): Promise<() => Promise<unknown>> {
  const child = spawn("flock", [join(folder, name), "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return async () => {
    child.stdin.end();
    await once(child, "close");
  };
}

describe("the Codex CLI's locks", () => {
  it.each(["auth.lock", "auth.json.lock"])("are waited for: %s", async (name) => {
    const free = await holdLock(name);
    await expect(open({ lockTimeoutMs: 300 }).current()).rejects.toMatchObject({
      code: "busy",
      reason: "lock_timeout",
      status: 503,
      retryable: true,
      message: expect.stringMatching(new RegExp(`process \\d+.*${join(folder, name)}`)),
    });
    const pending = open().current();
    expect(issuer.received).toEqual([]);
    await free();
    expect((await pending).accessToken).toBe(issuer.issued[0]);
    expect(await readFile(join(folder, name), "utf8")).toBe("");
  });

  it("are not waited for by a reader, nor for a token that another program has stored meanwhile", async () => {
    const free = await holdLock("auth.lock");
    expect((await createFileStore({ path }).read())?.accountId).toBe("account-1");
    const pending = open().current();
    const other = makeAuthJson();
    await writeFile(path, JSON.stringify(other));
    expect((await pending).accessToken).toBe(other.tokens.access_token);
    await free();
  });

  it("do not disturb a token that still works: it is used while somebody holds them", async () => {
    await writeFile(path, JSON.stringify(makeAuthJson({ lifetime: 200 })));
    const free = await holdLock("auth.lock");
    expect((await open({ lockTimeoutMs: 200 }).current()).accountId).toBe("account-1");
    await free();
  });

  it("have the modes and the emptiness that the Codex CLI gives them", async () => {
    const { stat } = await import("node:fs/promises");
    const mask = process.umask(0o022);
    try {
      await open().current();
    } finally {
      process.umask(mask);
    }
    expect((await stat(join(folder, "auth.lock"))).mode & 0o777).toBe(0o644);
    expect((await stat(join(folder, "auth.json.lock"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "auth.lock"))).size).toBe(0);
  });
});

describe.each(["auto", "heartbeat"] as const)("a process that stops while it holds the lock (%s)", (locking) => {
  /** A process that has sent its refresh and is waiting for the answer. */
  async function startHolder(more: { refreshTimeoutMs?: number } = {}) {
    const asked = new Promise<() => void>((resolve) => {
      issuer.fault = (_request, response, rotate) => {
        issuer.fault = undefined;
        resolve(() => answer(response, 200, rotate()));
      };
    });
    const holder = await startChild({ path, tokenUrl: issuer.tokenUrl, locking, ...more });
    holder.go();
    return { holder, reply: await asked };
  }

  it("killed: the next one goes on at once", async () => {
    const { holder } = await startHolder();
    holder.process.kill("SIGKILL");
    await holder.ended;
    const start = performance.now();
    expect((await open({ locking }).current()).accessToken).toBe(issuer.issued[0]);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it("suspended: the others say what they wait for, and it goes on when it wakes", async () => {
    const { holder, reply } = await startHolder();
    holder.process.kill("SIGSTOP");
    const waiting = await open({ locking, lockTimeoutMs: 500 })
      .current()
      .catch((e: unknown) => e as Error);
    expect(waiting).toMatchObject({
      reason: "lock_timeout",
      message: expect.stringContaining(`process ${holder.process.pid}`),
    });
    reply();
    holder.process.kill("SIGCONT");
    expect(await holder.outcomes()).toEqual(["ok"]);
    expect((await open({ locking }).current()).accessToken).toBe(issuer.issued[0]);
    expect(issuer.received).toHaveLength(1);
    expect(holder.output.join()).not.toContain(canary);
  });

  it("suspended for longer than the issuer may take: it reads the answer that has waited, when it wakes", async () => {
    const { holder, reply } = await startHolder({ refreshTimeoutMs: 1_200 });
    holder.process.kill("SIGSTOP");
    reply();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    holder.process.kill("SIGCONT");
    expect(await holder.outcomes()).toEqual(["ok"]);
    expect((await open({ locking }).current()).accessToken).toBe(issuer.issued[0]);
    expect(issuer.received).toHaveLength(1);
  });
});

describe("the lock file with a heartbeat", () => {
  const lockFile = () => `${path}.codex-oauth.lock`;
  const start = () => open({ locking: "heartbeat", lockTimeoutMs: 15_000 }).current();

  it("is gone after its use, and flock's files are not touched", async () => {
    await start();
    expect((await readdir(folder)).sort()).toEqual(["auth.json", "auth.json.codex-oauth.log"]);
  });

  it("of a dead process on this machine is passed over at once", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "close");
    const { readlink } = await import("node:fs/promises");
    const machine = `${hostname()} ${await readlink("/proc/self/ns/pid").catch(() => "")}`;
    await writeFile(lockFile(), JSON.stringify({ id: "dead", pid: child.pid, machine }));
    const begun = performance.now();
    await start();
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  it("without a heartbeat is taken over after ten seconds, whatever its date says or it holds; with one it is not", async () => {
    const content = JSON.stringify({ id: "other", pid: 1, machine: "elsewhere" });
    await writeFile(lockFile(), content);
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(lockFile(), longAgo, longAgo);
    const begun = performance.now();
    // Of a program that was killed, or whose disk was full, while it made its lock.
    const torn = ["", content.slice(0, 20), "null"].map(async (text, at) => {
      const login = join(folder, `torn-${at}.json`);
      await writeFile(login, JSON.stringify(makeAuthJson()));
      await writeFile(`${login}.codex-oauth.lock`, text);
      const store = createFileStore({ path: login, locking: "heartbeat", lockTimeoutMs: 15_000 });
      await store.write({ accessToken: makeToken(), refreshToken: "rt" });
      return performance.now() - begun;
    });
    let beats = 0;
    const heart = setInterval(() => {
      beats += 1;
      if (beats === 2) clearInterval(heart);
      void utimes(lockFile(), new Date(), new Date()).catch(() => {});
    }, 500);
    await start();
    expect(performance.now() - begun).toBeGreaterThan(10_900);
    expect(issuer.received).toHaveLength(1);
    for (const waited of await Promise.all(torn)) expect(waited).toBeGreaterThan(9_900);
  });

  it("that was taken away before the refresh token is spent stops the spending", async () => {
    let taken = false;
    const store = createFileStore({
      path,
      locking: "heartbeat",
      onStep: async (step) => {
        if (step !== "post" || taken) return;
        taken = true;
        const other = makeAuthJson();
        await writeFile(path, JSON.stringify(other));
        await rm(lockFile());
      },
    });
    const session = createSession({ store, refreshTokenUrl: issuer.tokenUrl });
    expect((await session.current()).accountId).toBe("account-1");
    expect(issuer.received).toEqual([]);
  });
});
