import { execFileSync } from "node:child_process";
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CredentialStore, createFileStore, createSession } from "@codex/auth";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canary, makeAuthJson, makeToken, startIssuer, type TestIssuer } from "../issuer.js";
import { type Child, startChild } from "../processes.js";

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

const open = (file = path): CredentialStore => createFileStore({ path: file });
const current = (store = open()) => createSession({ store, refreshTokenUrl: issuer.tokenUrl }).current();
const status = (store = open()) => createSession({ store }).status();
const load = async (file = path) => JSON.parse(await readFile(file, "utf8"));
const save = (document: unknown, file = path) => writeFile(file, JSON.stringify(document), { mode: 0o600 });

describe("the three layouts", () => {
  const expired = () => makeToken({ lifetime: -60 });

  it("keep their shape, their unknown keys and the unit of their times", async () => {
    const seconds = Math.floor(Date.now() / 1000) - 60;
    const layouts: [string, Record<string, unknown>, (d: Record<string, Record<string, unknown>>) => unknown][] = [
      ["codex", { ...makeAuthJson({ lifetime: -60 }) }, (d) => d.tokens],
      [
        "chatgpt",
        {
          chatgpt: { access_token: expired(), refresh_token: `rt-${canary}-0`, expires_at: seconds, mine: [1] },
          other: { a: 1 },
        },
        (d) => d.chatgpt,
      ],
      [
        "flat",
        {
          access_token: expired(),
          refresh_token: `rt-${canary}-0`,
          expires_at: seconds * 1000,
          mine: [1],
          other: { a: 1 },
        },
        (d) => d,
      ],
    ];
    for (const [layout, before, fields] of layouts) {
      issuer.valid = `rt-${canary}-0`;
      await save(before);
      const { accessToken } = await current();
      expect(await status()).toMatchObject({ state: "signed_in", layout, renewable: true });
      const after = await load();
      expect(fields(after)).toMatchObject({ access_token: accessToken, refresh_token: issuer.valid });
      const unchanged = (d: Record<string, unknown>) =>
        JSON.stringify(d, (key, value) =>
          ["access_token", "refresh_token", "id_token", "last_refresh", "expires_at"].includes(key) ? undefined : value,
        );
      expect(unchanged(after)).toBe(unchanged(before));
      if (layout === "chatgpt") expect(after.chatgpt.expires_at).toBeCloseTo(seconds + 60 + 864_000, -2);
      if (layout === "flat") expect(after.expires_at).toBeCloseTo((seconds + 60 + 864_000) * 1000, -5);
      await rm(path);
    }
  });

  it("are told apart where the expiry stands beside an opaque token", async () => {
    await save({
      chatgpt: { access_token: "at-opaque", refresh_token: `rt-${canary}-0`, expires_at: "2020-01-01T00:00:00Z" },
    });
    await current();
    expect(issuer.received).toHaveLength(1);
    expect(Date.parse((await load()).chatgpt.expires_at)).toBeGreaterThan(Date.now());
  });

  it("are written so that the Codex CLI can read them: lower-case auth_mode, last_refresh, pretty, no final newline", async () => {
    const document = makeAuthJson({ lifetime: -60 });
    await save({ ...document, auth_mode: "ChatGPT", last_refresh: 1_700_000_000 });
    await current();
    const after = await load();
    expect(after.auth_mode).toBe("chatgpt");
    expect(after.last_refresh).toMatch(/^20\d\d-\d\d-\d\dT.*Z$/);
    expect(await readFile(path, "utf8")).toBe(JSON.stringify(after, null, 2));
  });

  it("do not turn an API key login into another one", async () => {
    const { auth_mode: _mode, ...document } = makeAuthJson({ lifetime: -60 });
    await save({ ...document, OPENAI_API_KEY: "sk-made-up" });
    await current();
    expect(await load()).not.toHaveProperty("auth_mode");
    expect((await load()).OPENAI_API_KEY).toBe("sk-made-up");
  });

  it("tolerate a byte order mark, compact JSON, and dates with an offset", async () => {
    const text = JSON.stringify(makeAuthJson({ lastRefresh: "2026-01-02T03:04:05+00:00" }));
    await writeFile(path, `\uFEFF${text}`);
    expect((await open().read())?.lastRefresh).toBe(Date.parse("2026-01-02T03:04:05Z"));
  });
});

