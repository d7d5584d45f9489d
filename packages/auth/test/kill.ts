import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createFileStore, createSession } from "@codex/auth";
import { makeAuthJson, type TestIssuer } from "./issuer.js";
import { startChild } from "./processes.js";

export interface KillOutcome {
  /** Whether the issuer had made new tokens when the kill came. */
  rotated: boolean;
  /** Whether the killed process had brought them to the disk, set aside or in place. */
  kept: boolean;
  /** Whether the next process could go on. */
  alive: boolean;
}

/**
 * Starts a process that renews an expired login, kills it, and looks at what is left: the file must parse (throws
 * otherwise), and the next process must be able to go on, unless the new tokens died with the killed one.
 */
export async function killRefresh(
  issuer: TestIssuer,
  path: string,
  task: Record<string, unknown> & { locking?: "auto" | "heartbeat" },
  moment: (child: Awaited<ReturnType<typeof startChild>>) => Promise<unknown>,
): Promise<KillOutcome> {
  await writeFile(
    path,
    JSON.stringify(makeAuthJson({ lifetime: -60, now: Date.now() - 86_400_000, refreshToken: issuer.valid })),
  );
  const before = issuer.rotations;
  const child = await startChild({ path, tokenUrl: issuer.tokenUrl, ...task });
  child.go();
  await moment(child);
  child.process.kill("SIGKILL");
  await child.ended;
  if (issuer.fault === undefined) await issuer.idle();
  const rotated = issuer.rotations > before;
  const isRenewed = await holdsToken(path, issuer.valid);
  const kept = rotated && (isRenewed || (await holdsAnswer(path)));
  const session = createSession({
    store: createFileStore({ path, locking: task.locking }),
    refreshTokenUrl: issuer.tokenUrl,
  });
  const alive = await session.current().then(
    () => true,
    () => false,
  );
  session.close();
  return { rotated, kept, alive };
}

/** Throws when the file does not parse. */
async function holdsToken(path: string, refreshToken: string): Promise<boolean> {
  return JSON.parse(await readFile(path, "utf8")).tokens.refresh_token === refreshToken;
}

/** Whether an answer lies beside the login: its file begins with 1 then, and with 0, or not at all, before. */
async function holdsAnswer(path: string): Promise<boolean> {
  const folder = dirname(path);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".codex-oauth.answer"));
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return contents.some((content) => content[0] === 1);
}
