import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEncryptedStore, createFileStore, createSession } from "@codex/auth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canary, makeAuthJson, makeToken, startIssuer, type TestIssuer } from "../issuer.js";
import { startChild } from "../processes.js";

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

const save = (document: unknown) => writeFile(path, JSON.stringify(document), { mode: 0o600 });
const load = async () => JSON.parse(await readFile(path, "utf8"));
const answers = async () => (await readdir(folder)).filter((name) => name.endsWith(".answer"));
const open = (onWarning?: (message: string) => void) =>
  createSession({
    store: createFileStore({ path, onWarning }),
    refreshTokenUrl: issuer.tokenUrl,
    lookIntervalMs: 60_000,
  });

/** A process that renews the login and is killed when it has the answer, and has put nothing in place. */
async function killWithAnswer(task: Record<string, unknown> = {}): Promise<string> {
  const child = await startChild({ path, tokenUrl: issuer.tokenUrl, steps: true, holdAt: "merge", ...task });
  child.go();
  await child.line("step", "merge");
  child.process.kill("SIGKILL");
  await child.ended;
  const [name] = await answers();
  return join(folder, name as string);
}

describe("the answer of a killed program", () => {
  beforeEach(() => save(makeAuthJson({ lifetime: -60, now: Date.now() - 86_400_000 })));

  it("comes to the login that it was meant for: nothing is spent again, no key is lost", async () => {
    const aside = await killWithAnswer();
    expect((await stat(aside)).mode & 0o777).toBe(0o600);
    expect((await readFile(aside)).includes(canary)).toBe(false);
    expect((await load()).tokens.refresh_token).not.toBe(issuer.valid);
    expect((await open().current()).accessToken).toBe(issuer.issued[0]);
    expect(await load()).toMatchObject({
      other_program: { kept: true },
      tokens: { refresh_token: issuer.valid, account_id: "account-1", other_program: { inside: [1, 2, 3] } },
    });
    expect(issuer.received).toHaveLength(1);
    expect(await answers()).toEqual([]);
  });

  it("is not renewed again within a minute", async () => {
    await killWithAnswer();
    const session = open();
    await expect(session.refresh(await session.current())).rejects.toMatchObject({ reason: "too_young" });
    expect(issuer.received).toHaveLength(1);
  });

  it("may be in pieces, as it came", async () => {
    issuer.fault = async (_request, response, rotate) => {
      issuer.fault = undefined;
      const text = JSON.stringify(rotate());
      response.writeHead(200, { "content-type": "application/json" });
      for (let at = 0; at < text.length; at += 500) {
        response.write(text.slice(at, at + 500));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      response.end();
    };
    await killWithAnswer();
    expect((await open().current()).accessToken).toBe(issuer.issued[0]);
    expect(issuer.received).toHaveLength(1);
  });

  it("is used from memory and put in place later where the file cannot be written any more", async () => {
    await killWithAnswer();
    await chmod(path, 0o400);
    const warnings: string[] = [];
    const session = open((message) => warnings.push(message));
    expect((await session.current()).accessToken).toBe(issuer.issued[0]);
    expect(warnings).toEqual([expect.stringContaining("could not be written")]);
    expect(await answers()).toHaveLength(1);
    await chmod(path, 0o600);
    expect((await open().current()).accessToken).toBe(issuer.issued[0]);
    expect((await load()).tokens.refresh_token).toBe(issuer.valid);
    expect(await answers()).toEqual([]);
    expect(issuer.received).toHaveLength(1);
  });

  it("does not come to a login with another refresh token, be it of the same account", async () => {
    await killWithAnswer();
    issuer.valid = "rt-of-a-new-login";
    await save(makeAuthJson({ lifetime: -60, refreshToken: issuer.valid }));
    expect((await open().current()).accessToken).toBe(issuer.issued[1]);
    expect(await answers()).toEqual([]);
  });

  it("gives way to a newer token that another program has stored with the same refresh token", async () => {
    await killWithAnswer();
    const newer = makeAuthJson({ now: Date.now() + 60_000 });
    await save(newer);
    const session = open();
    expect((await session.current()).accessToken).toBe(newer.tokens.access_token);
    issuer.valid = "rt-CANARY-0";
    await session.refresh(await session.current());
    expect((await load()).tokens.access_token).toBe(issuer.issued[1]);
    expect(await answers()).toEqual([]);
  });

  it.each(["login", "logout"])("is removed by a %s", async (deed) => {
    await killWithAnswer();
    const store = createFileStore({ path });
    if (deed === "logout") await store.clear();
    else await store.write({ accessToken: makeToken(), refreshToken: "rt-1", idToken: makeToken() });
    expect(await answers()).toEqual([]);
  });

  it.each<[string, (content: Buffer) => Buffer]>([
    [
      "was changed",
      (content) =>
        Buffer.concat([content.subarray(0, 100), Buffer.of((content[100] as number) ^ 1), content.subarray(101)]),
    ],
    ["was cut off", (content) => content.subarray(0, 60)],
    ["is a length that leads nowhere", () => Buffer.of(1, 255, 255, 255, 255, ...Buffer.alloc(60))],
    ["is empty", () => Buffer.alloc(0)],
  ])("is passed over when it %s", async (_what, damage) => {
    const aside = await killWithAnswer();
    await writeFile(aside, damage(await readFile(aside)));
    issuer.valid = "rt-CANARY-0";
    expect((await open().current()).accessToken).toBe(issuer.issued[1]);
    expect(issuer.received).toHaveLength(2);
  });
});

it("an encrypted login gets its answer back, and no file ever holds a token in plain", async () => {
  const key = randomBytes(32).toString("base64");
  const store = createEncryptedStore({ path, key });
  const lifetime = -60;
  await store.write({
    accessToken: makeToken({ lifetime }),
    refreshToken: issuer.valid,
    idToken: makeToken({ lifetime }),
  });
  await killWithAnswer({ key });
  const contents = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
  expect(contents.filter((content) => content.includes(canary))).toEqual([]);
  const session = createSession({ store, refreshTokenUrl: issuer.tokenUrl });
  expect((await session.current()).accessToken).toBe(issuer.issued[0]);
  expect(issuer.received).toHaveLength(1);
  session.close();
});
