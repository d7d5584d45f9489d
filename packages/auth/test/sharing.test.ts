import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, createSession } from "@codex/auth";
import { createSimulator, type Simulator } from "@codex/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Child, startChild } from "./processes.js";
import { startReader } from "./reader.js";

let folder: string;
let path: string;
let simulator: Simulator;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
});

afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** An expired login on disk, with keys of other programs. */
async function saveExpired(): Promise<void> {
  const document = simulator.authJson(simulator.issueCredentials({ expiresIn: -1 }));
  const tokens = { ...document.tokens, other_program: [1, 2, 3] };
  await writeFile(path, JSON.stringify({ ...document, tokens, other_program: { kept: true } }), { mode: 0o600 });
}

const load = async () => JSON.parse(await readFile(path, "utf8"));
const backendUrl = () => `${simulator.url}/backend-api/wham/usage`;

/** Whether the login on disk can be renewed: the refresh token in it is the one that the issuer takes. */
async function isAlive(): Promise<boolean> {
  const { refresh_token } = (await load()).tokens;
  const response = await fetch(simulator.tokenUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_id: "app_EMoamEEZ73f0CkXaXp7hrann", grant_type: "refresh_token", refresh_token }),
  });
  await response.arrayBuffer();
  return response.ok;
}

describe("eight processes with twenty requests each, at the moment of expiry", () => {
  it.each(["auto", "heartbeat"])(
    "renew exactly once, and all are served (lock: %s)",
    async (locking) => {
      // Strict: a refresh token that is used twice ends the whole login.
      simulator = await createSimulator({ profile: "strict" });
      await saveExpired();
      // A slow answer, so that all of them come while it is awaited.
      simulator.faults.next({ route: "token", stall: "before-headers", stallMs: 300 });
      const children: Child[] = await Promise.all(
        Array.from({ length: 8 }, () =>
          startChild({ path, tokenUrl: simulator.tokenUrl, backendUrl: backendUrl(), requests: 20, locking }),
        ),
      );
      for (const child of children) child.go();
      const outcomes = (await Promise.all(children.map((child) => child.outcomes()))).flat();
      expect(outcomes).toEqual(Array.from({ length: 160 }, () => "ok"));
      expect(simulator.requests.filter((request) => request.path.startsWith("/oauth/token"))).toHaveLength(1);
      expect(simulator.refreshCount).toBe(1);
      const written = await load();
      expect(written.other_program).toEqual({ kept: true });
      expect(written.tokens.other_program).toEqual([1, 2, 3]);
      // Nothing holds a process open once its work is done.
      expect(await Promise.all(children.map((child) => child.ended))).toEqual(Array.from({ length: 8 }, () => 0));
      expect((await readdir(folder)).includes("auth.lock")).toBe(locking === "auto");
      const output = children.flatMap((child) => child.output).join();
      for (const token of [written.tokens.access_token, written.tokens.refresh_token])
        expect(output).not.toContain(token);
      expect(await isAlive()).toBe(true);
    },
    60_000,
  );
});

describe("a program that reads the file all the time, and takes no lock", () => {
  it.each(["auto", "heartbeat"] as const)("finds it whole at every moment (lock: %s)", async (locking) => {
    simulator = await createSimulator({ profile: "strict" });
    await saveExpired();
    const finish = await startReader(path);
    let now = Date.now();
    const store = createFileStore({ path, locking, now: () => now });
    const session = createSession({ store, refreshTokenUrl: simulator.tokenUrl, now: () => now });
    for (let renewal = 0; renewal < 50; renewal += 1) {
      await session.current();
      // The token has ended again, and the last renewal is more than a minute ago.
      now += 11 * 86_400_000;
    }
    session.close();
    const { reads, broken, tokens } = await finish();
    expect(broken).toBe(0);
    expect(simulator.refreshCount).toBe(50);
    // It has seen most of them: otherwise it was not there at the moments that count.
    expect(tokens).toBeGreaterThan(25);
    expect(reads).toBeGreaterThan(1_000);
  });
});

describe("the Codex CLI renews the login at the same moment as we do", () => {
  it.each(["auto", "heartbeat"] as const)(
    "fifty times: a working login is left each time, and we spend no refresh token twice (lock: %s)",
    async (locking) => {
      simulator = await createSimulator({ profile: "genuine" });
      const double = await startChild({ path, tokenUrl: simulator.tokenUrl }, "codex-double.ts");
      const outcomes: string[] = [];
      const isRace = () => outcomes.includes("written") && outcomes.some((outcome) => outcome !== "written");
      // On some machines they rarely meet: then it goes on until they have.
      for (let round = 0; round < 50 || (round < 250 && !isRace()); round += 1) {
        await saveExpired();
        const before = simulator.requests.length;
        const session = createSession({
          store: createFileStore({ path, locking }),
          refreshTokenUrl: simulator.tokenUrl,
        });
        const start = (side: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, side)));
        // From well before to well after, on a busy machine too, and mostly close together: every order of the steps comes up.
        const lead = 100 * (((round % 50) - 25) / 25) ** 3;
        const [context] = await Promise.all([
          start(lead).then(() => session.current()),
          start(-lead).then(() => double.go()),
        ]);
        while (double.lines("done").length <= round) await new Promise((resolve) => setImmediate(resolve));
        session.close();
        outcomes.push(String(double.lines("done")[round]?.done));
        const posts = simulator.requests.slice(before).filter((request) => request.path.startsWith("/oauth/token"));
        expect(posts.length).toBeLessThanOrEqual(2);
        const used = await fetch(backendUrl(), { headers: { authorization: `Bearer ${context.accessToken}` } });
        await used.arrayBuffer();
        expect(used.status).toBe(200);
        expect(await isAlive()).toBe(true);
      }
      double.process.kill();
      await double.ended;
      // Both sides have won now and then; otherwise this was no race.
      expect(isRace(), outcomes.join(" ")).toBe(true);
    },
    60_000,
  );
});
