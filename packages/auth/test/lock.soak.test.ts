import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createFileStore, createSession } from "@codex/auth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answer, makeAuthJson, startIssuer, type TestIssuer } from "./issuer.js";
import { type Child, startChild } from "./processes.js";

/** Processes that fall asleep for as long as people's machines do, with the limits that hold for people. */
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

type Locking = "auto" | "heartbeat";
const start = (locking: Locking, task: Record<string, unknown> = {}) =>
  startChild({ path, tokenUrl: issuer.tokenUrl, locking, ...task });
const startThree = (locking: Locking) => Promise.all(Array.from({ length: 3 }, () => start(locking)));

/** Answers the next request when told to, and says when it has come. */
function holdAnswer(): Promise<() => void> {
  return new Promise((resolve) => {
    issuer.fault = (_request, response, rotate) => {
      issuer.fault = undefined;
      resolve(() => answer(response, 200, rotate()));
    };
  });
}

/** Ends well: nothing on stderr, where an error from a timer would show, and nothing left to hold it open. */
async function expectGoodEnd(children: Child[]): Promise<void> {
  for (const child of children) {
    expect(await child.ended).toBe(0);
    for (const line of child.output) expect(() => JSON.parse(line)).not.toThrow();
  }
}

describe("a process that sleeps while it holds flock", () => {
  it("the others say within 30 s what they wait for, and go on when it wakes", async () => {
    const asked = holdAnswer();
    const holder = await start("auto");
    holder.go();
    const reply = await asked;
    holder.process.kill("SIGSTOP");
    const others = await startThree("auto");
    const begun = performance.now();
    for (const other of others) other.go();
    const outcomes = (await Promise.all(others.map((other) => other.outcomes()))).flat();
    const waited = performance.now() - begun;
    expect(waited).toBeGreaterThan(29_000);
    expect(waited).toBeLessThan(32_000);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ code: "busy", reason: "lock_timeout" });
      expect(outcome).toMatchObject({
        message: expect.stringMatching(new RegExp(`process ${holder.process.pid}.*${join(folder, "auth.lock")}.*30 s`)),
      });
    }
    expect(issuer.received).toHaveLength(1);
    reply();
    holder.process.kill("SIGCONT");
    expect(await holder.outcomes()).toEqual(["ok"]);
    const next = await start("auto");
    next.go();
    expect(await next.outcomes()).toEqual(["ok"]);
    expect(issuer.received).toHaveLength(1);
    await expectGoodEnd([holder, next, ...others]);
  });
});

describe("a process that sleeps while it holds the lock file", () => {
  it("before it has sent anything: one of the others goes on after 10 s, and it adopts their token", async () => {
    const holder = await start("heartbeat", { sleepAt: "prove", steps: true });
    holder.go();
    await holder.line("step", "prove");
    const others = await startThree("heartbeat");
    const begun = performance.now();
    for (const other of others) other.go();
    const outcomes = (await Promise.all(others.map((other) => other.outcomes()))).flat();
    const waited = performance.now() - begun;
    expect(outcomes).toEqual(["ok", "ok", "ok"]);
    expect(waited).toBeGreaterThan(9_900);
    expect(waited).toBeLessThan(15_000);
    holder.process.kill("SIGCONT");
    expect(await holder.outcomes()).toEqual(["ok"]);
    expect(issuer.received).toHaveLength(1);
    await expectGoodEnd([holder, ...others]);
  });

  it("with the answer waiting for it, and sleeps on: the others say so after 30 s, and go on when it wakes", async () => {
    const asked = holdAnswer();
    const holder = await start("heartbeat");
    holder.go();
    const reply = await asked;
    holder.process.kill("SIGSTOP");
    reply();
    const others = await startThree("heartbeat");
    const begun = performance.now();
    for (const other of others) other.go();
    const outcomes = (await Promise.all(others.map((other) => other.outcomes()))).flat();
    expect(performance.now() - begun).toBeLessThan(32_000);
    // They have taken the lock over in turns, and none has sent what the sleeper had noted that it sends.
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: "lock_timeout" });
    expect(issuer.received).toHaveLength(1);
    holder.process.kill("SIGCONT");
    expect(await holder.outcomes()).toEqual(["ok"]);
    const next = await start("heartbeat");
    next.go();
    expect(await next.outcomes()).toEqual(["ok"]);
    expect(issuer.received).toHaveLength(1);
    expect(JSON.parse(await readFile(path, "utf8")).tokens.refresh_token).toBe(issuer.valid);
    await expectGoodEnd([holder, next, ...others]);
  });

  it("with the answer waiting for it: nothing is lost for the others", async () => {
    const holder = await start("heartbeat");
    const asked = new Promise<void>((resolve) => {
      issuer.fault = (_request, response, rotate) => {
        issuer.fault = undefined;
        holder.process.kill("SIGSTOP");
        answer(response, 200, rotate());
        resolve();
      };
    });
    holder.go();
    await asked;
    const session = createSession({
      store: createFileStore({
        path,
        locking: "heartbeat",
        // It has taken the lock over, and wakes the sleeper before it finds out that this one is sending.
        onStep: (step) => void (step === "prove" && holder.process.kill("SIGCONT")),
      }),
      refreshTokenUrl: issuer.tokenUrl,
    });
    const context = await session.current();
    expect(context.accessToken).toBe(issuer.issued[0]);
    expect(await holder.outcomes()).toEqual(["ok"]);
    expect(JSON.parse(await readFile(path, "utf8")).tokens.refresh_token).toBe(issuer.valid);
    await expectGoodEnd([holder]);
  });
});

describe.each<Locking>(["auto", "heartbeat"])(
  "a machine that sleeps with all of its processes (lock: %s)",
  (locking) => {
    it("renews once, with the answer that has waited", async () => {
      const asked = holdAnswer();
      const holder = await start(locking, { refreshTimeoutMs: 3_000 });
      holder.go();
      const reply = await asked;
      const others = await startThree(locking);
      for (const other of others) other.go();
      // They must have seen the lock before they sleep.
      await delay(500);
      const all = [holder, ...others];
      for (const child of all) child.process.kill("SIGSTOP");
      reply();
      await delay(35_000);
      // The holder last: the others have every chance to take its lock away.
      for (const child of all.reverse()) child.process.kill("SIGCONT");
      expect((await Promise.all(all.map((child) => child.outcomes()))).flat()).toEqual(["ok", "ok", "ok", "ok"]);
      expect(issuer.received).toHaveLength(1);
      expect(JSON.parse(await readFile(path, "utf8")).tokens.refresh_token).toBe(issuer.valid);
      await expectGoodEnd(all);
    });
  },
);