describe("a login that cannot be used", () => {
  it.each([
    ["missing", undefined, "absent", "does not exist"],
    ["empty", "", "broken", "is empty"],
    ["white space", " \n", "broken", "is empty"],
    ["cut", '{"tokens": {"access_token": "eyJ', "broken", "cut off"],
    ["binary", Buffer.from([0, 255, 254, 1, 2, 3]), "broken", "not JSON"],
    ["a list", "[]", "broken", "not a login file"],
    ["an unknown layout", '{"session": {"token": "x"}}', "broken", "layout"],
    ["a wrong type", `{"tokens": {"access_token": 5}}`, "broken", "tokens.access_token"],
    ["tokens as text", `{"tokens": "${canary}"}`, "broken", "tokens"],
    ["a token with a line break", `{"chatgpt": {"access_token": "${canary}\\n"}}`, "broken", "chatgpt.access_token"],
    ["a refresh token that is a number", `{"access_token": "a", "refresh_token": 5}`, "broken", "refresh_token"],
    [
      "an access token that is missing",
      `{"tokens": {"refresh_token": "rt-${canary}-0"}}`,
      "broken",
      "tokens.access_token",
    ],
    ["a last_refresh that is a list", `{"access_token": "a", "last_refresh": [1]}`, "broken", "last_refresh"],
    ["an id_token that is an object", `{"access_token": "a", "id_token": {}}`, "broken", "id_token"],
    ["an API key alone", `{"OPENAI_API_KEY": "sk-${canary}"}`, "absent", "API key"],
  ])("says what is wrong and what to do: %s", async (_name, content, state, words) => {
    if (content !== undefined) await writeFile(path, content);
    const error = await current().catch((e: unknown) => e as Error & { code: string });
    expect(error).toMatchObject({ code: "auth_missing", status: 401 });
    expect((error as Error).message).toContain(words);
    expect((error as Error).message).toContain(path);
    expect((error as Error).message).toContain("codex-oauth login");
    expect((error as Error).message).not.toContain(canary);
    expect(await status()).toMatchObject({ state, problem: (error as Error).message });
    expect(await readdir(folder)).toEqual(content === undefined ? [] : ["auth.json"]);
    // What the file holds may look like a refresh token: it is not tried out.
    await open()
      .refreshWith(undefined, async () => expect.fail("a refresh token was spent"))
      .catch((e: unknown) => {
        expect(e).toMatchObject({ code: "auth_missing" });
      });
    expect(issuer.received).toEqual([]);
  });

  it("cannot be read, or is a folder", async () => {
    await mkdir(path);
    await expect(current()).rejects.toMatchObject({ reason: "unreadable", message: expect.stringContaining("folder") });
    expect(await status()).toMatchObject({ state: "unreadable" });
    await rm(path, { recursive: true });
    await save(makeAuthJson({ lifetime: -60 }));
    await chmod(path, 0o000);
    await chmod(folder, 0o755);
    if (process.getuid?.() === 0) {
      const [outcome] = await (await goAs(65534)).outcomes();
      expect(outcome).toMatchObject({ code: "auth_missing", reason: "unreadable" });
    } else {
      await expect(current()).rejects.toMatchObject({ reason: "unreadable" });
    }
    expect(issuer.received).toEqual([]);
  });

  it("lies in the keyring, by the Codex CLI's own setting", async () => {
    await writeFile(join(folder, "config.toml"), 'model = "gpt-5"\ncli_auth_credentials_store = "keyring"\n');
    await expect(current()).rejects.toMatchObject({ code: "auth_missing", reason: "keyring_only" });
    expect(await status()).toMatchObject({ state: "keyring_only", problem: expect.stringContaining("keyring") });
    await writeFile(join(folder, "config.toml"), 'cli_auth_credentials_store = "file"');
    expect(await status()).toMatchObject({ state: "absent" });
  });

  it("is a pipe, which would be waited for without end", async () => {
    execFileSync("mkfifo", [path]);
    const words = "not an ordinary file";
    await expect(current()).rejects.toMatchObject({ reason: "unreadable", message: expect.stringContaining(words) });
    await expect(open().write({ accessToken: makeToken() })).rejects.toMatchObject({ reason: "unreadable" });
    expect(issuer.received).toEqual([]);
  });

  it("lies behind a link to nothing", async () => {
    await symlink("nowhere.json", path);
    await expect(current()).rejects.toMatchObject({ reason: "absent" });
    expect(issuer.received).toEqual([]);
    expect(await readdir(folder)).toEqual(["auth.json"]);
  });

  it("has expired and holds no refresh token", async () => {
    await save({ access_token: makeToken({ lifetime: -5 }) });
    await expect(current()).rejects.toMatchObject({ code: "auth_expired", reason: "no_refresh_token" });
    expect(await status()).toMatchObject({ state: "expired", renewable: false });
  });
});

