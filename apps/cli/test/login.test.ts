import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CliHouse, follow, press, type Run, startCliHouse } from "./start-cli.js";

/** Logging in and out as a person does it: the command as a process, the browser played over HTTP. */
let house: CliHouse;
/** How far the issuer's clock is ahead, in milliseconds. */
let ahead = 0;

beforeEach(async () => {
  ahead = 0;
  house = await startCliHouse({
    questions: { redirectUris: "loopback" },
    deviceIntervalSeconds: 0.05,
    now: () => Date.now() + ahead,
  });
});
afterEach(async () => {
  const { everything } = house;
  const secrets = await findSecrets();
  await house.close();
  // Whatever a test did: no code, no token, no part of one was printed.
  expect(everything()).not.toMatch(/eyJ[\w-]{10}|rt_simulator_|ac_simulator_/);
  for (const secret of secrets) expect(everything()).not.toContain(secret);
});

/** Every token that lies in a login file of the house. */
async function findSecrets(): Promise<string[]> {
  const names = (await readdir(house.folder, { recursive: true })).filter((name) => name.endsWith("auth.json"));
  const texts = await Promise.all(names.map((name) => readFile(join(house.folder, name), "utf8").catch(() => "")));
  return texts.flatMap((text) => [...text.matchAll(/_token": ?"([^"]{20,})"/g)].map(([, token]) => token as string));
}

const authFile = () => join(house.folder, "auth.json");
const browserLogin = (argv: string[] = [], env: Record<string, string> = {}, input: string | null = null): Run =>
  house.start(["login", "--no-open", "--ports", "0", ...argv], { env, input });
const findUrl = ({ sees }: Run) => sees(/(http:\S+\/oauth\/authorize\S+)/);

async function signIn(argv: string[] = [], env: Record<string, string> = {}) {
  const run = browserLogin(argv, env);
  await follow(await press(await findUrl(run), "continue"));
  return await run.ended;
}

describe("login by browser", () => {
  it("prints the page, stores the login for all, says where, and shows the person how it ended", async () => {
    const run = browserLogin();
    const page = await follow(await press(await findUrl(run), "continue"));
    expect(page).toMatch(/^200 [\s\S]*You are signed in[\s\S]*person@example.com/);
    const { code, out, err } = await run.ended;
    expect(code).toBe(0);
    expect(out).toMatch(/Open this page to sign in:[\s\S]*Signed in as person@example.com \(plan plus\)\./);
    expect(out).toContain(`Stored in ${authFile()}, where the Codex CLI finds it as well.`);
    expect(err).toContain("paste its address here");
    expect((await stat(authFile())).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(authFile(), "utf8"))).toMatchObject({
      tokens: { access_token: expect.any(String), refresh_token: expect.any(String), id_token: expect.any(String) },
    });
    expect(await house.run(["status"])).toMatchObject({ code: 0, out: expect.stringContaining("person@example.com") });
    expect(await house.run(["ask", "after the login"])).toMatchObject({ code: 0 });
  });

  it("takes the address that the browser ended at from stdin, and asks again for a wrong one", async () => {
    const run = browserLogin();
    const location = await press(await findUrl(run), "continue");
    run.child.stdin?.write("\nhttp://localhost:1455/auth/callback?code=x&state=y\n");
    await run.sees(/State mismatch.*Paste it again/, "err");
    run.child.stdin?.write(`${location}\n`);
    expect(await run.ended).toMatchObject({ code: 0, out: expect.stringContaining("Signed in as") });
  });

  it("ends with 1 at the person's no, with 1 when the time is over, and stores nothing", async () => {
    const denied = browserLogin();
    const late = browserLogin(["--timeout", "0.5"]);
    expect(await follow(await press(await findUrl(denied), "deny"))).toMatch(/^403 [\s\S]*Login refused/);
    expect(await denied.ended).toMatchObject({ code: 1, err: expect.stringContaining("refused in the browser") });
    expect(await late.ended).toMatchObject({ code: 1, err: expect.stringContaining("Nobody finished the login") });
    await expect(readFile(authFile())).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("ends with 130 at Ctrl-C, says so, and frees the port", async () => {
    const run = browserLogin();
    const redirect = new URL(new URL(await findUrl(run)).searchParams.get("redirect_uri") as string);
    run.child.kill("SIGINT");
    expect(await run.ended).toMatchObject({ code: 130, err: expect.stringContaining("interrupted") });
    await expect(fetch(`http://127.0.0.1:${redirect.port}/`)).rejects.toThrow();
  });

  it("says whose login it has replaced", async () => {
    const other = house.simulator.issueCredentials({ email: "other@example.com", accountId: "account-other" });
    await writeFile(authFile(), JSON.stringify(house.simulator.authJson(other)), { mode: 0o600 });
    expect((await signIn()).out).toContain("It has replaced the login of other@example.com.");
  });

  it("says why when the issuer refuses, and sends nobody to it when the file cannot be written", async () => {
    house.simulator.faults.next({ status: 500, route: "token" });
    expect(await signIn()).toMatchObject({ code: 1, err: expect.stringMatching(/issuer/i) });
    await mkdir(authFile());
    const refused = await browserLogin().ended;
    expect(refused).toMatchObject({ code: 1, out: "", err: expect.stringMatching(/auth.json.*it is a folder/) });
  });

  it.runIf(process.platform === "linux")("opens the page by itself where a person would see it", async () => {
    const seen = join(house.folder, "opened");
    const browser = join(house.folder, "browser.sh");
    await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > "${seen}.part" && mv "${seen}.part" "${seen}"\n`);
    await chmod(browser, 0o755);
    // Desktop files come before BROWSER: a browser that is installed on this machine must not be found by them.
    const nowhere = join(house.folder, "none");
    const env = {
      ...{ DISPLAY: ":97", BROWSER: browser, XDG_DATA_DIRS: nowhere, XDG_CONFIG_DIRS: nowhere },
      // Nor asks anybody which desktop this is: looking for one takes long where there is none.
      ...{ XDG_CURRENT_DESKTOP: "X-Generic", DBUS_SESSION_BUS_ADDRESS: "disabled:" },
    };
    const run = house.start(["login", "--ports", "0"], { env, input: null });
    const url = await findUrl(run);
    expect(run.printed.out).toContain("Your browser opens this page");
    await expect.poll(() => readFile(seen, "utf8").catch(() => ""), { timeout: 10_000 }).toBe(url);
    await follow(await press(url, "continue"));
    expect(await run.ended).toMatchObject({ code: 0 });
  });
});

describe("login on the ports that the issuer knows", () => {
  /** Takes a port; `undefined` where another program has it already, which is as good for a test. */
  const take = (port: number) =>
    new Promise<Server | undefined>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(undefined));
      server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(server));
    });
  const free = (server: Server | undefined) => new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));

  it("goes to the second when the first is taken, and says so when both are", async ({ skip }) => {
    const first = await take(1455);
    const second = await take(1457);
    try {
      const none = await house.run(["login", "--no-open"]);
      expect(none).toMatchObject({ code: 1, err: expect.stringMatching(/1455, 1457.*--device/) });
      if (second === undefined) return skip("port 1457 belongs to another program");
      await free(second);
      house.simulator.questions.redirectUris = "registered";
      const run = house.start(["login", "--no-open"], { input: null });
      const location = await press(await findUrl(run), "continue");
      expect(location).toMatch(/^http:\/\/localhost:1457\//);
      await follow(location);
      expect(await run.ended).toMatchObject({ code: 0 });
    } finally {
      await free(first);
    }
  });
});

describe("login by device code", () => {
  const start = (argv: string[] = []) => house.start(["login", "--device", ...argv], { input: null });
  const findCode = ({ sees }: Run) => sees(/\n {2}([A-Z]{4}-\d{5})\n/);

  it("shows page and code, and waits for the person", async () => {
    const run = start();
    const code = await findCode(run);
    expect(run.printed.out).toContain(`${house.simulator.issuerUrl}/codex/device`);
    expect(run.printed.out).toContain("within 15 min");
    house.simulator.decideDevice(code);
    expect(await run.ended).toMatchObject({ code: 0, out: expect.stringContaining("Signed in as person@example.com") });
    expect(await house.run(["status"])).toMatchObject({ code: 0 });
  });

  it("ends when the issuer says that the code has expired", async () => {
    const run = start();
    await findCode(run);
    ahead = 16 * 60_000;
    expect(await run.ended).toMatchObject({ code: 1, err: expect.stringContaining("device code has expired") });
  });

  it("ends at the person's no, when the time is over, at Ctrl-C, and where it is not enabled", async () => {
    const [denied, late, stopped] = [start(), start(["--timeout", "1"]), start()];
    house.simulator.decideDevice(await findCode(denied), "deny");
    expect(await denied.ended).toMatchObject({ code: 1, err: expect.stringContaining("refused") });
    await findCode(stopped);
    stopped.child.kill("SIGINT");
    expect(await stopped.ended).toMatchObject({ code: 130, err: expect.stringContaining("interrupted") });
    expect(await late.ended).toMatchObject({ code: 1, err: expect.stringContaining("Nobody finished") });
    house.simulator.questions.deviceLogin = false;
    expect(await start().ended).toMatchObject({ code: 1, err: expect.stringContaining("not enabled") });
    await expect(readFile(authFile())).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("several logins", () => {
  it("are kept apart by profile, from login to logout, and the shared one is not touched", async () => {
    await signIn();
    const shared = await readFile(authFile(), "utf8");
    const made = await signIn([], { CODEX_PROFILE: "work" });
    const file = join(house.folder, ".local/share/codex-oauth/profiles/work/auth.json");
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining(`Stored in ${file}, profile work.`) });
    expect((await stat(join(file, ".."))).mode & 0o077).toBe(0);
    expect(await readFile(authFile(), "utf8")).toBe(shared);
    expect(await house.run(["ask", "from work", "--profile", "work"])).toMatchObject({ code: 0 });
    // Ours alone: nobody has to be asked.
    const gone = await house.run(["logout", "--profile", "work"]);
    expect(gone).toMatchObject({
      code: 0,
      out: expect.stringContaining(`Removed the login of person@example.com from`),
    });
    expect(await house.run(["status", "--profile", "work"])).toMatchObject({ code: 4 });
    expect(await house.run(["ask", "still there"])).toMatchObject({ code: 0 });
    expect(await readFile(authFile(), "utf8")).toBe(shared);
  });

  it("are served by the proxy, each its own", async () => {
    await signIn(["--profile", "work"]);
    const proxy = house.start(["serve", "--port", "0", "--profile", "work"]);
    await proxy.sees(/Login +person@example.com.*profiles\/work\/auth.json/);
    const url = await proxy.sees(/listening on (http:\S+)/);
    expect((await fetch(`${url}/v1/models`)).status).toBe(200);
    proxy.child.kill("SIGTERM");
    expect(await proxy.ended).toMatchObject({ code: 0 });
  });
});

describe("CODEX_AUTH_KEY", () => {
  const env = { CODEX_AUTH_KEY: "ab".repeat(32) };

  it("keeps the login encrypted, in a file of ours, beside the shared one", async () => {
    const made = await signIn([], env);
    const file = join(house.folder, ".local/share/codex-oauth/encrypted/auth.json");
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining(`Stored in ${file}.`) });
    expect(await readFile(file, "utf8")).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+\s*$/);
    const [mine, other, none, asked] = await Promise.all([
      house.run(["status"], { env }),
      house.run(["status"], { env: { CODEX_AUTH_KEY: "cd".repeat(32) } }),
      house.run(["status"]),
      house.run(["ask", "sealed"], { env }),
    ]);
    expect(mine).toMatchObject({ code: 0, out: expect.stringContaining("an encrypted file, ours alone") });
    expect(other).toMatchObject({ code: 6, out: expect.stringContaining("cannot be decrypted") });
    expect(none).toMatchObject({ code: 4, out: expect.stringContaining(authFile()) });
    expect(asked).toMatchObject({ code: 0 });
    expect(await house.run(["logout"], { env })).toMatchObject({ code: 0 });
    await expect(readFile(file)).rejects.toMatchObject({ code: "ENOENT" });
    const absent = await house.run(["status"], { env });
    expect(absent).toMatchObject({ code: 4, out: expect.stringContaining("with CODEX_AUTH_KEY set as now") });
  });
});
