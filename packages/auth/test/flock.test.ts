import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemCode } from "../src/auth-error.js";
import { type FlockFunction, loadByKoffi, loadFlock } from "../src/locks/flock.js";

/** The same system call by two packages, since either side of a lock may have either of them. */
const ways = { "the C library": loadByKoffi, "what is loaded here": loadFlock as () => Promise<FlockFunction> };
const pairs = Object.keys(ways).flatMap((a) =>
  Object.keys(ways).map((b) => [a, b] as [keyof typeof ways, keyof typeof ways]),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.skipIf(process.platform === "win32").each(pairs)("%s keeps %s out until the file is closed", async (a, b) => {
  const path = join(folder, `${a} ${b}`);
  const [ours, theirs] = [await open(path, "a"), await open(path, "r").catch(() => open(path, "a"))];
  const [lockOurs, lockTheirs] = [await ways[a](), await ways[b]()];
  const attempt = () => {
    try {
      lockTheirs(theirs.fd, "exnb");
      return "locked";
    } catch (error) {
      return systemCode(error);
    }
  };
  lockOurs(ours.fd, "exnb");
  lockOurs(ours.fd, "exnb");
  expect(attempt()).toMatch(/^(EAGAIN|EWOULDBLOCK)$/);
  await ours.close();
  expect(attempt()).toBe("locked");
  await theirs.close();
  expect(attempt()).toBe("EBADF");
});
