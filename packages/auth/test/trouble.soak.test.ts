import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeAuthJson, startIssuer, type TestIssuer } from "./issuer.js";
import { type Child, startChild } from "./processes.js";

/** Random trouble while four programs renew one login: none sends a refresh token again, and nothing is lost. */
const rounds = 60;
let folder: string;
let issuer: TestIssuer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  issuer = await startIssuer();
});
afterAll(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

let seed = Number(process.env.TROUBLE_SEED ?? Date.now() % 1_000_000);
function random(below: number): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
}

async function removeFiles(home: string, pattern: RegExp): Promise<void> {
  for (const name of await readdir(home)) if (pattern.test(name)) await unlink(join(home, name)).catch(() => {});
}

/** One piece of trouble; what it stops goes on by itself. */
async function disturb(home: string, link: string, children: readonly Child[], mayKill: boolean): Promise<string> {
  const child = children[random(children.length)] as Child;
  switch (random(mayKill ? 5 : 4)) {
    case 0: {
      child.process.kill("SIGSTOP");
      setTimeout(() => child.process.kill("SIGCONT"), random(400));
      return "stopped";
    }
    case 1:
      await removeFiles(home, /\.lock$/);
      return "locks removed";
    case 2:
      await removeFiles(home, mayKill ? /\.tmp$/ : /\.(tmp|answer)$/);
      return "drafts removed";
    case 3: {
      // Away from the folder and back, as tools do that switch between logins.
      await symlink(join(folder, "elsewhere"), `${link}.new`).catch(() => {});
      await rename(`${link}.new`, link);
      await delay(random(30));
      await symlink(home, `${link}.new`);
      await rename(`${link}.new`, link);
      return "link turned";
    }
    default:
      child.process.kill("SIGKILL");
      return "killed";
  }
}

async function run(round: number, mayKill: boolean) {
  const home = join(folder, `home-${mayKill}-${round}`);
  const link = join(folder, `link-${mayKill}-${round}`);
  const file = join(home, "auth.json");
  await mkdir(home);
  await mkdir(join(folder, "elsewhere"), { recursive: true });
  await symlink(home, link);
  const made = makeAuthJson({ lifetime: -60, now: Date.now() - 86_400_000 });
  const elsewhere = JSON.stringify(makeAuthJson({ lifetime: 86_400, refreshToken: "rt-elsewhere" }));
  await writeFile(file, JSON.stringify(made), { mode: 0o600 });
  await writeFile(join(folder, "elsewhere", "auth.json"), elsewhere, { mode: 0o600 });
  issuer.valid = "rt-CANARY-0";
  const before = issuer.received.length;
  const task = { path: join(link, "auth.json"), tokenUrl: issuer.tokenUrl };
  const children = await Promise.all(
    [0, 1, 2, 3].map((side) => startChild({ ...task, locking: side % 2 === 0 ? "auto" : "heartbeat" })),
  );
  const story: string[] = [];
  for (const child of children) child.go();
  for (let at = 0; at < 6; at += 1) {
    await delay(random(12));
    story.push(await disturb(home, link, children, mayKill));
    // Whole at every moment.
    JSON.parse(await readFile(file, "utf8"));
  }
  await Promise.all(children.map(({ ended }) => ended));
  const outcomes = children.flatMap((child) => child.lines("outcomes").flatMap((line) => line.outcomes as unknown[]));
  const stored = JSON.parse(await readFile(file, "utf8")).tokens.refresh_token as string;
  expect(await readFile(join(folder, "elsewhere", "auth.json"), "utf8")).toBe(elsewhere);
  return { sent: issuer.received.length - before, isAlive: stored === issuer.valid, outcomes, story };
}

it("sleeps, removed files and turned links: sent once at most, and a working login is left", async () => {
  const first = seed;
  const bad: unknown[] = [];
  let sent = 0;
  for (let round = 0; round < rounds; round += 1) {
    const end = await run(round, false);
    sent += end.sent;
    if (end.sent > 1 || !end.isAlive || end.outcomes.some((outcome) => outcome !== "ok")) bad.push({ round, ...end });
  }
  process.stdout.write(`trouble (seed ${first}): ${sent} sent in ${rounds} rounds, ${bad.length} of them bad\n`);
  expect(bad).toEqual([]);
  expect(sent).toBeGreaterThan(rounds / 4);
});

it("kills as well: the file is whole, and who is left has an answer", async () => {
  const first = seed;
  let [lost, again] = [0, 0];
  for (let round = 0; round < rounds / 2; round += 1) {
    const { sent, isAlive, outcomes } = await run(round, true);
    if (sent > 1) again += 1;
    if (!isAlive) lost += 1;
    for (const outcome of outcomes) if (outcome !== "ok") expect(outcome).toMatchObject({ code: expect.any(String) });
  }
  process.stdout.write(`kills (seed ${first}): of ${rounds / 2} rounds ${again} sent again, ${lost} lost\n`);
  // Only a kill in the few milliseconds around an answer loses a login.
  expect(lost).toBeLessThan(rounds / 10);
});
