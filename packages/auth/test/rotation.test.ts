import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, createSession, type RefreshStep } from "@codex/auth";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { answer, makeAuthJson, makeToken, startIssuer, type TestIssuer } from "./issuer.js";
import { type Child, startChild } from "./processes.js";

/** The Codex CLI, played by a process of its own, renews the login at every moment of a refresh of ours. */
let folder: string;
let path: string;
let issuer: TestIssuer;
let double: Child;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  issuer = await startIssuer();
  double = await startChild({ path, tokenUrl: issuer.tokenUrl }, "codex-double.ts");
});

beforeEach(async () => {
  issuer.received = [];
  issuer.headers = [];
  issuer.issued = [];
  runs = double.lines("done").length;
  await writeFile(path, JSON.stringify(makeAuthJson({ lifetime: -60, refreshToken: issuer.valid })), { mode: 0o600 });
});

afterEach(() => {
  issuer.fault = undefined;
});

afterAll(async () => {
  double.process.kill();
  await double.ended;
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

const steps: RefreshStep[] = ["lock", "reread", "prove", "post", "merge", "write", "done"];
const load = async () => JSON.parse(await readFile(path, "utf8"));
const open = (onStep?: (step: RefreshStep) => unknown, locking: "auto" | "heartbeat" = "auto") =>
  createSession({
    store: createFileStore({ path, locking, onStep: async (step) => void (await onStep?.(step)) }),
    refreshTokenUrl: issuer.tokenUrl,
    lookIntervalMs: 60_000,
  });

/** What the double's run has come to. */
async function ended(): Promise<string> {
  while (double.lines("done").length === runs) await once(double.process.stdout as NodeJS.ReadableStream, "data");
  return String(double.lines("done")[runs]?.done);
}

async function posted(count = 1): Promise<void> {
  while (issuer.received.length < count) await new Promise((resolve) => setImmediate(resolve));
}

/** The refresh tokens that we have sent, not the double. */
const sentByUs = () => issuer.received.filter((_token, at) => issuer.headers[at]?.originator === "codex-oauth");

/** Runs a refresh of ours and lets `deed` happen as one step begins. */
async function refreshWith(at: RefreshStep, deed: () => unknown, locking?: "auto" | "heartbeat"): Promise<string> {
  let done = false;
  const session = open(async (step) => {
    if (step !== at || done) return;
    done = true;
    await deed();
  }, locking);
  const { accessToken } = await session.current();
  session.close();
  return accessToken;
}

/** A login that works is left, ours is one of those that the issuer made, and we have sent no token twice. */
async function expectNothingLost(accessToken: string): Promise<void> {
  expect((await load()).tokens.refresh_token).toBe(issuer.valid);
  expect(issuer.issued).toContain(accessToken);
  expect(new Set(sentByUs()).size).toBe(sentByUs().length);
  expect((await readdir(folder)).filter((name) => /\.(tmp|answer)$/.test(name))).toEqual([]);
}

describe("a rotation by the Codex CLI", () => {
  it("before we begin: its token is adopted without a call, though our keys are gone", async () => {
    const accessToken = await refreshWith("lock", async () => {
      double.go();
      expect(await ended()).toBe("written");
    });
    expect([accessToken]).toEqual(issuer.issued);
    expect(sentByUs()).toEqual([]);
    expect(await load()).not.toHaveProperty("other_program");
    await expectNothingLost(accessToken);
  });

  it.each(["reread", "prove", "post"] as const)(
    "before the step %s: it waits for our locks, gets them when the issuer tells us, and its token is adopted",
    async (at) => {
      const accessToken = await refreshWith(at, () => {
        double.go();
        return posted();
      });
      expect([accessToken]).toEqual(issuer.issued);
      expect(await ended()).toBe("written");
      expect(sentByUs()).toHaveLength(1);
      await expectNothingLost(accessToken);
    },
  );

  it.each(["merge", "write"] as const)(
    "before the step %s: it comes too late, and ours is kept with all keys",
    async (at) => {
      const accessToken = await refreshWith(at, () => {
        double.go();
        return posted(2);
      });
      expect(await ended()).toBe("refused 401");
      expect([accessToken]).toEqual(issuer.issued);
      expect(await load()).toMatchObject({ other_program: { kept: true }, tokens: { access_token: accessToken } });
      await expectNothingLost(accessToken);
      // What it does next: it finds ours in the file.
      runs = double.lines("done").length;
      double.process.stdin?.write("use\n");
      expect(await ended()).toBe("fresh");
      expect(issuer.received).toHaveLength(2);
    },
  );

  it("after ours is written: it renews ours in turn, and we adopt that", async () => {
    const accessToken = await refreshWith("done", () => {
      double.go();
      return posted(2);
    });
    expect(await ended()).toBe("written");
    expect(accessToken).toBe(issuer.issued[0]);
    await expectNothingLost(accessToken);
    expect((await open().refresh({ accessToken })).accessToken).toBe(issuer.issued[1]);
    expect(sentByUs()).toHaveLength(1);
  });

  it.each(
    steps.flatMap((at) => [
      { at, locking: "auto" as const },
      { at, locking: "heartbeat" as const },
    ]),
  )("during the step $at, in whatever order it comes: nothing is lost (lock: $locking)", async ({ at, locking }) => {
    for (let round = 0; round < 4; round += 1) {
      runs = double.lines("done").length;
      await writeFile(path, JSON.stringify(makeAuthJson({ lifetime: -60, refreshToken: issuer.valid })));
      const accessToken = await refreshWith(at, () => double.go(), locking);
      expect(["written", "adopted", "refused 401"]).toContain(await ended());
      await expectNothingLost(accessToken);
    }
  });
});

describe("what the Codex CLI does with ours", () => {
  it("a login that we store while its POST is under way wins: it discards its own", async () => {
    let reply: () => void = () => {};
    issuer.fault = (_request, response, rotate) => {
      issuer.fault = undefined;
      reply = () => answer(response, 200, rotate());
    };
    double.go();
    await posted();
    const login = { accessToken: makeToken(), refreshToken: "rt-of-a-new-login", idToken: makeToken() };
    await createFileStore({ path }).write({ ...login, accountId: "account-1" });
    reply();
    expect(await ended()).toBe("adopted");
    expect((await load()).tokens).toMatchObject({ access_token: login.accessToken, refresh_token: login.refreshToken });
    expect((await open().current()).accessToken).toBe(login.accessToken);
  });

  it("drops the keys that it does not know, which costs us nothing: the login is renewed as before", async () => {
    double.go();
    expect(await ended()).toBe("written");
    const document = await load();
    await writeFile(
      path,
      JSON.stringify({
        ...document,
        tokens: { ...document.tokens, access_token: makeToken({ lifetime: -60, now: Date.now() - 86_400_000 }) },
      }),
    );
    const { accessToken } = await open().current();
    expect(accessToken).toBe(issuer.issued[1]);
    expect(await load()).toMatchObject({ auth_mode: "chatgpt", last_refresh: expect.any(String) });
    await expectNothingLost(accessToken);
  });
});
