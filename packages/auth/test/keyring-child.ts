/** Uses the real keyring of the session that it runs in: told what to do by one JSON argument. */
import { createCodexStore, createKeyringKey, createKeyringStore, createSession } from "@codex/auth";

const task = JSON.parse(process.argv[2] ?? "{}") as {
  codexHome: string;
  path: string;
  tokenUrl: string;
  write?: { accessToken: string; refreshToken: string; idToken: string; accountId: string };
  key?: boolean;
  clear?: boolean;
  /** Die at this step of a refresh, as by `kill -9`. */
  dieAt?: string;
};
const say = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const store = createKeyringStore({ codexHome: task.codexHome });
  if (task.write !== undefined) await store.write(task.write);
  if (task.key) {
    const [first, second] = [await createKeyringKey(task.path)(), await createKeyringKey(task.path)()];
    say({ key: first.length, same: Buffer.from(first).equals(Buffer.from(second)) });
  }
  const session = createSession({
    store: createCodexStore({
      path: task.path,
      codexHome: task.codexHome,
      onStep: (step) => {
        if (step === task.dieAt) process.kill(process.pid, "SIGKILL");
        // The signal comes from outside: nothing more is to happen until it is there.
        return step === task.dieAt ? new Promise(() => {}) : undefined;
      },
    }),
    refreshTokenUrl: task.tokenUrl,
  });
  await session.current();
  const { state, store: kind, accountId } = await session.status();
  say({ state, kind, accountId });
  if (task.clear) say({ cleared: await store.clear() });
} catch (error) {
  const { reason, message } = error as { reason?: string; message: string };
  say({ failed: reason, message });
}
