import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startIssuer, type TestIssuer } from "./issuer.js";
import { killRefresh } from "./kill.js";

let folder: string;
let path: string;
let issuer: TestIssuer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  issuer = await startIssuer();
});

afterEach(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each(["auto", "heartbeat"] as const)("a process that is killed (lock: %s)", (locking) => {
  it.each(["lock", "reread", "prove", "post", "merge", "write", "done"])(
    "at the step %s loses nothing",
    async (holdAt) => {
      const outcome = await killRefresh(issuer, path, { steps: true, holdAt, locking }, (child) =>
        child.line("step", holdAt),
      );
      const rotated = ["merge", "write", "done"].includes(holdAt);
      expect(outcome).toEqual({ rotated, kept: rotated, alive: true });
    },
  );

  it("while the issuer is about to answer loses nothing", async () => {
    let release: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      issuer.fault = async () => {
        issuer.fault = undefined;
        resolve();
        await new Promise<void>((done) => {
          release = done;
        });
      };
    });
    expect(await killRefresh(issuer, path, { locking }, () => asked)).toEqual({
      rotated: false,
      kept: false,
      alive: true,
    });
    release();
  });
});
