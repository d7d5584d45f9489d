import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeClient, startProxy } from "@codex/proxy";
import { openLocalHouse } from "./local-house.js";

/**
 * Runs the real LiteLLM Proxy in front of ours and the simulator, with the `config.yaml` that `codex-oauth doctor --client
 * litellm` prints: `pnpm verify:litellm [FOLDER OF A VENV WITH litellm[proxy]]`. Without a folder it makes a venv in a
 * temporary one, by python3 and PyPI, which takes some minutes.
 */
const version = "litellm[proxy]==1.108.7";
const startLimitMs = 180_000;

const folder = await mkdtemp(join(tmpdir(), "codex-litellm-"));
const venv = process.argv[2] ?? join(folder, "venv");
const litellm = join(venv, "bin", "litellm");
if (!existsSync(litellm)) {
  execFileSync("python3", ["-m", "venv", venv], { stdio: "inherit" });
  execFileSync(join(venv, "bin", "pip"), ["install", "--quiet", version], { stdio: "inherit" });
}

const house = await openLocalHouse();
const loaded = await house.load({}, ["--port", "0", "--log-level", "warn"]);
if (loaded.kind !== "serve") throw new Error("The proxy was to be served.");
const proxy = await startProxy(loaded.config);
const config = join(folder, "config.yaml");
const facts = { baseUrl: `${proxy.url}/v1`, key: "unused", model: "gpt-6-sol" };
await writeFile(config, describeClient("litellm", facts).text);
console.log(await readFile(config, "utf8"));

/** LiteLLM refuses a weak one. */
const masterKey = `sk-${randomBytes(32).toString("hex")}`;
const port = await findFreePort();
const server = spawn(litellm, ["--config", config, "--port", String(port), "--host", "127.0.0.1"], {
  cwd: folder,
  env: { ...process.env, LITELLM_MASTER_KEY: masterKey, LITELLM_LOCAL_MODEL_COST_MAP: "True" },
  stdio: ["ignore", "pipe", "pipe"],
});
let output = "";
for (const stream of [server.stdout, server.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
const url = `http://127.0.0.1:${port}`;
let failures = 0;
try {
  await waitUntilItAnswers(server);
  await check("lists the model", async () => (await get("/v1/models")).includes('"gpt-6-sol"'));
  await check("answers", async () => (await chat({})).includes("Said by the simulator."));
  await check("streams, with usage", async () => {
    const text = await chat({ stream: true, stream_options: { include_usage: true } });
    return text.includes("simulator") && text.includes('"usage"') && text.trimEnd().endsWith("data: [DONE]");
  });
  await check("calls a tool", async () => {
    const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
    const tools = [{ type: "function", function: { name: "weather", parameters } }];
    const text = await chat(
      { tools, tool_choice: "required" },
      'SIM{"tools":[{"name":"weather","arguments":{"city":"Bern"}}]}',
    );
    return text.includes('"tool_calls"') && text.includes("Bern");
  });
  await check("passes a usage limit on as a 429", async () => {
    house.simulator.faults.always("usage_limit");
    const { status } = await post({});
    house.simulator.faults.clear();
    return status === 429;
  });
} finally {
  server.kill();
  await Promise.race([once(server, "exit"), sleep(10_000)]);
  await proxy.stop();
  await house.close();
  await rm(folder, { recursive: true, force: true });
}
if (failures > 0) console.log(output.slice(-4000));
process.exit(failures > 0 ? 1 : 0);

async function check(what: string, holds: () => Promise<boolean>): Promise<void> {
  const good = await holds().catch((error: unknown) => {
    console.log(error);
    return false;
  });
  console.log(`${good ? "ok  " : "FAIL"} ${what}`);
  if (!good) failures++;
}

function post(more: object, content = 'SIM{"text":"Said by the simulator."}'): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${masterKey}` },
    body: JSON.stringify({ model: "gpt-6-sol", messages: [{ role: "user", content }], ...more }),
  });
}

async function chat(more: object, content?: string): Promise<string> {
  const answer = await post(more, content);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status}: ${text}`);
  return text;
}

async function get(path: string): Promise<string> {
  return await (await fetch(url + path, { headers: { authorization: `Bearer ${masterKey}` } })).text();
}

async function waitUntilItAnswers(child: ChildProcess): Promise<void> {
  const endsAt = Date.now() + startLimitMs;
  while (Date.now() < endsAt && child.exitCode === null) {
    const answer = await fetch(`${url}/health/liveliness`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(500);
  }
  throw new Error(`LiteLLM did not start.\n${output.slice(-4000)}`);
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port: free } = probe.address() as AddressInfo;
  probe.close();
  return free;
}
