import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, createSession, type RefreshStep } from "@codex/auth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answer, makeAuthJson, startIssuer, type TestIssuer } from "../issuer.js";
import { startChild } from "../processes.js";

/** What people and other programs do to a login, its locks and its folder while the refresh is on its way. */
let folder: string;
let path: string;
let issuer: TestIssuer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  issuer = await startIssuer();
  await save(makeExpired());
});

afterEach(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

type Locking = "auto" | "heartbeat";
const lockings: Locking[] = ["auto", "heartbeat"];

const makeExpired = () => makeAuthJson({ lifetime: -60, now: Date.now() - 86_400_000 });
const save = (document: unknown, file = path) => writeFile(file, JSON.stringify(document), { mode: 0o600 });
const load = async (file = path) => JSON.parse(await readFile(file, "utf8"));

function open(options: { locking?: Locking; onStep?: (step: RefreshStep) => void | Promise<void>; at?: string } = {}) {
  const { at = path, ...more } = options;
  return createSession({ store: createFileStore({ path: at, ...more }), refreshTokenUrl: issuer.tokenUrl });
}

/** Runs a refresh, and a deed while the issuer has the refresh token and has not answered yet. */
async function during(deed: () => Promise<unknown>, options: Parameters<typeof open>[0] = {}) {
  issuer.fault = async (_request, response, rotate) => {
    issuer.fault = undefined;
    const tokens = rotate();
    await deed();
    answer(response, 200, tokens);
  };
  return await open(options).current();
}

/** The files beside the login that are neither it nor its locks. */
const leftovers = async () => (await readdir(folder)).filter((name) => /\.(tmp|answer)$/.test(name));

describe.each(lockings)("lock files that are removed during the POST (%s)", (locking) => {
  it("let no other program send the refresh token again", async () => {
    const child = await startChild({ path, tokenUrl: issuer.tokenUrl, locking });
    const other = await startChild({ path, tokenUrl: issuer.tokenUrl, locking });
    let mine: Promise<unknown> | undefined;
    issuer.fault = async (_request, response, rotate) => {
      issuer.fault = undefined;
      const tokens = rotate();
      for (const name of await readdir(folder)) if (name.endsWith(".lock")) await unlink(join(folder, name));
      other.go();
      mine = open({ locking }).current();
      // Long enough for both to see that there is no lock.
      await new Promise((resolve) => setTimeout(resolve, 500));
      answer(response, 200, tokens);
    };
    child.go();
    expect(await child.outcomes()).toEqual(["ok"]);
    expect(await other.outcomes()).toEqual(["ok"]);
    await mine;
    expect(issuer.received).toHaveLength(1);
    expect((await load()).tokens.refresh_token).toBe(issuer.valid);
  });
});

describe.each(lockings)("lock files that are removed again and again (%s)", (locking) => {
  it("let nobody send a token that another program is about to send", async () => {
    const removeLocks = async () => {
      for (const name of await readdir(folder)) if (name.endsWith(".lock")) await unlink(join(folder, name));
    };
    let other: Promise<unknown> | undefined;
    const first = open({
      locking,
      onStep: async (step) => {
        if (step !== "post" || other !== undefined) return;
        await removeLocks();
        let isWaiting: () => void = () => {};
        const waiting = new Promise<void>((resolve) => {
          isWaiting = resolve;
        });
        let times = 0;
        // It has the lock, and gives way each time: to the note of the first.
        const onStep = async (at: RefreshStep) => {
          await removeLocks();
          if (at === "prove") times += 1;
          if (times === 3 && at === "prove") isWaiting();
        };
        other = open({ locking, onStep }).current();
        await waiting;
      },
    });
    const { accessToken } = await first.current();
    expect(await other).toMatchObject({ accessToken });
    expect(issuer.received).toHaveLength(1);
    expect((await readdir(folder)).filter((name) => name.endsWith(".sending"))).toEqual([]);
  });
});

describe("a program that was asleep at the write", () => {
  it.each(lockings)("does not overwrite a newer login when it wakes without its lock (%s)", async (locking) => {
    const newer = makeAuthJson({ refreshToken: "rt-newer" });
    const deed = async (step: RefreshStep) => {
      if (step !== "write") return;
      await takeLockFile();
      await save(newer);
    };
    const context = await open({ locking, onStep: deed }).current();
    expect(await load()).toEqual(newer);
    expect(context.accessToken).toBe(newer.tokens.access_token);
    expect(await leftovers()).toEqual([]);
  });

  it("leaves its result to the program that holds the lock by now", async () => {
    const deed = async (step: RefreshStep) => {
      if (step === "write") await takeLockFile();
    };
    const context = await open({ locking: "heartbeat", onStep: deed }).current();
    expect(context.accessToken).toBe(issuer.issued[0]);
    expect((await load()).tokens.refresh_token).not.toBe(issuer.valid);
    await unlink(lockFile());
    expect((await open({ locking: "heartbeat" }).current()).accessToken).toBe(issuer.issued[0]);
    expect((await load()).tokens.refresh_token).toBe(issuer.valid);
    expect(issuer.received).toHaveLength(1);
    expect(await leftovers()).toEqual([]);
  });

  it("merges anew what was changed while it slept with the lock still its own", async () => {
    let done = false;
    const deed = async (step: RefreshStep) => {
      if (step !== "write" || done) return;
      done = true;
      await save({ ...(await load()), added: 1 });
    };
    await open({ onStep: deed }).current();
    expect(await load()).toMatchObject({ added: 1, tokens: { refresh_token: issuer.valid } });
  });

  const lockFile = () => `${path}.codex-oauth.lock`;
  /** What a program does that has seen no heartbeat for too long. */
  const takeLockFile = () =>
    writeFile(lockFile(), JSON.stringify({ id: "another", pid: process.pid, machine: "other" }));
});

describe("a link that is turned during the POST", () => {
  it("to another file: the result goes into the file that was read, and the other one stays", async () => {
    const [old, next] = [join(folder, "old.json"), join(folder, "next.json")];
    const theirs = makeAuthJson({ account: "account-2" });
    await rename(path, old);
    await save(theirs, next);
    await symlink("old.json", path);
    const context = await during(async () => {
      await symlink("next.json", join(folder, "turned"));
      await rename(join(folder, "turned"), path);
    });
    expect(context.accessToken).toBe(issuer.issued[0]);
    expect((await load(old)).tokens.refresh_token).toBe(issuer.valid);
    expect(await load(next)).toEqual(theirs);
    expect((await open().current()).accountId).toBe("account-2");
    expect(issuer.received).toHaveLength(1);
  });

  it.each(lockings)("to another folder: the same (%s)", async (locking) => {
    for (const name of ["old", "next"]) await mkdir(join(folder, name));
    const theirs = makeAuthJson({ account: "account-2" });
    await rename(path, join(folder, "old", "auth.json"));
    await save(theirs, join(folder, "next", "auth.json"));
    await symlink("old", join(folder, "current"));
    const at = join(folder, "current", "auth.json");
    const turn = async () => {
      await symlink("next", join(folder, "turned"));
      await rename(join(folder, "turned"), join(folder, "current"));
    };
    const context = await during(turn, { locking, at });
    expect(context.accessToken).toBe(issuer.issued[0]);
    expect((await load(join(folder, "old", "auth.json"))).tokens.refresh_token).toBe(issuer.valid);
    expect(await load(join(folder, "next", "auth.json"))).toEqual(theirs);
    expect(await readdir(join(folder, "next"))).toEqual(["auth.json"]);
  });
});

describe("what is stored during the POST and is no login that we know", () => {
  const others = {
    "an API key": { auth_mode: "apikey", OPENAI_API_KEY: "sk-made-up", tokens: null },
    "a personal access token": { personal_access_token: "pat-made-up" },
    "a later layout": { version: 2, sessions: [{ access: "made-up" }] },
    "an empty object": {},
    "a list": [],
  };

  it.each(Object.entries(others))("%s stays, and the renewal ends", async (_name, other) => {
    await expect(during(() => save(other))).rejects.toMatchObject({ code: "auth_changed" });
    expect(await load()).toEqual(other);
    expect(await leftovers()).toEqual([]);
  });

  it.each(Object.entries(others))("%s is not replaced by what a killed program has left", async (_name, other) => {
    await save(other);
    const left = join(folder, ".auth.json-0123456789ab.codex-oauth.tmp");
    await save(makeAuthJson({ refreshToken: "rt-of-before" }), left);
    await expect(open().current()).rejects.toThrow();
    await createFileStore({ path }).prove?.();
    expect(await load()).toEqual(other);
  });

  it("a text that was cut off is repaired", async () => {
    await during(() => writeFile(path, '{"tokens":{"acc'));
    expect(await load()).toMatchObject({ other_program: { kept: true }, tokens: { refresh_token: issuer.valid } });
  });
});

describe("our own files", () => {
  it("that a cleaner removes during the POST are made anew", async () => {
    const context = await during(async () => {
      for (const name of await readdir(folder)) if (name !== "auth.json") await rm(join(folder, name));
    });
    expect(context.accessToken).toBe(issuer.issued[0]);
    expect((await load()).tokens.refresh_token).toBe(issuer.valid);
    expect(await leftovers()).toEqual([]);
  });

  it("that cannot be written stop the renewal before anything is spent: the log", async () => {
    await mkdir(join(folder, "auth.json.codex-oauth.log"));
    await expect(open().current()).rejects.toMatchObject({
      reason: "not_writable",
      message: expect.stringContaining("auth.json.codex-oauth.log"),
    });
    expect(issuer.received).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  it("that can no longer be written after a lost answer: another process does not send it again", async () => {
    issuer.fault = async (request, _response, rotate) => {
      rotate();
      await rm(join(folder, "auth.json.codex-oauth.log"), { force: true });
      await mkdir(join(folder, "auth.json.codex-oauth.log"));
      request.socket.destroy();
    };
    await expect(open().current()).rejects.toMatchObject({ reason: "answer_unknown" });
    issuer.fault = undefined;
    const child = await startChild({ path, tokenUrl: issuer.tokenUrl });
    child.go();
    expect(await child.outcomes()).toEqual([expect.objectContaining({ reason: "not_writable" })]);
    expect(issuer.received).toHaveLength(1);
  });

  it("say to the next process what became of a refresh token whose answer was lost", async () => {
    issuer.fault = (request, _response, rotate) => {
      rotate();
      request.socket.destroy();
    };
    await expect(open().current()).rejects.toMatchObject({ reason: "answer_unknown" });
    issuer.fault = undefined;
    const child = await startChild({ path, tokenUrl: issuer.tokenUrl });
    child.go();
    expect(await child.outcomes()).toEqual([expect.objectContaining({ reason: "answer_unknown" })]);
    expect(issuer.received).toHaveLength(1);
  });
});

describe("flock on one side and the lock file alone on the other", () => {
  it("renew a login once, round after round", async () => {
    for (let round = 0; round < 6; round += 1) {
      await save(makeExpired());
      issuer.valid = "rt-CANARY-0";
      const before = issuer.received.length;
      const tasks = ["auto", "heartbeat", "auto", "heartbeat"].map((locking) =>
        startChild({ path, tokenUrl: issuer.tokenUrl, locking }),
      );
      const children = await Promise.all(tasks);
      for (const child of children) child.go();
      for (const child of children) expect(await child.outcomes()).toEqual(["ok"]);
      expect(issuer.received.length - before).toBe(1);
    }
  });
});
