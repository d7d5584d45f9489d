import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CliHouse, startCliHouse } from "./start-cli.js";

/** Every command, in good and in bad times, with all that it prints and logs: no token is in it, nor a part of one. */
let house: CliHouse;
/** Every token that was ever in use here, and its parts. */
const secrets = new Set<string>();

beforeEach(async () => {
  house = await startCliHouse();
});
afterEach(() => house.close());

const authFile = () => join(house.folder, "auth.json");

async function save(credentials = house.simulator.issueCredentials(), change: object = {}): Promise<void> {
  await writeFile(authFile(), JSON.stringify({ ...house.simulator.authJson(credentials), ...change }), { mode: 0o600 });
  await noteSecrets();
}

/** The tokens in all login files by now; of a JWT all but the head, which is the same for everybody. */
async function noteSecrets(): Promise<void> {
  const names = (await readdir(house.folder, { recursive: true })).filter((name) => name.endsWith("auth.json"));
  const texts = await Promise.all(names.map((name) => readFile(join(house.folder, name), "utf8").catch(() => "")));
  for (const [, token] of texts.join("\n").matchAll(/_token": ?"([^"]{20,})"/g)) {
    for (const part of (token as string).split(".").slice(-2)) secrets.add(part);
  }
}

async function expectNoToken(printed: string): Promise<void> {
  await noteSecrets();
  expect(secrets.size).toBeGreaterThan(0);
  for (const secret of secrets) expect(printed.includes(secret)).toBe(false);
}

/** Runs command lines one after the other: on small machines all at once take no less. */
async function runThem(commands: string[], env: Record<string, string> = {}): Promise<void> {
  for (const command of commands) await house.run(command.split(" "), { env });
}
const some = ["status", "status --json", "ask hello"];
const runSome = (env?: Record<string, string>) => runThem(some, env);
const runAll = (env?: Record<string, string>) =>
  runThem([...some, "profiles", "profiles --json", "models", "ask --json hello", "config show"], env);

describe("what the commands print", () => {
  it("with a login that works, one that is renewed, and one in a profile", async () => {
    await save();
    await runAll();
    // Those that print settings, and look at everything, the login among it.
    await runThem(["doctor", "doctor --json", "doctor --client litellm", "service print --systemd", "config check"]);
    await runThem(["keys create laptop", "keys list", "logs", "stop"]);
    await save(house.simulator.issueCredentials({ expiresIn: -60 }));
    await house.run(["ask", "renewed"]);
    const work = join(house.folder, ".local/share/codex-oauth/profiles/work");
    await mkdir(work, { recursive: true });
    await writeFile(join(work, "auth.json"), JSON.stringify(house.simulator.authJson()), { mode: 0o644 });
    await runSome({ CODEX_PROFILE: "work" });
    await house.run(["logout", "--profile", "work"]);
    await house.run(["logout", "--yes"]);
    await expectNoToken(house.everything());
  }, 120_000);

  it("with a login that the issuer or the backend refuses", async () => {
    for (const fault of [
      { route: "token", status: 401 },
      { route: "token", status: 500 },
      { route: "token", cut: "before-headers", afterRotation: true },
    ] as const) {
      await save(house.simulator.issueCredentials({ expiresIn: -60 }));
      const stop = house.simulator.faults.always(fault);
      const asked = await house.run(["ask", "refused"]);
      expect(asked.code).toBe(1);
      stop();
      await house.run(["status"]);
      await house.run(["status", "--json"]);
    }
    await save();
    house.simulator.faults.always({ route: "responses", status: 401 });
    expect(await house.run(["ask", "refused by the backend"])).toMatchObject({ code: 1 });
    await expectNoToken(house.everything());
  }, 60_000);

  it("tells of a lost answer what to do next, while the token still works", async () => {
    await save(house.simulator.issueCredentials({ expiresIn: 200 }));
    house.simulator.faults.next({ route: "token", cut: "before-headers", afterRotation: true });
    const asked = await house.run(["ask", "with the last minutes"]);
    expect(asked).toMatchObject({ code: 0, err: expect.stringContaining("codex-oauth login") });
    const { code, out } = await house.run(["status", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      state: "signed_in",
      renewable: false,
      problem: expect.stringContaining("its answer never arrived"),
      next_command: "codex-oauth login",
    });
    await expectNoToken(house.everything());
  });

  it("with a file that is broken in a way that an error would quote", async () => {
    const { tokens } = house.simulator.authJson();
    await save();
    for (const text of [
      JSON.stringify({ tokens }).slice(0, -3),
      JSON.stringify({ tokens: JSON.stringify(tokens) }),
      JSON.stringify({ tokens: { ...tokens, access_token: [tokens.access_token] } }),
      JSON.stringify({ tokens: { ...tokens, access_token: `${tokens.access_token}\n` } }),
    ]) {
      await writeFile(authFile(), text);
      await runSome();
    }
    const { access_token } = house.simulator.issueCredentials();
    for (const token of [tokens.access_token, tokens.refresh_token, tokens.id_token, access_token]) {
      for (const part of token.split(".").slice(-2)) secrets.add(part);
    }
    for (const token of [access_token, `${access_token} x`]) await runSome({ CODEX_ACCESS_TOKEN: token });
    await expectNoToken(house.everything());
  }, 60_000);

  it("in the log of a proxy that logs all it can", async () => {
    await save(house.simulator.issueCredentials({ expiresIn: -60 }));
    const proxy = house.start(["serve", "--port", "0", "--verbose"], { env: { CODEX_DEBUG: "1" } });
    const url = await proxy.sees(/listening on (http:\S+)/);
    const ask = async () => {
      const response = await fetch(`${url}/v1/responses`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "gpt-6-sol", input: "logged" }),
      });
      return `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`;
    };
    const answers = [await ask()];
    house.simulator.faults.always({ route: "responses", status: 401 });
    answers.push(await ask());
    expect(answers.map((text) => text.slice(0, 3))).toEqual(["200", "401"]);
    proxy.child.kill("SIGTERM");
    await proxy.ended;
    expect(proxy.printed.err + proxy.printed.out).toContain("/v1/responses");
    await expectNoToken(house.everything() + answers.join("\n"));
  });
});
