import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeyStore, hashKey } from "../../src/keys/key-store.js";
import { ask, startHouse } from "../start-house.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-keys-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a key store", () => {
  it("keeps hashes with name and date, in a file for its owner only", async () => {
    const keys = createKeyStore(join(folder, "deep", "keys.json"), { now: () => 0 });
    expect(await keys.list()).toEqual([]);
    const { key, stored } = await keys.create("laptop");
    expect(key).toMatch(/^cxo_[\w-]{43}$/);
    expect(stored).toEqual({ name: "laptop", sha256: hashKey(key), created: "1970-01-01T00:00:00.000Z" });
    const second = await keys.create();
    expect(second.stored.name).toBe("key-1");
    expect(second.key).not.toBe(key);
    expect(await keys.list()).toEqual([stored, second.stored]);
    const text = await readFile(keys.file, "utf8");
    for (const secret of [key, second.key]) expect(text).not.toContain(secret.slice(4));
    if (process.platform !== "win32") {
      expect((await stat(keys.file)).mode & 0o777).toBe(0o600);
      expect((await stat(join(folder, "deep"))).mode & 0o777).toBe(0o700);
    }
    expect(await keys.remove("laptop")).toEqual(stored);
    expect(await keys.list()).toEqual([second.stored]);
  });

  it("refuses names that are taken or none, and a file that is not ours", async () => {
    const keys = createKeyStore(join(folder, "keys.json"));
    await keys.create("a");
    await expect(keys.create("a")).rejects.toMatchObject({ code: "request_invalid" });
    for (const name of ["", "a b", "x".repeat(65), "a/b"]) await expect(keys.create(name)).rejects.toThrow("name");
    await expect(keys.remove("b")).rejects.toMatchObject({ code: "not_found", message: expect.stringContaining("a") });
    for (const text of ["", "{}", '{"keys":[{"name":"a","sha256":"short","created":""}]}', "[]"]) {
      await writeFile(keys.file, text);
      await expect(keys.list()).rejects.toMatchObject({ code: "request_invalid" });
      await expect(keys.create("b")).rejects.toThrow("broken");
      expect(await readFile(keys.file, "utf8")).toBe(text);
    }
  });
});

describe("changes at the same time", () => {
  /** Changes keys in a process of its own; gives what it prints. */
  const change = async (file: string, script: string) => {
    const command = ["--import", "tsx", "--conditions=@codex/source", "--input-type=module", "--eval"];
    const source = `
      const { createKeyStore } = await import(${JSON.stringify(new URL("../../src/keys/key-store.ts", import.meta.url).href)});
      const keys = createKeyStore(${JSON.stringify(file)});
      ${script}`;
    const { stdout } = await promisify(execFile)(process.execPath, [...command, source]);
    return stdout.trim();
  };

  it("lose no key and bring none back, in whatever order", async () => {
    const file = join(folder, "together", "keys.json");
    const keys = createKeyStore(file);
    for (const name of ["old-1", "old-2", "old-3"]) await keys.create(name);
    const creates = Array.from({ length: 16 }, async (_, at) => (await keys.create(`new-${at}`)).stored.name);
    const removes = ["old-1", "old-2", "old-3"].map((name) => keys.remove(name));
    const names = await Promise.all(creates);
    await Promise.all(removes);
    expect((await keys.list()).map(({ name }) => name).sort()).toEqual(names.sort());
    expect(await readdir(join(folder, "together"))).toEqual(["keys.json"]);
  });

  it("are as safe in several processes, with names of the store's choice", async () => {
    const file = join(folder, "processes", "keys.json");
    const makeFour = "for (let n = 0; n < 4; n++) console.log((await keys.create()).stored.name);";
    const printed = await Promise.all(Array.from({ length: 4 }, () => change(file, makeFour)));
    const made = printed.flatMap((text) => text.split("\n"));
    expect(new Set(made).size).toBe(16);
    expect((await createKeyStore(file).list()).map(({ name }) => name).sort()).toEqual(made.sort());
  });

  it("go on at once after a program that was killed in the middle", async () => {
    const file = join(folder, "killed", "keys.json");
    const keys = createKeyStore(file);
    await keys.create("a");
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    const mine = await readLockOf(keys, file);
    await writeFile(`${file}.lock`, JSON.stringify({ ...JSON.parse(mine), id: "another", pid: gone.pid }));
    const start = performance.now();
    await keys.create("b");
    expect(performance.now() - start).toBeLessThan(5000);
    expect((await keys.list()).map(({ name }) => name)).toEqual(["a", "b"]);
  });
});

/** What a lock file holds, read while a key is made. */
async function readLockOf(keys: ReturnType<typeof createKeyStore>, file: string): Promise<string> {
  const making = keys.create("x");
  let text = "";
  while (text === "") text = await readFile(`${file}.lock`, "utf8").catch(() => "");
  await making;
  await keys.remove("x");
  return text;
}

describe("a proxy with a keys file", () => {
  it("takes the keys that are in it, and follows what becomes of them", async () => {
    const keys = createKeyStore(join(folder, "state", "keys.json"));
    const house = await startHouse({ config: { keysFile: keys.file, verbose: true } });
    const statusFor = async (key: string) =>
      (await ask(`${house.proxy.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    try {
      // No key yet, and this machine only.
      expect(await statusFor("any")).toBe(200);
      const { key } = await keys.create("laptop");
      await expect.poll(() => statusFor("any")).toBe(401);
      expect(await statusFor(key)).toBe(200);
      expect(house.log.join()).toContain("The keys have changed: laptop.");
      const body = { model: "gpt-6-sol", input: "hello" };
      const asked = { body, headers: { "x-api-key": key } };
      expect((await ask(`${house.proxy.url}/v1/responses`, asked)).status).toBe(200);
      expect(house.log.at(-1)).toMatch(/POST \/v1\/responses 200 .*key laptop/);
      await writeFile(keys.file, "broken");
      await expect.poll(() => house.log.join()).toContain("The keys stay as they were");
      expect(await statusFor(key)).toBe(200);
      expect(house.log.join()).not.toContain(key);
    } finally {
      await house.close();
    }
  });

  it("may listen for other machines, and lets nobody in when the last key is gone", async () => {
    const keys = createKeyStore(join(folder, "far", "keys.json"));
    const config = { host: "0.0.0.0", keysFile: keys.file };
    await expect(startHouse({ config })).rejects.toThrow("codex-oauth keys create");
    const { key } = await keys.create("phone");
    const house = await startHouse({ config });
    const url = `http://127.0.0.1:${house.proxy.port}/v1/models`;
    try {
      expect((await ask(url, { headers: { "x-api-key": key } })).status).toBe(200);
      await keys.remove("phone");
      await expect.poll(async () => (await ask(url, { headers: { "x-api-key": key } })).status).toBe(401);
      expect((await ask(url)).status).toBe(401);
      expect(house.log.join()).toContain("nobody comes in");
    } finally {
      await house.close();
    }
  });

  it("does not start with a broken one", async () => {
    const file = join(folder, "broken.json");
    await writeFile(file, "{");
    await expect(startHouse({ config: { keysFile: file } })).rejects.toMatchObject({ code: "request_invalid" });
  });
});
