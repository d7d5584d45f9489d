import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCodexStore, createSession } from "@codex/auth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canary, makeAuthJson, makeToken, startIssuer, type TestIssuer } from "../issuer.js";
import { createFakeKeyring } from "./fake-keyring.js";

let folder: string;
let path: string;
let issuer: TestIssuer;
let keyring: ReturnType<typeof createFakeKeyring>;
let item: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  issuer = await startIssuer();
  keyring = createFakeKeyring();
  const hash = createHash("sha256")
    .update(await realpath(folder))
    .digest("hex")
    .slice(0, 16);
  item = `Codex Auth/cli|${hash}`;
});

afterEach(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

const configure = (setting: string) =>
  writeFile(join(folder, "config.toml"), `cli_auth_credentials_store = "${setting}"`);
const open = () => createCodexStore({ path, openEntry: keyring.open });
const session = () => createSession({ store: open(), refreshTokenUrl: issuer.tokenUrl });
const save = (document: unknown) => writeFile(path, JSON.stringify(document), { mode: 0o600 });

describe("the Codex CLI's login, wherever it is", () => {
  it("is the file when nothing else is set, and the keyring is not asked", async () => {
    keyring.failure = "must not be asked";
    const document = makeAuthJson();
    await save(document);
    expect((await session().current()).accessToken).toBe(document.tokens.access_token);
    await configure("file");
    expect((await session().status()).store).toBe("file");
    await rm(path);
    expect(await session().status()).toMatchObject({
      state: "absent",
      problem: expect.stringContaining("does not exist"),
    });
  });

  it.each(["keyring", "auto"])("is the keyring's item with `%s`, renewed there on one line", async (setting) => {
    await configure(setting);
    const document = makeAuthJson({ lifetime: -60 });
    keyring.items.set(item, JSON.stringify(document));
    const current = session();
    // The first look of a new process already finds the right place.
    expect(await current.status()).toMatchObject({
      state: "signed_in",
      store: "keyring",
      location: expect.stringContaining("keyring"),
    });
    expect((await current.current()).accessToken).toBe(issuer.issued[0]);
    const written = keyring.items.get(item) as string;
    expect(written).not.toContain("\n");
    expect(JSON.parse(written)).toMatchObject({
      other_program: { kept: true },
      tokens: { refresh_token: issuer.valid },
    });
    expect(await current.status()).toMatchObject({ state: "signed_in", store: "keyring", lock: "flock" });
    expect((await readdir(folder)).sort()).toEqual([
      "auth.json.codex-oauth.log",
      "auth.json.lock",
      "auth.lock",
      "config.toml",
    ]);
  });

  it.each(["keyring", "auto"])("is the file with `%s` where the keyring has none, or is not there", async (setting) => {
    await configure(setting);
    await save(makeAuthJson({ lifetime: -60 }));
    await session().current();
    expect(JSON.parse(await readFile(path, "utf8")).tokens.refresh_token).toBe(issuer.valid);
    keyring.failure = "no secret service provider or dbus session found";
    expect((await session().current()).accessToken).toBe(issuer.issued[0]);
  });

  it("is told to be in the Codex CLI's memory alone with `ephemeral`, and a login of ours goes to the file", async () => {
    await configure("ephemeral");
    const message = expect.stringMatching(/only in its own memory.*"ephemeral".*Run `codex-oauth login`/);
    await expect(session().current()).rejects.toMatchObject({ reason: "keyring_only", message });
    await open().write({ accessToken: makeToken(), refreshToken: "rt", idToken: makeToken() });
    expect(await session().status()).toMatchObject({ state: "signed_in", store: "file" });
  });

  it.each(["keyring", "auto"])(
    "is told to lie in the keyring when that cannot be read, and what to do (`%s`)",
    async (setting) => {
      await configure(setting);
      for (const [failure, words] of [
        ["Platform secure storage failure: no secret service provider or dbus session found", "No keyring service"],
        ["unlock prompt was dismissed", "is locked"],
        ["something else", "failed"],
      ] as const) {
        keyring.failure = failure;
        await expect(session().current()).rejects.toMatchObject({ code: "auth_missing", reason: "keyring_only" });
        expect(await session().status()).toMatchObject({
          state: "keyring_only",
          problem: expect.stringContaining(words),
        });
      }
      keyring.failure = undefined;
      expect(await session().status()).toMatchObject({
        state: "absent",
        problem: expect.stringContaining("holds no login"),
      });
    },
  );

  it("is not renewed when the keyring would not take the result", async () => {
    await configure("keyring");
    keyring.items.set(item, JSON.stringify(makeAuthJson({ lifetime: -60 })));
    const current = createSession({
      store: createCodexStore({
        path,
        openEntry: keyring.open,
        onStep: (step) => {
          if (step === "prove") keyring.failure = "unlock prompt was dismissed";
        },
      }),
      refreshTokenUrl: issuer.tokenUrl,
    });
    await expect(current.current()).rejects.toMatchObject({
      reason: "not_writable",
      message: expect.stringContaining("locked"),
    });
    expect(issuer.received).toEqual([]);
  });

  it("is written and removed where the setting says", async () => {
    const login = {
      accessToken: makeToken(),
      refreshToken: `rt-${canary}`,
      idToken: makeToken(),
      accountId: "account-1",
    };
    await configure("keyring");
    await open().write(login);
    expect(JSON.parse(keyring.items.get(item) as string)).toMatchObject({ auth_mode: "chatgpt" });
    expect(await readdir(folder)).not.toContain("auth.json");
    expect(await open().clear()).toBe(true);
    expect(keyring.items.size).toBe(0);
    expect(await open().clear()).toBe(false);
    await configure("auto");
    await open().write(login);
    expect(keyring.items.size + Number((await readdir(folder)).includes("auth.json"))).toBe(1);
  });

  describe("encrypted in a file of the Codex CLI's own", () => {
    const sealedFile = () => join(folder, "secrets", "codex_auth.age");
    const seal = (setting: string) =>
      writeFile(
        join(folder, "config.toml"),
        `cli_auth_credentials_store = "${setting}"\n[features]\nsecret_auth_storage = true\n`,
      );
    const signIn = async () => {
      await mkdir(join(folder, "secrets"));
      await writeFile(sealedFile(), "age-encryption.org/v1\n");
    };
    const login = { accessToken: makeToken(), refreshToken: `rt-${canary}`, idToken: makeToken() };

    it.each(["keyring", "auto"])(
      "is told to lie there, with what to do, and the item that it ignores is not asked (`%s`)",
      async (setting) => {
        await seal(setting);
        await signIn();
        keyring.failure = "must not be asked";
        const error = await session()
          .current()
          .catch((e: unknown) => e as Error);
        expect(error).toMatchObject({ code: "auth_missing", reason: "keyring_only" });
        for (const words of [
          `encrypted in ${sealedFile()}, which only the Codex CLI can open`,
          `cli_auth_credentials_store = "${setting}"`,
          join(folder, "config.toml"),
          "Set `secret_auth_storage = false` under [features] there and run `codex login`",
          "codex-oauth login --profile NAME",
        ]) {
          expect((error as Error).message).toContain(words);
        }
        expect(await session().status()).toMatchObject({ state: "keyring_only", problem: (error as Error).message });
        // Nobody is sent to sign in for a login that the Codex CLI would not find, or would remove.
        const unavailable = { reason: "store_unavailable", message: expect.stringContaining(sealedFile()) };
        await expect(open().prove?.()).rejects.toMatchObject(unavailable);
        await expect(open().write(login)).rejects.toMatchObject(unavailable);
        expect(await readdir(folder)).not.toContain("auth.json");
        expect(keyring.items.size).toBe(0);
      },
    );

    it("does not hide a plain file, which is used with a note that the Codex CLI does not", async () => {
      await seal("auto");
      await signIn();
      await save(makeAuthJson({ lifetime: -60 }));
      expect((await session().current()).accessToken).toBe(issuer.issued[0]);
      expect(await session().status()).toMatchObject({
        state: "signed_in",
        store: "file",
        warnings: [expect.stringContaining("does not look at this file")],
      });
    });

    it("is none yet with `auto`: a login goes to the plain file, where the Codex CLI looks next", async () => {
      await seal("auto");
      await expect(session().current()).rejects.toMatchObject({ reason: "absent" });
      await open().prove?.();
      await open().write(login);
      expect(await readdir(folder)).toContain("auth.json");
      expect(await session().status()).toMatchObject({ state: "signed_in", store: "file", warnings: [] });
      expect(keyring.items.size).toBe(0);
    });
  });

  it("is looked for anew when the setting changes", async () => {
    const current = createSession({ store: open(), refreshTokenUrl: issuer.tokenUrl });
    await expect(current.current()).rejects.toMatchObject({ reason: "absent" });
    await configure("keyring");
    keyring.items.set(item, JSON.stringify(makeAuthJson({ account: "account-5" })));
    expect((await current.current()).accountId).toBe("account-5");
  });
});
