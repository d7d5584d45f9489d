import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, createSession, type RefreshStep } from "@codex/auth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answer, makeAuthJson, startIssuer, type TestIssuer } from "../issuer.js";

let folder: string;
let path: string;
let issuer: TestIssuer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  issuer = await startIssuer();
  await save(makeAuthJson({ lifetime: -60, now: Date.now() - 86_400_000 }));
});

afterEach(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

const save = (document: unknown) => writeFile(path, JSON.stringify(document), { mode: 0o600 });
const load = async () => JSON.parse(await readFile(path, "utf8"));

function open(onStep: (step: RefreshStep) => void | Promise<void>, onWarning?: (message: string) => void) {
  const store = createFileStore({ path, onStep, onWarning });
  return createSession({ store, refreshTokenUrl: issuer.tokenUrl });
}

/** Runs a refresh and does something just before one of its steps. */
async function disturb(at: RefreshStep, deed: () => Promise<unknown>) {
  let done = false;
  return await open(async (step) => {
    if (step !== at || done) return;
    done = true;
    await deed();
  }).current();
}

/** What another program does that renews the login by itself: its own POST, then its own write. */
async function rotateElsewhere(): Promise<string> {
  const { tokens } = await load();
  const response = await fetch(issuer.tokenUrl, {
    method: "POST",
    body: JSON.stringify({ refresh_token: tokens.refresh_token }),
  });
  const fresh = (await response.json()) as { access_token: string };
  expect(response.ok).toBe(true);
  // As the Codex CLI does it: unknown keys are dropped.
  await save({
    auth_mode: "chatgpt",
    tokens: { account_id: "account-1", ...fresh },
    last_refresh: new Date().toISOString(),
  });
  return fresh.access_token;
}

const steps: RefreshStep[] = ["lock", "reread", "prove", "post", "merge", "write", "done"];

describe("the steps", () => {
  it("come in this order", async () => {
    const seen: RefreshStep[] = [];
    await open((step) => void seen.push(step)).current();
    expect(seen).toEqual(steps);
  });
});

describe("another program renews the login", () => {
  it.each(["lock", "reread"] as const)("before the step %s: its token is adopted and ours is not spent", async (at) => {
    let theirs = "";
    const context = await disturb(at, async () => {
      theirs = await rotateElsewhere();
    });
    expect(context.accessToken).toBe(theirs);
    expect(issuer.rotations).toBe(1);
    expect(issuer.received).toHaveLength(1);
  });

  it.each(["prove", "post"] as const)("before the step %s: the same, by one more look", async (at) => {
    let theirs = "";
    const context = await disturb(at, async () => {
      theirs = await rotateElsewhere();
    });
    expect(context.accessToken).toBe(theirs);
    expect((await load()).tokens.refresh_token).toBe(issuer.valid);
    expect(issuer.received).toHaveLength(1);
  });

  it("while ours is on its way: the issuer says so, and its token is adopted", async () => {
    let theirs = "";
    issuer.fault = async (_request, response) => {
      issuer.fault = undefined;
      theirs = await rotateElsewhere();
      answer(response, 401, { error: { code: "refresh_token_reused" } });
    };
    expect((await open(() => {}).current()).accessToken).toBe(theirs);
    expect((await load()).tokens.refresh_token).toBe(issuer.valid);
    // Theirs, and ours that came too late: none of us has sent one twice.
    expect(issuer.received).toHaveLength(2);
    expect(issuer.rotations).toBe(1);
  });

  it("and posts without a lock, while we wait for its token with both locks free", async () => {
    issuer.fault = (_request, response) => {
      issuer.fault = undefined;
      answer(response, 401, { error: { code: "refresh_token_reused" } });
      void (async () => {
        // The Codex CLI writes under both locks: with ours still held it could not.
        const other = createFileStore({ path, lockTimeoutMs: 2_000 });
        await other.write({ accessToken: winner, refreshToken: "rt-winner", accountId: "account-1" });
      })();
    };
    const winner = makeAuthJson().tokens.access_token as string;
    expect((await open(() => {}).current()).accessToken).toBe(winner);
  });
});

describe("another login is stored while ours is being renewed", () => {
  it.each(["merge", "done"] as const)("before the step %s: the newer one in the file wins", async (at) => {
    const other = makeAuthJson({ refreshToken: "rt-of-a-new-login" });
    const context = await disturb(at, () => save(other));
    expect(await load()).toEqual(other);
    const next = await open(() => {}).current();
    expect(next.accessToken).toBe(other.tokens.access_token);
    if (at === "merge") expect(context.accessToken).toBe(other.tokens.access_token);
  });

  it("an old one from a backup does not win, but its keys stay", async () => {
    const backup = { ...makeAuthJson({ lifetime: -60, now: Date.now() - 2 * 86_400_000 }), backup: true };
    const context = await disturb("merge", () => save(backup));
    expect(context.accessToken).toBe(issuer.issued[0]);
    expect(await load()).toMatchObject({ backup: true, tokens: { refresh_token: issuer.valid } });
  });

  it("another account's login stays, and ours ends", async () => {
    for (const at of ["reread", "merge"] as const) {
      await save(makeAuthJson({ lifetime: -60 }));
      issuer.valid = "rt-CANARY-0";
      const other = makeAuthJson({ account: "account-2" });
      await expect(disturb(at, () => save(other))).rejects.toMatchObject({ code: "auth_changed" });
      expect(await load()).toEqual(other);
    }
  });

  it("a key that somebody adds meanwhile survives", async () => {
    await disturb("merge", async () => save({ ...(await load()), added: { later: 1 } }));
    expect(await load()).toMatchObject({ added: { later: 1 }, tokens: { refresh_token: issuer.valid } });
  });

  it("a logout is respected", async () => {
    await expect(disturb("merge", () => rm(path))).rejects.toMatchObject({ code: "auth_changed" });
    expect((await readdir(folder)).filter((name) => !name.endsWith(".lock"))).toEqual([]);
  });

  it("a file that is broken meanwhile is repaired with everything that was in it", async () => {
    await disturb("merge", () => writeFile(path, '{"tokens": {"acc'));
    expect(await load()).toMatchObject({
      other_program: { kept: true },
      tokens: { refresh_token: issuer.valid, other_program: { inside: [1, 2, 3] } },
    });
  });
});

describe("a renewed login that cannot be written after all", () => {
  it("is used from memory, told, and written as soon as that works again", async () => {
    const warnings: string[] = [];
    const old = await readFile(path, "utf8");
    const { mkdir } = await import("node:fs/promises");
    const store = createFileStore({
      path,
      onWarning: (message) => warnings.push(message),
      onStep: async (step) => {
        if (step !== "write") return;
        await rm(path);
        await mkdir(path);
      },
    });
    const session = createSession({ store, refreshTokenUrl: issuer.tokenUrl, lookIntervalMs: 60_000 });
    const context = await session.current();
    expect(context.accessToken).toBe(issuer.issued[0]);
    expect(warnings).toEqual([expect.stringContaining("could not be written")]);
    await rm(path, { recursive: true });
    await writeFile(path, old);
    expect((await session.current()).accessToken).toBe(context.accessToken);
    expect((await store.read())?.accessToken).toBe(context.accessToken);
    await store.modified?.();
    expect((await load()).tokens).toMatchObject({ access_token: issuer.issued[0], refresh_token: issuer.valid });
    expect(issuer.received).toHaveLength(1);
    expect((await readdir(folder)).filter((name) => name.includes(".tmp"))).toEqual([]);
  });
});

describe("what a killed program has left", () => {
  const leftover = () => join(folder, ".auth.json-0123456789ab.codex-oauth.tmp");

  it("is put in place when it is whole and newer: nothing is spent", async () => {
    const finished = makeAuthJson({ refreshToken: "rt-finished" });
    await writeFile(leftover(), JSON.stringify(finished, null, 2));
    expect((await open(() => {}).current()).accessToken).toBe(finished.tokens.access_token);
    expect(await load()).toEqual(finished);
    expect(issuer.received).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.includes(".tmp"))).toEqual([]);
  });

  it("is passed over when it is not whole, older, or another account's", async () => {
    const contents = [
      Buffer.from([0, 1, 2]),
      '{"tokens": {"access_token"',
      JSON.stringify(makeAuthJson({ now: Date.now() - 2 * 86_400_000 })),
      JSON.stringify(makeAuthJson({ account: "account-2" })),
    ];
    for (const content of contents) {
      issuer.valid = "rt-CANARY-0";
      await save(makeAuthJson({ lifetime: -60, now: Date.now() - 86_400_000 }));
      await writeFile(leftover(), content);
      expect((await open(() => {}).current()).accessToken).toBe(issuer.issued.at(-1));
    }
  });

  it("does not bring a login back after a logout", async () => {
    await writeFile(leftover(), JSON.stringify(makeAuthJson()));
    await createFileStore({ path }).clear();
    await expect(open(() => {}).current()).rejects.toMatchObject({ reason: "absent" });
    expect((await readdir(folder)).filter((name) => name.includes(".tmp"))).toEqual([]);
  });
});
