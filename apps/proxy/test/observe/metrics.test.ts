import { describe, expect, it } from "vitest";
import { openHouse } from "../open-house.js";
import { ask, chatBody } from "../start-house.js";

/** The value of a line of the text format. */
const read = (text: string, name: string) => {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
};

const usage = { input_tokens: 100, cached_tokens: 64, output_tokens: 20, reasoning_tokens: 7 };

describe("GET /metrics", () => {
  it("counts requests, times, tokens and errors, those before the first reader too", async () => {
    const { proxy, simulator } = await openHouse();
    const chat = `${proxy.url}/v1/chat/completions`;
    await ask(chat, { body: chatBody(`SIM${JSON.stringify({ text: "a b c", usage })}`, { stream: true }) });
    await ask(chat, { body: chatBody(`SIM${JSON.stringify({ text: "d", usage })}`) });
    simulator.faults.next("usage_limit");
    await ask(chat, { body: chatBody("no") });
    await ask(`${proxy.url}/nowhere`);
    const { headers, text } = await ask(`${proxy.url}/metrics`);
    expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    const http = (labels: string) => read(text, `http_server_request_duration_seconds_count{${labels}}`);
    expect(http('http_request_method="POST",http_route="chat",http_response_status_code="200"')).toBe(2);
    const refused = 'http_response_status_code="429",error_type="usage_limit_reached"';
    expect(http(`http_request_method="POST",http_route="chat",${refused}`)).toBe(1);
    const model = 'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_response_model="gpt-6-sol"';
    expect(read(text, `gen_ai_server_request_duration_seconds_count{${model}}`)).toBe(2);
    expect(read(text, `gen_ai_server_time_to_first_token_seconds_count{${model}}`)).toBe(1);
    expect(read(text, `gen_ai_client_token_usage_sum{${model},gen_ai_token_type="input"}`)).toBe(200);
    for (const [type, count] of Object.entries({ input: 200, output: 40, cached: 128, reasoning: 14 })) {
      expect(read(text, `codex_tokens_total{type="${type}",gen_ai_response_model="gpt-6-sol"}`)).toBe(count);
    }
    expect(read(text, 'codex_errors_total{code="usage_limit_reached",http_route="chat"}')).toBe(1);
    expect(read(text, 'codex_errors_total{code="not_found",http_route="none"}')).toBe(1);
    expect(read(text, 'codex_plan_used_ratio{limit="codex",window="weekly"}')).toBeGreaterThan(0);
    expect(read(text, 'codex_plan_reset_timestamp_seconds{limit="codex",window="5h"}')).toBeGreaterThan(1.7e9);
    expect(read(text, "codex_backend_up")).toBe(1);
    expect(read(text, "process_resident_memory_bytes")).toBeGreaterThan(1e7);
  });

  it("counts the streams that are being sent", async () => {
    const { proxy } = await openHouse();
    const stop = new AbortController();
    const body = chatBody(`SIM${JSON.stringify({ words: 500, delayMs: 50 })}`, { stream: true });
    const answer = await fetch(`${proxy.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: stop.signal,
    });
    await answer.body?.getReader().read();
    const active = async () => read((await ask(`${proxy.url}/metrics`)).text, "codex_active_streams");
    expect(await active()).toBe(1);
    stop.abort();
    await expect.poll(active).toBe(0);
  });

  it("has no label of the caller's making, and wants a key where there are keys", async () => {
    const { proxy } = await openHouse();
    await ask(`${proxy.url}/v1/chat/completions`, { body: chatBody("x", { model: "made-up-name" }) });
    await ask(`${proxy.url}/v1/made-up-path`, { method: "PROPFIND" });
    const { text } = await ask(`${proxy.url}/metrics`);
    expect(text).not.toMatch(/made-up|PROPFIND/);
    for (let index = 0; index < 60; index++) {
      await ask(`${proxy.url}/v1/chat/completions`, { body: chatBody("x", { model: `gpt-9-Spelled-${index}` }) });
    }
    const many = (await ask(`${proxy.url}/metrics`)).text;
    expect(new Set(many.match(/model="[^"]*"/g) ?? []).size).toBeLessThanOrEqual(22);
    const locked = await openHouse({ config: { apiKeys: ["k1"] } });
    expect((await ask(`${locked.proxy.url}/metrics`)).status).toBe(401);
  });
});

describe("GET /readyz", () => {
  it("is ready with a login, needs no key, and names nobody", async () => {
    const { proxy } = await openHouse({ config: { apiKeys: ["k1"] } });
    const { status, json } = await ask(`${proxy.url}/readyz`);
    expect([status, json]).toEqual([200, { status: "ready", login: "signed_in", backend: "closed", stopping: false }]);
  });

  it("is not without one", async () => {
    const { proxy } = await openHouse({ login: null });
    expect(await ask(`${proxy.url}/readyz`)).toMatchObject({ status: 503 });
    expect(await ask(`${proxy.url}/healthz`)).toMatchObject({ status: 200 });
  });

  it("is not while the backend counts as down", async () => {
    const { proxy, simulator } = await openHouse({
      client: { circuit: { failures: 2, spanMs: 0 }, backoff: { baseMs: 1 } },
    });
    simulator.faults.always({ status: 503, body: {} });
    await ask(`${proxy.url}/v1/chat/completions`, { body: chatBody("x") });
    expect(await ask(`${proxy.url}/readyz`)).toMatchObject({ status: 503 });
    expect(read((await ask(`${proxy.url}/metrics`)).text, "codex_backend_up")).toBe(0);
  });
});
