/** A process of its own that uses a shared login: started by the tests, told what to do by one JSON argument. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { createEncryptedStore, createFileStore, createSession } from "@codex/auth";
import { steadyMicroseconds } from "./issuer.js";

interface Task {
  path: string;
  tokenUrl: string;
  /** A backend that answers 200 to a bearer token that works. */
  backendUrl?: string;
  requests: number;
  locking?: "auto" | "heartbeat";
  lockTimeoutMs?: number;
  refreshTimeoutMs?: number;
  /** The login is encrypted with this key. */
  key?: string;
  /** Become this user first: root may do what a test wants refused. */
  uid?: number;
  /** Say each step of the refresh, and each answer that was set aside, with its time. */
  steps?: boolean;
  /** Stay at this step for ever. */
  holdAt?: string;
  /** Fall asleep at this step, until somebody sends SIGCONT. */
  sleepAt?: string;
}

const task = JSON.parse(process.argv[2] ?? "{}") as Task;
if (task.uid !== undefined) {
  process.setgid?.(task.uid);
  process.setuid?.(task.uid);
}
const say = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
if (task.steps) {
  // What is written in one system call is safe from a kill as soon as that call returns.
  const { writeSync } = fs;
  fs.writeSync = ((...args: Parameters<typeof writeSync>) => {
    const count = writeSync(...args);
    say({ written: steadyMicroseconds() });
    return count;
  }) as typeof writeSync;
  syncBuiltinESMExports();
}
const options = {
  path: task.path,
  locking: task.locking,
  lockTimeoutMs: task.lockTimeoutMs,
  onStep: (step: string) => {
    if (task.steps) say({ step, at: steadyMicroseconds() });
    if (step === task.sleepAt) process.kill(process.pid, "SIGSTOP");
    return step === task.holdAt ? new Promise<void>(() => {}) : undefined;
  },
};
const session = createSession({
  store: task.key === undefined ? createFileStore(options) : createEncryptedStore({ ...options, key: task.key }),
  refreshTokenUrl: task.tokenUrl,
  refreshTimeoutMs: task.refreshTimeoutMs,
});

say({ ready: true });
process.stdin.once("data", async () => {
  const outcomes = await Promise.all(
    Array.from({ length: task.requests }, async () => {
      try {
        const { accessToken } = await session.current();
        if (task.backendUrl === undefined) return "ok";
        const response = await fetch(task.backendUrl, { headers: { authorization: `Bearer ${accessToken}` } });
        // An answer that is not read to its end holds its connection, and the process, open.
        await response.arrayBuffer();
        return response.ok ? "ok" : `backend ${response.status}`;
      } catch (error) {
        const { code, reason, message } = error as { code?: string; reason?: string; message: string };
        return { code, reason, message };
      }
    }),
  );
  say({ outcomes });
  process.stdin.pause();
});