describe("status", () => {
  it("tells account, mail, plan, times, store and lock, and never a token", async () => {
    await save(makeAuthJson({ plan: "team" }));
    const told = await status();
    expect(told).toMatchObject({
      state: "signed_in",
      email: "person@example.test",
      accountId: "account-1",
      planType: "team",
      store: "file",
      location: path,
      layout: "codex",
      lock: "flock",
      renewable: true,
    });
    expect(told.expiresAt).toBeGreaterThan(Date.now());
    expect(told.problem).toBeUndefined();
    expect(JSON.stringify(told)).not.toContain(canary);
  });

  it("warns of what a person should know", async () => {
    const document = makeAuthJson();
    delete document.tokens.id_token;
    delete document.last_refresh;
    await save(document);
    await chmod(path, 0o644);
    const told = await status(createFileStore({ path, locking: "heartbeat" }));
    expect(told.lock).toBe("heartbeat");
    expect(told.warnings.join("\n")).toMatch(/chmod 600[\s\S]*lock file[\s\S]*id_token[\s\S]*last_refresh/);
  });
});

describe("links", () => {
  it("stay: the file behind them is replaced in its own folder", async () => {
    await mkdir(join(folder, "real"));
    const real = join(folder, "real", "login.json");
    await save(makeAuthJson({ lifetime: -60 }), real);
    await symlink("real/login.json", path);
    const { accessToken } = await current();
    expect(await readlink(path)).toBe("real/login.json");
    expect((await load(real)).tokens.access_token).toBe(accessToken);
    expect(await readdir(join(folder, "real"))).toContain("login.json.lock");
    expect(await readdir(folder)).toContain("auth.lock");
  });

  it("that point to nothing are a missing login, and get their file from a new one", async () => {
    await mkdir(join(folder, "real"));
    await symlink("real/login.json", path);
    await expect(current()).rejects.toMatchObject({ reason: "absent" });
    await open().write({ accessToken: makeToken(), refreshToken: "rt", idToken: makeToken() });
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect((await stat(join(folder, "real", "login.json"))).mode & 0o777).toBe(0o600);
    expect(await open().clear()).toBe(true);
    expect(await readdir(join(folder, "real"))).not.toContain("login.json");
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
  });

  it("that go round in a circle are told", async () => {
    await symlink("auth.json", path);
    await expect(current()).rejects.toMatchObject({ reason: "unreadable", message: expect.stringContaining("circle") });
  });
});

