import { execFile, spawn, spawnSync } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type CliHouse, startCliHouse } from "./start-cli.js";

/** `serve --detach`, `stop`, `logs` and `service print`, with processes of their own. */
let house: CliHouse;
let state: string;
let env: Record<string, string>;

beforeAll(async () => {
  house = await startCliHouse();
  state = join(house.folder, "state");
  env = { CODEX_STATE_DIR: state };
  await writeFile(join(house.folder, "auth.json"), JSON.stringify(house.simulator.authJson()), { mode: 0o600 });
});
afterAll(() => house.close());

const pidFile = () => join(state, "proxy.json");
const readPid = async () => JSON.parse(await readFile(pidFile(), "utf8"));

describe("serve --detach", () => {
  afterEach(() => house.run(["stop", "--now"], { env }));

  it("leaves a proxy running, whose log can be followed, until it is stopped", async () => {
    const started = await house.run(["serve", "--detach", "--port", "0"], { env });
    expect(started).toMatchObject({ code: 0, err: expect.stringContaining("codex-oauth stop") });
    const url = /listening on (http:\S+)/.exec(started.out)?.[1];
    expect(started.out).toContain("person@example.com");
    expect(await readPid()).toMatchObject({ url, port: Number(new URL(`${url}`).port), started: expect.any(String) });
    expect((await stat(pidFile())).mode & 0o777).toBe(0o600);
    expect((await fetch(`${url}/v1/models`)).status).toBe(200);

    const follow = house.start(["logs", "--follow"], { env });
    await follow.sees(/Listening on http/);
    await fetch(`${url}/v1/nowhere`);
    await follow.sees(/^\d{4}-\d\d-\d\d [\d:]{8} warn: GET \/v1\/nowhere 404 not_found/m);
    follow.child.kill("SIGINT");
    expect(await follow.ended).toMatchObject({ code: 0 });
    const last = await house.run(["logs", "-n", "1"], { env });
    expect(last.out).toMatch(/^\S+ \S+ warn: GET \/v1\/nowhere.*\n$/);

    const again = await house.run(["serve", "--detach", "--port", "0"], { env });
    expect(again).toMatchObject({ code: 1, out: "", err: expect.stringContaining(`runs already: ${url}`) });

    expect(await house.run(["stop"], { env })).toMatchObject({
      code: 0,
      err: expect.stringContaining(`Stopped ${url}`),
    });
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    await expect(readPid()).rejects.toMatchObject({ code: "ENOENT" });
    expect((await house.run(["logs"], { env })).out).toMatch(/^[\d-]+ [\d:]+ Listening on http.* Stopped\.\n$/s);
    const kept = (await house.run(["logs", "--json"], { env })).out.trimEnd().split("\n");
    const said = kept.map((line) => JSON.parse(line).msg);
    expect(said).toEqual([expect.stringContaining("Listening on"), "request", "request", "Stopped."]);
    expect(await house.run(["stop"], { env })).toMatchObject({
      code: 0,
      err: expect.stringContaining("No detached proxy"),
    });
  });

  // Once more on a machine that was too busy for a second.
  it("refuses a removed key within a second, under traffic that is logged beside the keys", { retry: 1 }, async () => {
    const create = async (name: string) => (await house.run(["keys", "create", name], { env })).out.trim();
    const [gone, stays] = [await create("gone"), await create("stays")];
    const started = await house.run(["serve", "--detach", "--port", "0"], { env });
    const url = /listening on (http:\S+)/.exec(started.out)?.[1];
    const ask = async (key: string) => {
      const answer = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
      await answer.arrayBuffer();
      return answer.status;
    };
    const seen: { status: number; at: number }[] = [];
    const traffic = setInterval(
      () => void ask(gone).then((status) => seen.push({ status, at: performance.now() })),
      10,
    );
    try {
      const admitted = () => seen.filter(({ status }) => status === 200).length;
      await expect.poll(admitted, { timeout: 10_000 }).toBeGreaterThan(50);
      expect(await house.run(["keys", "remove", "gone"], { env })).toMatchObject({ code: 0 });
      const removedAt = performance.now();
      await expect.poll(() => seen.at(-1)?.status, { timeout: 15_000 }).toBe(401);
      const last = seen.findLast(({ status }) => status === 200);
      expect((last?.at ?? 0) - removedAt).toBeLessThan(1000);
      expect(await ask(stays)).toBe(200);
    } finally {
      clearInterval(traffic);
      for (const name of ["gone", "stays"]) await house.run(["keys", "remove", name], { env });
      await house.run(["stop", "--now"], { env });
    }
  });

  it("shows a key to nobody: not in the list of processes, nor its link to who is no terminal", async () => {
    const key = "made-up-key-of-a-detached-proxy";
    const started = await house.run(["serve", "--detach", "--port", "0", "--api-key", key], { env });
    expect(started).toMatchObject({ code: 0 });
    expect(started.out + started.err).not.toContain("dashboard?open=");
    const url = /listening on (http:\S+)/.exec(started.out)?.[1];
    const statusFor = async (given: string) =>
      (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${given}` } })).status;
    expect([await statusFor(key), await statusFor("another")]).toEqual([200, 401]);
    const { stdout } = await promisify(execFile)("ps", ["axww", "-o", "args="]);
    expect(stdout).not.toContain(key);
    expect(await readFile(join(state, "proxy.log"), "utf8")).not.toContain("dashboard?open=");
  });

  it("takes a key off the list of processes in the foreground too", async () => {
    const key = "made-up-key-of-a-proxy-in-front";
    const run = house.start(["serve", "--port", "0", "--api-key", key], { env });
    await run.sees(/listening on http/);
    const { stdout } = await promisify(execFile)("ps", ["ww", "-o", "args=", "-p", String(run.child.pid)]);
    expect(stdout).not.toContain(key);
    expect(run.printed.out + run.printed.err).not.toContain("dashboard?open=");
    run.child.kill("SIGTERM");
    await run.ended;
  });

  it("prints no link to the dashboard but for a terminal, and a new one on demand", async () => {
    const started = await house.run(["serve", "--detach", "--port", "0"], { env });
    expect(started.out + started.err).not.toContain("open=");
    const link = (await house.run(["dashboard"], { env })).out.trim();
    expect((await fetch(link)).status).toBe(200);
    expect((await fetch(link)).status).toBe(401);
    expect((await house.run(["logs", "--json"], { env })).out).not.toContain("open=");
  });

  it("says why it does not start", async () => {
    const wrong = await house.run(["serve", "--detach", "--port", "x"], { env });
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("--port") });
    const open = await house.run(["serve", "--detach", "--port", "0", "--host", "0.0.0.0"], { env });
    expect(open).toMatchObject({ code: 2, err: expect.stringContaining("callers need a key") });
    expect(await house.run(["serve", "--detach", "--help"], { env })).toMatchObject({ code: 0 });
  });

  it("takes no other process for its proxy: one that was killed, or whose number is another's by now", async () => {
    const first = await house.run(["serve", "--detach", "--port", "0"], { env });
    expect(first.code).toBe(0);
    const { pid, ...rest } = await readPid();
    process.kill(pid, "SIGKILL");
    await expect
      .poll(() =>
        fetch(`${rest.url}/healthz`).then(
          () => "up",
          () => "down",
        ),
      )
      .toBe("down");
    expect(await house.run(["stop"], { env })).toMatchObject({ code: 0, err: expect.stringContaining("No detached") });

    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    try {
      await writeFile(pidFile(), JSON.stringify({ pid: other.pid, ...rest }));
      expect(await house.run(["stop"], { env })).toMatchObject({
        code: 0,
        err: expect.stringContaining("No detached"),
      });
      expect(isThere(other.pid as number)).toBe(true);
      const second = await house.run(["serve", "--detach", "--port", "0"], { env });
      expect(second.code).toBe(0);
      expect((await readPid()).pid).not.toBe(other.pid);
    } finally {
      other.kill("SIGKILL");
    }
  });
});

it("gives a new link to the dashboard of a proxy in the foreground, until that ends", async () => {
  const { child, sees, printed, ended } = house.start(["serve", "--port", "0"], { env });
  const url = await sees(/listening on (http:\S+)/);
  await sees(/Login/);
  expect(printed.out).not.toContain("open=");
  const links = [];
  for (let n = 0; n < 2; n++) links.push((await house.run(["dashboard"], { env })).out.trim());
  for (const link of links) {
    expect(link.startsWith(`${url}/dashboard?open=`)).toBe(true);
    expect((await fetch(link)).status).toBe(200);
  }
  child.kill("SIGTERM");
  await ended;
  const none = await house.run(["dashboard"], { env });
  expect(none).toMatchObject({ code: 1, out: "", err: expect.stringContaining("No proxy runs") });
});

it("stops a proxy, shows its log and its dashboard, and changes keys whatever is wrong with config.toml", async () => {
  const texts = ["prot = 1\n", `mode = "sideways"\nstate_dir = "${state}"\n`, `port = = 1\nstate_dir = "${state}"\n`];
  const broken = await Promise.all(
    texts.map(async (text, at) => {
      const file = join(house.folder, `typo-${at}.toml`);
      await writeFile(file, text);
      return { CODEX_OAUTH_CONFIG: file, CODEX_MODE: "bogus", ...(text.includes("state_dir") ? {} : env) };
    }),
  );
  expect(await house.run(["serve", "--detach", "--port", "0"], { env })).toMatchObject({ code: 0 });
  await Promise.all(
    broken.map(async (wrong, at) => {
      const run = (...argv: string[]) => house.run(argv, { env: wrong });
      const name = `typo-${at}`;
      expect(await run("keys", "create", name)).toMatchObject({ code: 0 });
      const [dashboard, logs, list, serve] = await Promise.all([
        run("dashboard"),
        run("logs"),
        run("keys", "list"),
        run("serve", "--port", "0"),
      ]);
      expect(dashboard).toMatchObject({ code: 0, out: expect.stringContaining("open=") });
      expect(logs).toMatchObject({ code: 0, out: expect.stringContaining("Listening") });
      expect(list).toMatchObject({ code: 0, out: expect.stringContaining(name) });
      // What needs the settings says what is wrong with them.
      expect(serve).toMatchObject({ code: 2 });
      expect(await run("keys", "remove", name)).toMatchObject({ code: 0 });
    }),
  );
  const stopped = await house.run(["stop"], { env: broken[2] as Record<string, string> });
  expect(stopped).toMatchObject({ code: 0, err: expect.stringContaining("Stopped") });
}, 60_000);

it("does not guess where the state is when the setting itself is wrong", async () => {
  const file = join(house.folder, "wrong-state.toml");
  await writeFile(file, "state_dir = 1\n");
  const stopped = await house.run(["stop"], { env: { CODEX_OAUTH_CONFIG: file } });
  expect(stopped).toMatchObject({ code: 2, err: expect.stringContaining(`${file}:1`) });
});

it("logs says so when there are none", async () => {
  const none = await house.run(["logs"], { env: { CODEX_STATE_DIR: join(house.folder, "none") } });
  expect(none).toMatchObject({ code: 1, out: "", err: expect.stringContaining("serve --detach") });
});

describe("service print", () => {
  it("prints a unit for systemd with absolute paths, the flags and the variables, without secrets", async () => {
    const { code, out, err } = await house.run(["service", "print", "--systemd", "--", "--port", "8080"], {
      env: { ...env, CODEX_PROXY_API_KEYS: "made-up-key", CODEX_MODEL_ALIASES: 'a=b%$"' },
    });
    expect(code).toBe(0);
    const lines = out.split("\n");
    const start = lines.find((line) => line.startsWith("ExecStart="));
    expect(start).toContain(`"${process.execPath}"`);
    expect(start).toMatch(/"\/[^"]*main\.[jt]s" "serve" "--port" "8080"$/);
    expect(lines).toContain(`Environment="CODEX_HOME=${house.folder}"`);
    expect(lines).toContain(`Environment="CODEX_STATE_DIR=${state}"`);
    expect(lines).toContain('Environment="CODEX_MODEL_ALIASES=a=b%%$\\""');
    for (const section of ["[Unit]", "[Service]", "[Install]"]) expect(lines).toContain(section);
    expect(err).toContain("systemctl --user enable --now codex-oauth");
    expect(out + err).not.toContain("made-up-key");
  });

  it.each(["--systemd", "--launchd"])("keeps secrets in a file for their owner only, with %s", async (system) => {
    const [key, loginKey] = ["made-up-key-of-a-service", Buffer.alloc(32, 7).toString("base64")];
    const { code, out, err } = await house.run(["service", "print", system, "--", "--api-key", key, "--port", "1"], {
      env: { ...env, HTTPS_PROXY: 'http://me:pa$$"word@proxy.test:8080', CODEX_AUTH_KEY: loginKey },
    });
    expect(code).toBe(0);
    const file = join(state, "service.env");
    expect(out).toContain(file);
    expect(out).not.toContain("--api-key");
    for (const secret of [key, "pa$$", loginKey]) expect(out + err).not.toContain(secret);
    expect(err).toContain("CODEX_AUTH_KEY: set here, and written nowhere");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    // A shell reads it as systemd does.
    const read = spawnSync("/bin/sh", ["-c", 'set -a; . "$0"; exec env', file], { encoding: "utf8", env: {} }).stdout;
    expect(read).toMatch(/^CODEX_PROXY_API_KEYS=sha256:[0-9a-f]{64}$/m);
    expect(read).toContain('HTTPS_PROXY=http://me:pa$$"word@proxy.test:8080\n');
    expect(read).not.toContain(key);
  });

  it("prints a property list for launchd", async () => {
    const { code, out, err } = await house.run(["service", "print", "--launchd", "--", "--alias", "a&b=<c>"], { env });
    expect(code).toBe(0);
    expect(out).toContain(`<string>${process.execPath}</string>`);
    expect(out).toContain("<string>a&amp;b=&lt;c&gt;</string>");
    expect(out).toContain(`<string>${join(state, "proxy.log")}</string>`);
    expect(out.match(/<(dict|array|plist|string|key|integer)\b/g)?.length).toBe(
      out.match(/<\/(dict|array|plist|string|key|integer)>/g)?.length,
    );
    expect(err).toContain("launchctl bootstrap");
  });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
