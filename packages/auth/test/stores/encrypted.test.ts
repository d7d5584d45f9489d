import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEncryptedStore, createKeyringKey, createSession, parseEncryptionKey } from "@codex/auth";
import { decodeProtectedHeader } from "jose/decode/protected_header";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canary, makeToken, startIssuer, type TestIssuer } from "../issuer.js";
import { createFakeKeyring } from "./fake-keyring.js";

const key = randomBytes(32).toString("base64");
let folder: string;
let path: string;
let issuer: TestIssuer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "login.jwe");
  issuer = await startIssuer();
});

afterEach(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

const open = (otherKey: Parameters<typeof createEncryptedStore>[0]["key"] = key) =>
  createEncryptedStore({ path, key: otherKey });
const login = (lifetime = 864_000) => ({
  accessToken: makeToken({ lifetime }),
  refreshToken: `rt-${canary}-0`,
  idToken: makeToken(),
  accountId: "account-1",
});

describe("the encrypted store", () => {
  it("keeps a login as a JWE (dir, A256GCM), and nothing of it can be read", async () => {
    const given = login();
    await open().write(given);
    const text = await readFile(path, "utf8");
    expect(decodeProtectedHeader(text)).toEqual({ alg: "dir", enc: "A256GCM" });
    expect(text).not.toContain(canary);
    expect(Buffer.from(text, "base64url").toString("latin1")).not.toContain("access_token");
    expect(await open().read()).toMatchObject(given);
    expect(open().describe()).toEqual({ kind: "encrypted", location: path });
  });

  it("is renewed in the same order as the file", async () => {
    await open().write(login(-60));
    const session = createSession({ store: open(), refreshTokenUrl: issuer.tokenUrl });
    expect((await session.current()).accessToken).toBe(issuer.issued[0]);
    expect((await open().read())?.refreshToken).toBe(issuer.valid);
    expect((await readdir(folder)).filter((name) => name.includes(".tmp"))).toEqual([]);
  });

  it("completes the write of a killed program", async () => {
    await open().write(login(864_000));
    const finished = await readFile(path, "utf8");
    await open().write({ ...login(-60), accessToken: makeToken({ lifetime: 10, now: Date.now() - 86_400_000 }) });
    await writeFile(join(folder, ".login.jwe-0123456789ab.codex-oauth.tmp"), finished);
    const session = createSession({ store: open(), refreshTokenUrl: issuer.tokenUrl });
    await session.current();
    expect(issuer.received).toEqual([]);
    expect(await readFile(path, "utf8")).not.toContain(canary);
  });

  it("says so when the key is another, or the file was changed", async () => {
    await open().write(login());
    const wrong = {
      code: "auth_missing",
      reason: "store_unavailable",
      message: expect.stringContaining("CODEX_AUTH_KEY"),
    };
    await expect(open(randomBytes(32)).read()).rejects.toMatchObject(wrong);
    const text = await readFile(path, "utf8");
    await writeFile(path, `${text.slice(0, -10)}${text.at(-10) === "A" ? "B" : "A"}${text.slice(-9)}`);
    await expect(open().read()).rejects.toMatchObject(wrong);
    await writeFile(path, text.slice(0, 100));
    await expect(open().read()).rejects.toMatchObject({ reason: "broken" });
    expect(await createSession({ store: open(randomBytes(32)) }).status()).toMatchObject({ store: "encrypted" });
  });

  it("can be logged in to again and out of with a lost key", async () => {
    await open().write(login());
    const other = open(randomBytes(32));
    await other.write(login());
    expect(await other.read()).toBeDefined();
    await expect(open().read()).rejects.toMatchObject({ reason: "store_unavailable" });
    expect(await open().clear()).toBe(true);
    expect(await open().read()).toBeUndefined();
  });
});

describe("the key", () => {
  it("is 32 bytes in base64, base64url or hex, and no password", () => {
    const bytes = randomBytes(32);
    for (const text of [
      bytes.toString("base64"),
      bytes.toString("base64url"),
      bytes.toString("hex"),
      ` ${bytes.toString("hex")}\n`,
    ]) {
      expect(Buffer.from(parseEncryptionKey(text)).equals(bytes)).toBe(true);
    }
    for (const text of ["", "password", bytes.toString("hex").slice(1), randomBytes(31).toString("base64")]) {
      expect(() => parseEncryptionKey(text)).toThrow(expect.objectContaining({ reason: "store_unavailable" }));
    }
  });

  it("may come from the keyring, where it is made once", async () => {
    const keyring = createFakeKeyring();
    await open(createKeyringKey(path, keyring.open)).write(login());
    expect(await open(createKeyringKey(path, keyring.open)).read()).toBeDefined();
    expect([...keyring.items.keys()]).toEqual([expect.stringMatching(/^codex-oauth\/key\|[0-9a-f]{16}$/)]);
  });

  it("is asked for again after its keyring was locked", async () => {
    const keyring = createFakeKeyring();
    const store = open(createKeyringKey(path, keyring.open));
    keyring.failure = "unlock prompt was dismissed";
    await expect(store.write(login())).rejects.toMatchObject({ message: expect.stringContaining("locked") });
    keyring.failure = undefined;
    await store.write(login());
  });
});
