import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliHouse, type Run, startCliHouse } from "./start-cli.js";

/** The command as a process of its own, against a simulator: streams, signals, exit codes. */
let house: CliHouse;

beforeAll(async () => {
  house = await startCliHouse();
  await writeFile(join(house.folder, "auth.json"), JSON.stringify(house.simulator.authJson()), { mode: 0o600 });
});
afterAll(() => house.close());

describe("codex-oauth", () => {
  it("gives its exit code and keeps output and notes apart", async () => {
    const [signedIn, absent, failed] = await Promise.all([
      house.run(["status"]),
      house.run(["status", "--auth-file", join(house.folder, "none.json")]),
      house.run(["ask", "x", "--model", "gpt-6-sool"]),
    ]);
    expect(signedIn).toMatchObject({ code: 0, err: "", out: expect.stringContaining("person@example.com") });
    // No colours where no person looks.
    expect(signedIn.out).not.toMatch(/\p{Cc}\[/u);
    expect(absent).toMatchObject({ code: 4, err: "", out: expect.stringContaining("codex login") });
    expect(failed).toMatchObject({ code: 1, out: "", err: expect.stringMatching(/gpt-6-sool.*gpt-6-sol/) });
  });

  it("prints the answer as it comes", async () => {
    const script = `SIM${JSON.stringify({ text: "one two three", delayMs: 50 })}`;
    const { child, ended } = house.start(["ask", script]);
    const pieces: string[] = [];
    child.stdout?.on("data", (chunk) => pieces.push(String(chunk)));
    expect((await ended).out).toBe("one two three\n");
    expect(pieces.length).toBeGreaterThan(2);
  });

  it("takes the question from stdin, alone, behind words, and in place of -", async () => {
    const [alone, behind, dash] = await Promise.all([
      house.run(["ask"], { input: "from stdin\n" }),
      house.run(["ask", "review this:"], { input: "the text\n" }),
      house.run(["ask", "-", "now"], { input: "dashed" }),
    ]);
    expect(alone.out).toContain("You said: from stdin");
    expect(behind.out).toMatch(/You said: review this:\n\nthe text/);
    expect(dash.out).toMatch(/You said: now\n\ndashed/);
  });

  it("does not wait for a stdin that nobody writes to when that is /dev/null", async () => {
    expect((await house.run(["ask", "from a scheduler"])).out).toContain("You said: from a scheduler");
  });

  it("says that it waits for stdin", async () => {
    const { child, printed, ended } = house.start(["ask", "and"], { input: null });
    await once(child.stderr ?? child, "data");
    expect(printed.err).toContain("Reading from stdin");
    child.stdin?.end("the rest");
    expect((await ended).out).toMatch(/and\n\nthe rest/);
  });

  it("ends with 130 at Ctrl-C, and takes the backend's request with it", async () => {
    const prompt = `interrupted SIM${JSON.stringify({ words: 1000, delayMs: 30 })}`;
    const isOurs = ({ body }: { body?: unknown }) => JSON.stringify(body ?? "").includes("interrupted");
    const gone = house.simulator.waitFor("disconnect", isOurs);
    const { child, ended } = house.start(["ask", prompt]);
    await once(child.stdout ?? child, "data");
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130, err: "" });
    await gone;
  });

  it("ends quietly when its reader goes away, as with head", async () => {
    const prompt = `piped SIM${JSON.stringify({ words: 2000, delayMs: 5 })}`;
    const isOurs = ({ body }: { body?: unknown }) => JSON.stringify(body ?? "").includes("piped");
    const gone = house.simulator.waitFor("disconnect", isOurs);
    const { child, ended } = house.start(["ask", prompt]);
    await once(child.stdout ?? child, "data");
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, err: "" });
    await gone;
  });

  it("serves as the proxy's own command does, and stops at a signal", async () => {
    const { child, sees, ended } = house.start(["--base-url", house.simulator.baseUrl, "serve", "--port", "0"]);
    const url = await sees(/listening on (http:\S+)/);
    await sees(/Login +person@example.com/);
    const response = await fetch(`${url}/v1/responses`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "gpt-6-sol", input: "served" }),
    });
    expect(await response.text()).toContain("served");
    child.kill("SIGTERM");
    const { code, err } = await ended;
    expect(code).toBe(0);
    // A line of the log for the one request, and nothing else.
    expect(JSON.parse(err)).toMatchObject({ level: "info", path: "/v1/responses", status: 200 });
  });

  it("checks, shows and finds config.toml, and serves by it", async () => {
    const file = join(house.folder, "my.toml");
    await writeFile(file, 'prot = 1\nport = 0\napi_keys = ["made-up-key"]\n');
    const env = { CODEX_OAUTH_CONFIG: file };
    const [wrong, refused, mind] = await Promise.all([
      house.run(["config", "check"], { env }),
      house.run(["serve"], { env }),
      house.run(["models"], { env }),
    ]);
    expect(wrong).toMatchObject({ code: 1, out: `${file}:1: there is no setting "prot". Did you mean port?\n` });
    expect(refused).toMatchObject({ code: 2, out: "", err: expect.stringContaining(`${file}:1:`) });
    expect(mind).toMatchObject({ code: 0 });

    await writeFile(file, 'port = 0\napi_keys = ["made-up-key"]\nmode = "off"\n');
    const [right, shown, json, path, none] = await Promise.all([
      house.run(["config", "check"], { env }),
      house.run(["config", "show"], { env: { ...env, CODEX_MODE: "on" } }),
      house.run(["config", "show", "--json", "--config", file]),
      house.run(["config", "path"]),
      house.run(["config", "check"]),
    ]);
    expect(right).toMatchObject({ code: 0, out: `${file} is right: 3 settings.\n` });
    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(shown.out).toMatch(new RegExp(`port = 0 +# ${file}:1\n`));
    expect(shown.out).toMatch(/api_keys = \["\(hidden\)"\]/);
    expect(shown.out).toMatch(/mode = "on" +# CODEX_MODE\n/);
    expect(shown.out).toMatch(/host = "127\.0\.0\.1" +# default\n/);
    expect(JSON.parse(json.out).settings).toEqual(
      expect.arrayContaining([{ key: "port", value: 0, source: "file", from: `${file}:1`, change: "restart" }]),
    );
    for (const { out } of [shown, json]) expect(out).not.toContain("made-up-key");
    expect(path).toMatchObject({ code: 0, out: expect.stringMatching(/codex-oauth\/config\.toml\n$/) });
    expect(none).toMatchObject({ code: 0, out: expect.stringContaining("nothing is wrong with that") });

    const { child, sees, ended } = house.start(["serve"], { env });
    const url = await sees(/listening on (http:\S+)/);
    expect((await fetch(`${url}/v1/models`)).status).toBe(401);
    await writeFile(file, 'port = 0\napi_keys = ["another-key"]\n');
    await sees(/In effect now: api_keys\. In effect after a restart: mode\./, "err");
    expect((await fetch(`${url}/v1/models`, { headers: { "x-api-key": "another-key" } })).status).toBe(200);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
  });

  it("makes, lists and removes keys, and a running proxy follows", async () => {
    const env = { XDG_STATE_HOME: join(house.folder, "state") };
    const { child, sees, ended } = house.start(["serve", "--port", "0"], { env });
    const url = await sees(/listening on (http:\S+)/);
    const statusFor = async (key: string) =>
      (await fetch(`${url}/v1/models`, { headers: { "x-api-key": key } })).status;
    const made = await house.run(["keys", "create", "laptop"], { env });
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^cxo_\S{43}\n$/) });
    expect(made.err).toContain("shown this once");
    await sees(/The keys have changed: laptop\./, "err");
    expect([await statusFor("other"), await statusFor(made.out.trim())]).toEqual([401, 200]);
    const [list, json, again] = await Promise.all([
      house.run(["keys", "list"], { env: { ...env, CODEX_PROXY_API_KEYS: "made-up-1,made-up-2" } }),
      house.run(["keys", "list", "--json"], { env }),
      house.run(["keys", "create", "laptop"], { env }),
    ]);
    expect(list.out).toMatch(/^laptop +made \d{4}-\d\d-\d\d \d\d:\d\d UTC\n$/);
    expect(list.err).toContain("2 of the settings (CODEX_PROXY_API_KEYS)");
    expect(JSON.parse(json.out)).toMatchObject({ keys: [{ name: "laptop", created: expect.any(String) }] });
    for (const { out, err } of [list, json]) expect(out + err).not.toMatch(/cxo_|made-up-1/);
    expect(again).toMatchObject({ code: 1, out: "", err: expect.stringContaining("already") });
    expect(await house.run(["keys", "remove", "laptop"], { env })).toMatchObject({ code: 0 });
    await sees(/The keys have changed: none is left\./, "err");
    expect(await house.run(["keys", "remove", "laptop"], { env })).toMatchObject({ code: 1 });
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
  });

  it.runIf(process.platform === "linux")(
    "tells a login that is in a keyring only, and does not take it for none",
    async () => {
      const home = await mkdtemp(join(house.folder, "home-"));
      await writeFile(join(home, "config.toml"), 'cli_auth_credentials_store = "keyring"\n');
      const [status, json, asked, logout, proxy] = [
        "status",
        "status --json",
        "ask x",
        "logout --yes",
        "serve --port 0",
      ].map((line) => house.start(line.split(" "), { env: { CODEX_HOME: home } })) as [Run, Run, Run, Run, Run];
      const why = /keyring[\s\S]*No keyring service runs/;
      expect(await status.ended).toMatchObject({ code: 5, err: "", out: expect.stringMatching(why) });
      expect(JSON.parse((await json.ended).out)).toMatchObject({ state: "keyring_only", next_command: null });
      expect(await asked.ended).toMatchObject({ code: 1, out: "", err: expect.stringMatching(why) });
      expect(await logout.ended).toMatchObject({ code: 1, out: "", err: expect.stringMatching(why) });
      await proxy.sees(/Login +.*keyring/);
      proxy.child.kill("SIGTERM");
      await proxy.ended;
    },
  );
});
