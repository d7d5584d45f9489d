/** A process of its own that uses a shared login: started by the tests, told what to do by one JSON argument. */
import { createFileStore, createSession } from "@codex/auth";

interface Task {
  path: string;
  tokenUrl: string;
  /** A backend that answers 200 to a bearer token that works. */
  backendUrl?: string;
  requests: number;
  locking?: "auto" | "heartbeat";
  lockTimeoutMs?: number;
  /** Become this user first: root may do what a test wants refused. */
  uid?: number;
  /** Say each step of the refresh, with the time in microseconds. */
  steps?: boolean;
  /** Stay at this step for ever. */
  holdAt?: string;
}

const task = JSON.parse(process.argv[2] ?? "{}") as Task;
if (task.uid !== undefined) {
  process.setgid?.(task.uid);
  process.setuid?.(task.uid);
}
const say = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const clock = () => Math.round(performance.now() * 1000);
/** Says when an answer has been read whole. */
const timedFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const read = response.text.bind(response);
  Object.defineProperty(response, "text", {
    value: async () => {
      const text = await read();
      say({ answered: clock() });
      return text;
    },
  });
  return response;
};
const session = createSession({
  fetch: task.steps ? timedFetch : undefined,
  store: createFileStore({
    path: task.path,
    locking: task.locking,
    lockTimeoutMs: task.lockTimeoutMs,
    onStep: (step) => {
      if (task.steps) say({ step, at: clock() });
      return step === task.holdAt ? new Promise(() => {}) : undefined;
    },
  }),
  refreshTokenUrl: task.tokenUrl,
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
