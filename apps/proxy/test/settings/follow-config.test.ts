import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSimulator, type Simulator } from "@codex/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunningProxy, startProxy } from "../../src/server.js";
import { ask, chatBody } from "../start-house.js";
import { type ConfigHouse, openConfigHouse } from "./start-config.js";

let house: ConfigHouse;
let simulator: Simulator;
let proxy: RunningProxy | undefined;
let log: string[];

beforeEach(async () => {
  simulator = await createSimulator();
  house = await openConfigHouse();
  log = [];
  await writeFile(join(house.folder, "auth.json"), JSON.stringify(simulator.authJson()));
});
afterEach(async () => {
  await proxy?.stop();
  await Promise.all([house.close(), simulator.close()]);
});

async function serve(toml: string, ...argv: string[]): Promise<string> {
  await house.write(toml);
  const env = { CODEX_BASE_URL: simulator.baseUrl };
  const { config } = await house.load(env, ["--port=0", ...argv]);
  proxy = await startProxy(config, { log: (line) => log.push(line), isTerminal: true });
  return proxy.url;
}

const saw = (text: string | RegExp) => expect.poll(() => log.join("\n"), { timeout: 5000 }).toMatch(text);
const statusFor = async (url: string, headers: Record<string, string>) =>
  (await ask(`${url}/v1/models`, { headers })).status;

describe("a change of config.toml", () => {
  it("counts at once for keys, origins, hosts, names of models and lines for every request", async () => {
    const url = await serve("");
    expect(await statusFor(url, {})).toBe(200);
    // As editors do it: a new file in place of the old one.
    const next = `${house.file}.new`;
    await writeFile(
      next,
      'api_keys = ["k1"]\nallowed_origins = ["http://page.test"]\nallowed_hosts = ["codex.lan"]\neffort_variants = true\nverbose = true\n[aliases]\nfast = "gpt-6-luna-low"\n',
    );
    await rename(next, house.file);
    await saw(/In effect now: api_keys, allowed_hosts, allowed_origins, aliases, effort_variants, verbose\./);
    expect(await statusFor(url, {})).toBe(401);
    const headers = { authorization: "Bearer k1", origin: "http://page.test", host: "codex.lan" };
    const { status, json } = await ask(`${url}/v1/models`, { headers });
    expect(status).toBe(200);
    const ids = json.data.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(expect.arrayContaining(["gpt-6-sol-high", "fast"]));
    const answer = await ask(`${url}/v1/chat/completions`, { headers, body: chatBody("hi", { model: "fast" }) });
    expect(answer.status).toBe(200);
    await saw(/POST \/v1\/chat\/completions 200 gpt-6-luna/);

    await rm(house.file);
    await saw(/is not there\. .*The settings stay as they were\./);
    expect(await statusFor(url, {})).toBe(401);
  });

  it("that is invalid leaves the settings as they are, and says so", async () => {
    const url = await serve('api_keys = ["k1"]\n');
    await house.write('api_keys = ["k2"]\nprot = 1\n');
    await saw(/config\.toml:2: there is no setting "prot"\. Did you mean port\? The settings stay as they were\./);
    expect(await statusFor(url, { "x-api-key": "k1" })).toBe(200);
    await house.write('api_keys = ["k2"]\n');
    await saw(/In effect now: api_keys\./);
    expect(await statusFor(url, { "x-api-key": "k1" })).toBe(401);
    expect(await statusFor(url, { "x-api-key": "k2" })).toBe(200);
  });

  it("tells what needs a restart, and does not win over a flag", async () => {
    const url = await serve("", "--alias", "fast=gpt-6-sol");
    await house.write('port = 1\nmode = "off"\nverbose = true\n[aliases]\nfast = "gpt-6-luna"\n');
    await saw(/In effect now: verbose\. In effect after a restart: mode\./);
    expect((await ask(`${url}/v1/models/fast`)).json.canonical_slug).toBe("gpt-6-sol");
  });

  it("never opens a proxy that others can reach", async () => {
    await serve('api_keys = ["k1"]\n', "--host", "0.0.0.0");
    const url = `http://127.0.0.1:${proxy?.port}`;
    await house.write("# no keys\n");
    await saw(/No key is left, so nobody comes in/);
    expect(await statusFor(url, {})).toBe(401);
    expect(await statusFor(url, { "x-api-key": "k1" })).toBe(401);
  });
});
