import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAuthJson, startIssuer, type TestIssuer } from "./issuer.js";
import { startChild } from "./processes.js";

/** Programs of ours that renew one login at the same moment: on several Nodes, with flock and without. */
const rounds = 60;
const versions = ["22.23.3", "24.21.0", "26.9.0"];
let folder: string;
let path: string;
let issuer: TestIssuer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  issuer = await startIssuer();
});
afterAll(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

/** A Node of the npm package `node`, kept beside the modules of this repository. */
function installNode(version: string): string {
  const cache = fileURLToPath(new URL(`../../../node_modules/.cache/node-${version}`, import.meta.url));
  const binary = join(cache, "node_modules", "node", "bin", "node");
  if (!existsSync(binary)) {
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--no-save", "--prefix", cache, `node@${version}`]);
  }
  return binary;
}

type Side = { node?: string; locking?: "auto" | "heartbeat" };

/** Lets all sides renew the same ended login at once; says how often a refresh token was sent. */
async function race(sides: readonly Side[]): Promise<number> {
  await writeFile(path, JSON.stringify(makeAuthJson({ lifetime: -60, now: Date.now() - 86_400_000 })), { mode: 0o600 });
  issuer.valid = "rt-CANARY-0";
  const before = issuer.received.length;
  const task = { path, tokenUrl: issuer.tokenUrl };
  const children = await Promise.all(
    sides.map(({ node, locking = "auto" }) => startChild({ ...task, locking }, "child.ts", node)),
  );
  for (const child of children) child.go();
  for (const child of children) expect(await child.outcomes()).toEqual(["ok"]);
  await Promise.all(children.map(({ ended }) => ended));
  expect(JSON.parse(await readFile(path, "utf8")).tokens.refresh_token).toBe(issuer.valid);
  return issuer.received.length - before;
}

async function countSent(sides: readonly Side[]): Promise<number[]> {
  const sent: number[] = [];
  for (let round = 0; round < rounds; round += 1) sent.push(await race(sides));
  return sent;
}

describe("a refresh token is sent once", () => {
  it("with flock on one side and the lock file alone on the other", async () => {
    const sent = await countSent([{}, { locking: "heartbeat" }, {}, { locking: "heartbeat" }]);
    process.stdout.write(
      `flock and lock file: sent twice in ${sent.filter((count) => count > 1).length} of ${rounds} rounds\n`,
    );
    expect(new Set(sent)).toEqual(new Set([1]));
  });

  it("by Node 20, 22, 24 and 26 together", async () => {
    const nodes = [process.execPath, ...versions.map(installNode)];
    const sent = await countSent(nodes.map((node) => ({ node })));
    process.stdout.write(
      `${nodes.length} Nodes: sent twice in ${sent.filter((count) => count > 1).length} of ${rounds} rounds\n`,
    );
    expect(new Set(sent)).toEqual(new Set([1]));
  });
});
