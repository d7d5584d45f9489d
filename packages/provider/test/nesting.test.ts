import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chatDialect, completionsDialect, type Dialect, responsesDialect } from "@codex/provider";
import { describe, expect, it, onTestFinished } from "vitest";
import { openClient } from "./open-client.js";

/** Ten thousand levels anywhere: in a body it is the caller's mistake, in an answer the backend's, and never ours. */
const levels = 10_000;
const deepList = "[".repeat(levels) + "]".repeat(levels);
const deepObject = `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

const chat = (more: string) => `{"model":"gpt-6-sol","messages":[{"role":"user","content":"Hi"}],${more}}`;
const responses = (more: string) => `{"model":"gpt-6-sol","input":"Hi",${more}}`;
const tool = (schema: string) => `"tools":[{"type":"function","function":{"name":"t","parameters":${schema}}}]`;

const bodies: [string, Dialect, (deep: string) => string, string?][] = [
  ["the body itself", chatDialect, (deep) => deep],
  [
    "a message's content",
    chatDialect,
    (deep) => `{"model":"m","messages":[{"role":"user","content":${deep}}]}`,
    "messages",
  ],
  ["metadata", chatDialect, (deep) => chat(`"metadata":${deep}`), "metadata"],
  ["an unknown field", chatDialect, (deep) => chat(`"x":${deep}`), "x"],
  ["a tool's schema", chatDialect, (deep) => chat(tool(deep)), "tools"],
  [
    "a schema of the answer",
    chatDialect,
    (deep) => chat(`"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":${deep}}}`),
    "response_format",
  ],
  [
    "an input item",
    responsesDialect,
    (deep) => `{"model":"gpt-6-sol","input":[{"role":"user","content":${deep}}]}`,
    "input",
  ],
  [
    "a tool's schema (responses)",
    responsesDialect,
    (deep) => responses(`"tools":[{"type":"function","name":"t","parameters":${deep}}]`),
    "tools",
  ],
  ["text", responsesDialect, (deep) => responses(`"text":${deep}`), "text"],
  ["a prompt", completionsDialect, (deep) => `{"model":"gpt-6-sol","prompt":${deep}}`, "prompt"],
];

describe.each([
  ["lists", deepList],
  ["objects", deepObject],
])("10,000 levels of %s in a body", (_kind, deep) => {
  it.each(bodies)("%s: a 400", async (_name, dialect, body, param) => {
    const { send, responses: sent } = await openClient();
    const { status, json } = await send(dialect, body(deep));
    expect(status).toBe(400);
    expect(json).toMatchObject({
      error: { type: "invalid_request_error", message: expect.stringContaining("levels") },
    });
    if (param !== undefined) expect(json).toMatchObject({ error: { param } });
    expect(sent()).toEqual([]);
  });
});

it("arguments of a tool that are deep JSON in a string are a string", async () => {
  const { send } = await openClient();
  const call = { id: "call_1", type: "function", function: { name: "t", arguments: deepObject } };
  const messages = [
    { role: "user", content: "Hi" },
    { role: "assistant", tool_calls: [call] },
    { role: "tool", tool_call_id: "call_1", content: deepList },
  ];
  expect((await send(chatDialect, { model: "gpt-6-sol", messages })).status).toBe(200);
});

/** A backend that answers with what is given. */
async function startBackend(body: string, type: string): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, { "content-type": type }).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const message = (content: string) => `{"type":"message","id":"m","role":"assistant","content":${content}}`;
const text = `[{"type":"output_text","text":"Hi","annotations":[]}]`;
const event = (type: string, more: string) => `data: {"type":"${type}",${more}}\n\n`;
const created = event("response.created", `"response":{"id":"r"}`);
const itemDone = event("response.output_item.done", `"output_index":0,"item":${message(text)}`);
const completed = event("response.completed", `"response":{"id":"r","status":"completed","output":[]}`);

const answers: [string, (deep: string) => string, string?][] = [
  [
    "an item",
    (deep) => created + event("response.output_item.done", `"output_index":0,"item":${message(deep)}`) + completed,
  ],
  [
    "the final response",
    (deep) => created + itemDone + event("response.completed", `"response":{"id":"r","output":${deep}}`),
  ],
  ["a failure", (deep) => created + event("response.failed", `"response":{"error":{"message":"no","x":${deep}}}`)],
  ["an error", (deep) => created + event("error", `"error":${deep}`)],
  ["the first event", (deep) => event("response.created", `"response":{"id":"r","x":${deep}}`) + itemDone + completed],
  [
    "a plain answer",
    (deep) => `{"object":"response","id":"r","status":"completed","output":${deep}}`,
    "application/json",
  ],
];

describe.each([
  ["chat", chatDialect, chat('"stream":false')],
  ["responses", responsesDialect, responses('"stream":false')],
  ["completions", completionsDialect, '{"model":"gpt-6-sol","prompt":"Hi"}'],
] as const)("10,000 levels in an answer, on %s", (_api, dialect, body) => {
  it.each(answers)("%s: a failure of the backend, plain and streamed, or the answer", async (_name, answer, type) => {
    for (const deep of [deepList, deepObject]) {
      const baseUrl = await startBackend(answer(deep), type ?? "text/event-stream");
      const { send } = await openClient({ baseUrl, circuit: { failures: Number.POSITIVE_INFINITY } });
      for (const stream of [false, true]) {
        const { status, outcome } = await send(dialect, { ...JSON.parse(body), stream });
        expect(outcome.error?.code ?? "none").not.toBe("internal");
        expect(status === 200 || status >= 500).toBe(true);
        if (status === 200 && !stream) expect(outcome.error).toBeUndefined();
      }
    }
  });
});
