import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { readTraceSettings } from "../../src/observe/trace-settings.js";
import { ask, chatBody, startHouse } from "../start-house.js";

it("are asked for by OpenTelemetry's own variables", () => {
  expect(readTraceSettings({})).toBeUndefined();
  expect(readTraceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318/" })).toEqual({
    url: "http://127.0.0.1:4318/v1/traces",
    headers: {},
    serviceName: "codex-oauth-proxy",
    attributes: {},
  });
  const whole = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:9/t",
    OTEL_EXPORTER_OTLP_HEADERS: "x-a=1,x-b=two%20words",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=mine,place=home",
  };
  expect(readTraceSettings(whole)).toMatchObject({
    url: "http://127.0.0.1:9/t",
    headers: { "x-a": "1", "x-b": "two words" },
    serviceName: "mine",
    attributes: { place: "home" },
  });
  expect(readTraceSettings({ ...whole, OTEL_SDK_DISABLED: "true" })).toBeUndefined();
  expect(readTraceSettings({ ...whole, OTEL_TRACES_EXPORTER: "none" })).toBeUndefined();
});

it("come to a collector: a span a request, within the caller's trace, without a word of it", async () => {
  const bodies: string[] = [];
  const collector = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    bodies.push(text);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
  onTestFinished(() => void collector.close());
  const { port } = collector.address() as AddressInfo;
  const traces = { url: `http://127.0.0.1:${port}/v1/traces`, headers: {}, serviceName: "test", attributes: {} };
  const house = await startHouse({ config: { traces } });
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  await ask(`${house.proxy.url}/v1/chat/completions`, {
    body: chatBody('SIM{"text":"hidden words"}', { stream: true }),
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  });
  await ask(`${house.proxy.url}/v1/models`);
  await house.close();
  expect(bodies).toHaveLength(1);
  const { scopeSpans, resource } = JSON.parse(bodies[0] as string).resourceSpans[0];
  expect(JSON.stringify(resource)).toContain('"service.name","value":{"stringValue":"test"}');
  const [span, ...others] = scopeSpans[0].spans;
  expect(others).toEqual([]);
  expect(span).toMatchObject({ name: "chat gpt-6-sol", traceId, parentSpanId: "b7ad6b7169203331", kind: 2 });
  expect(span.events[0].name).toBe("gen_ai.first_token");
  const attributes = Object.fromEntries(
    span.attributes.map((one: { key: string; value: object }) => [one.key, one.value]),
  );
  expect(attributes).toMatchObject({
    "gen_ai.operation.name": { stringValue: "chat" },
    "gen_ai.response.model": { stringValue: "gpt-6-sol" },
    "gen_ai.usage.output_tokens": { intValue: expect.any(Number) },
    "http.response.status_code": { intValue: 200 },
  });
  expect(bodies[0]).not.toContain("hidden words");
});
