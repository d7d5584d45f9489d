import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, createSession } from "@codex/auth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeAuthJson, startIssuer, type TestIssuer } from "../issuer.js";

/** Mounting needs root on Linux; elsewhere these tests say that they were skipped. */
function findMountRight(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "mounting needs root on Linux";
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", "/mnt"], { stdio: "ignore" });
    execFileSync("umount", ["/mnt"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "this machine does not permit mounting";
  }
}

const noMounts = findMountRight();
let folder: string;
let disk: string;
let path: string;
let issuer: TestIssuer;
const mounted: string[] = [];

function mount(...options: string[]): void {
  execFileSync("mount", options, { stdio: "ignore" });
  mounted.push(options.at(-1) as string);
}

beforeEach(async ({ skip }) => {
  if (noMounts !== undefined) return skip(noMounts);
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  disk = join(folder, "disk");
  path = join(disk, "auth.json");
  await mkdir(disk);
  issuer = await startIssuer();
});

afterEach(async () => {
  for (const target of mounted.splice(0).reverse()) execFileSync("umount", [target], { stdio: "ignore" });
  await issuer?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const save = (file = path, document: unknown = makeAuthJson({ lifetime: -60 })) =>
  writeFile(file, JSON.stringify(document), { mode: 0o600 });
const current = (locking?: "auto" | "heartbeat") =>
  createSession({ store: createFileStore({ path, locking }), refreshTokenUrl: issuer.tokenUrl }).current();
const noSpace = { code: "auth_expired", reason: "not_writable", message: expect.stringContaining("disk is full") };

/** Fills a disk but for so many bytes. */
async function fill(leave: number): Promise<void> {
  const handle = await open(join(disk, "filler"), "w");
  const block = Buffer.alloc(4096, 1);
  let size = 0;
  try {
    for (;;) size += (await handle.write(block)).bytesWritten;
  } catch {
    await handle.truncate(size - leave);
  }
  await handle.close();
}

describe("a full disk", () => {
  it.each([0, 4096, 8192, 12_288])(
    "spends no refresh token and leaves no file behind (%i bytes left)",
    async (leave) => {
      mount("-t", "tmpfs", "-o", "size=128k", "none", disk);
      await save();
      const before = await readFile(path, "utf8");
      await fill(leave);
      for (const locking of ["auto", "heartbeat"] as const) {
        await expect(current(locking)).rejects.toMatchObject(noSpace);
        expect(issuer.received).toEqual([]);
        expect(await readFile(path, "utf8")).toBe(before);
        expect((await readdir(disk)).filter((name) => /\.tmp|codex-oauth/.test(name))).toEqual([]);
      }
      await rm(join(disk, "filler"));
      expect((await current()).accessToken).toBe(issuer.issued[0]);
    },
  );

  it("for whichever block is the last that is missing: the login is kept whole, old or new", async () => {
    mount("-t", "tmpfs", "-o", "size=128k", "none", disk);
    const ends: boolean[] = [];
    for (let blocks = 0; blocks <= 22; blocks += 1) {
      await rm(join(disk, "filler"), { force: true });
      issuer.valid = "rt-CANARY-0";
      await save();
      const before = await readFile(path, "utf8");
      const sent = issuer.received.length;
      await fill(blocks * 4096);
      const kept = await current().then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject(noSpace);
          return false;
        },
      );
      ends.push(kept);
      expect(issuer.received.length - sent).toBe(kept ? 1 : 0);
      const text = await readFile(path, "utf8");
      if (kept) expect(JSON.parse(text).tokens.refresh_token).toBe(issuer.valid);
      else expect(text).toBe(before);
      expect((await readdir(disk)).filter((name) => /\.(tmp|answer)$/.test(name))).toEqual([]);
    }
    // Somewhere between is the block that decides, and there is only one.
    const first = ends.indexOf(true);
    expect(first).toBeGreaterThan(4);
    expect(ends).toEqual(ends.map((_kept, blocks) => blocks >= first));
  });

  it("that becomes full between the proof and the write does not matter: the room was set aside", async () => {
    mount("-t", "tmpfs", "-o", "size=128k", "none", disk);
    await save();
    const store = createFileStore({ path, onStep: (step) => (step === "post" ? fill(0) : undefined) });
    await createSession({ store, refreshTokenUrl: issuer.tokenUrl }).current();
    expect(JSON.parse(await readFile(path, "utf8")).tokens.refresh_token).toBe(issuer.valid);
    expect(await readdir(disk)).toContain("filler");
  });
});

describe("a read-only disk", () => {
  it("spends no refresh token", async () => {
    mount("-t", "tmpfs", "none", disk);
    await save();
    execFileSync("mount", ["-o", "remount,ro", disk]);
    await expect(current()).rejects.toMatchObject({
      reason: "not_writable",
      message: expect.stringContaining("read-only"),
    });
    expect(issuer.received).toEqual([]);
  });
});

describe("a single file that is mounted by itself", () => {
  beforeEach(async () => {
    const outside = join(folder, "outside");
    await mkdir(outside);
    mount("-t", "tmpfs", "-o", "size=128k", "none", outside);
    await save(join(outside, "login.json"));
    await writeFile(path, "");
    mount("--bind", join(outside, "login.json"), path);
  });

  it("is written in place, whole, with nothing left beside it", async () => {
    const { ino } = await stat(path);
    await current();
    const text = await readFile(path, "utf8");
    expect(JSON.parse(text)).toMatchObject({ other_program: { kept: true }, tokens: { refresh_token: issuer.valid } });
    expect(text.endsWith("}")).toBe(true);
    expect((await stat(path)).ino).toBe(ino);
    expect((await readdir(disk)).filter((name) => name.includes(".tmp"))).toEqual([]);
  });

  it("is always found by our readers, and holds JSON before it is cut to its new length, be that shorter", async () => {
    const seen: string[] = [];
    const handle = await open(path, "r");
    const files = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    const { truncate } = files;
    files.truncate = async function (length) {
      seen.push(await readFile(path, "utf8"));
      await truncate.call(this, length);
    };
    let now = Date.now();
    let reading = true;
    const reader = (async () => {
      let reads = 0;
      const store = createFileStore({ path });
      for (; reading; reads += 1) expect((await store.read())?.accountId).toBe("account-1");
      return reads;
    })();
    try {
      for (let renewal = 0; renewal < 10; renewal += 1) {
        const store = createFileStore({ path, now: () => now });
        const session = createSession({ store, refreshTokenUrl: issuer.tokenUrl, now: () => now });
        issuer.token = { claims: renewal % 2 === 0 ? { padding: "x".repeat(3_000) } : {} };
        await session.current();
        session.close();
        now += 11 * 86_400_000;
      }
    } finally {
      files.truncate = truncate;
      reading = false;
    }
    expect(await reader).toBeGreaterThan(50);
    expect(issuer.rotations).toBe(10);
    expect(seen.length).toBeGreaterThanOrEqual(10);
    for (const text of seen) expect(() => JSON.parse(text)).not.toThrow();
  });

  it("whose own disk is full spends no refresh token, and is as it was", async () => {
    const before = await readFile(path, "utf8");
    disk = join(folder, "outside");
    await fill(0);
    await expect(current()).rejects.toMatchObject(noSpace);
    expect(issuer.received).toEqual([]);
    expect(await readFile(path, "utf8")).toBe(before);
  });

  it("keeps its text when the issuer refuses", async () => {
    const before = await readFile(path, "utf8");
    issuer.valid = "another";
    issuer.fault = (_request, response) => void response.writeHead(500).end();
    await expect(current()).rejects.toMatchObject({ reason: "issuer_unavailable" });
    expect(await readFile(path, "utf8")).toBe(before);
  });

  it("is emptied by a logout, since it cannot be removed", async () => {
    expect(await createFileStore({ path }).clear()).toBe(true);
    expect(await readFile(path, "utf8")).toBe("{}");
    await expect(current()).rejects.toMatchObject({ reason: "absent" });
  });

  it("that was torn by a crash is read from the whole text beside it", async () => {
    const whole = makeAuthJson();
    await writeFile(join(disk, ".auth.json-0123456789ab.codex-oauth.tmp"), JSON.stringify(whole));
    await writeFile(path, '{"tokens": {"access');
    const store = createFileStore({ path });
    expect((await store.read())?.accessToken).toBe(whole.tokens.access_token);
  });
});

describe("an immutable file", () => {
  it("spends no refresh token", async ({ skip }) => {
    await save();
    try {
      execFileSync("chattr", ["+i", path], { stdio: "ignore" });
    } catch {
      return skip("this file system has no immutable files");
    }
    try {
      await expect(current()).rejects.toMatchObject({ reason: "not_writable" });
      expect(issuer.received).toEqual([]);
    } finally {
      execFileSync("chattr", ["-i", path]);
    }
  });
});