describe("write and clear", () => {
  it("make a file that the Codex CLI reads, in folders that are not there yet", async () => {
    const file = join(folder, "a", "b", "auth.json");
    const tokens = { accessToken: makeToken(), refreshToken: "rt-1", idToken: makeToken() };
    await open(file).write({ ...tokens, accountId: "account-1" });
    expect(await load(file)).toEqual({
      OPENAI_API_KEY: null,
      auth_mode: "chatgpt",
      tokens: {
        id_token: tokens.idToken,
        access_token: tokens.accessToken,
        refresh_token: "rt-1",
        account_id: "account-1",
      },
      last_refresh: expect.stringMatching(/Z$/),
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "a"))).mode & 0o777).toBe(0o700);
  });

  it("replace a login in the layout that is there, and repair a broken file", async () => {
    await save({ chatgpt: { access_token: "old", account_id: "old" }, other: 1 });
    await open().write({ accessToken: "new", accountId: "account-9" });
    expect(await load()).toMatchObject({ chatgpt: { access_token: "new", account_id: "account-9" }, other: 1 });
    await writeFile(path, "{broken");
    await open().write({ accessToken: "new" });
    expect((await open().read())?.accessToken).toBe("new");
  });

  it("remove the file, but not an API key that lies in it", async () => {
    await save(makeAuthJson());
    expect(await open().clear()).toBe(true);
    expect(await open().clear()).toBe(false);
    expect(await open().read()).toBeUndefined();
    await save({ ...makeAuthJson(), OPENAI_API_KEY: "sk-made-up" });
    expect(await open().clear()).toBe(true);
    expect(await load()).toEqual({ OPENAI_API_KEY: "sk-made-up", other_program: { kept: true } });
  });
});

async function goAs(uid: number): Promise<Child> {
  const child = await startChild({ path, tokenUrl: issuer.tokenUrl, uid });
  child.go();
  return child;
}

describe("a refresh token is not spent when the result could not be kept", () => {
  async function refuse(words: string, store = open()): Promise<void> {
    const error = await current(store).catch((e: unknown) => e as Error);
    expect(error).toMatchObject({ code: "auth_expired", reason: "not_writable" });
    expect((error as Error).message).toContain(words);
    expect((error as Error).message).toContain("could not be kept");
    expect(issuer.received).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.includes(".tmp"))).toEqual([]);
  }

  beforeEach(() => save(makeAuthJson({ lifetime: -60 })));

  it("mode 0400, whoever we are", async () => {
    await chmod(path, 0o400);
    await refuse("mode 0400");
  });

  it("a folder that comes in its place after it was read", async () => {
    let placed = false;
    const store = createFileStore({
      path,
      onStep: async (step) => {
        if (step !== "prove" || placed) return;
        placed = true;
        await rm(path);
        await mkdir(path);
      },
    });
    await refuse("it is a folder", store);
  });

  it("a hard link", async () => {
    await link(path, join(folder, "second-name"));
    await refuse("hard link");
  });

  it("a folder that this user may not write", async () => {
    await chmod(folder, 0o555);
    await chmod(path, 0o644);
    if (process.getuid?.() !== 0) return refuse("may not write");
    const [outcome] = await (await goAs(65534)).outcomes();
    expect(outcome).toMatchObject({ reason: "not_writable", message: expect.stringContaining("may not write") });
    expect(issuer.received).toEqual([]);
  });

  it("a file that belongs to another user", async () => {
    if (process.getuid?.() !== 0) return;
    await chmod(folder, 0o777);
    await chmod(path, 0o644);
    const [outcome] = await (await goAs(65534)).outcomes();
    expect(outcome).toMatchObject({ reason: "not_writable" });
    expect(issuer.received).toEqual([]);
  });

  it("is spent where others can read the file, which only the owner can afterwards", async () => {
    await chmod(path, 0o644);
    await current();
    expect(issuer.received).toHaveLength(1);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("is spent for a person's file when root renews it, and the file stays theirs", async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip("only root can do that");
    const { chown } = await import("node:fs/promises");
    await chown(path, 65534, 65534);
    await chown(folder, 65534, 65534);
    await current();
    // Locks and log as well: root's would lock them out.
    for (const name of await readdir(folder)) {
      expect(await stat(join(folder, name))).toMatchObject({ uid: 65534, gid: 65534 });
    }
    await save(makeAuthJson({ lifetime: -60, refreshToken: issuer.valid }));
    expect(await (await goAs(65534)).outcomes()).toEqual(["ok"]);
  });
});
