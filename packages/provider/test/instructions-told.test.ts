import { defaultInstructions } from "@codex/prompts";
import { chatDialect, completionsDialect, type Dialect, responsesDialect } from "@codex/provider";
import { describe, expect, it } from "vitest";
import { openClient, script } from "./open-client.js";

type Fields = Record<string, unknown>;

const model = "gpt-6-sol";
const strict = { headers: { "x-codex-strict": "1" } };
const bare: [string, Dialect, Fields][] = [
  ["chat", chatDialect, { model, messages: [{ role: "user", content: "Hi" }] }],
  ["responses", responsesDialect, { model, input: "Hi" }],
];
const user = { role: "user", content: "Hi" };

describe("instructions that the caller has not sent", () => {
  it.each(bare)("%s: our default is told; in strict mode an empty string goes out", async (_name, dialect, body) => {
    const { send, responses } = await openClient({}, { profile: "strict" });
    const told = await send(dialect, body);
    const untold = await send(dialect, body, strict);
    expect([told.status, untold.status]).toEqual([200, 200]);
    expect(told.headers["x-codex-adjusted"]).toMatch(/^"instructions";action=added;detail="our short default/);
    expect(untold.headers["x-codex-adjusted"]).toBeUndefined();
    expect(responses().map((request) => (request.body as Fields).instructions)).toEqual([defaultInstructions, ""]);
  });

  it.each(bare)("%s: several answers in strict mode", async (_name, dialect, body) => {
    const { send } = await openClient();
    const refused = await send(dialect, { ...body, n: 2 }, strict);
    // Several answers are emulated, which is what is refused, not the instructions.
    expect(refused).toMatchObject({ status: 400, json: { error: { param: "n" } } });
  });

  it.each(bare)("%s: the official text of mode on is told and never refused", async (_name, dialect, body) => {
    const { send, responses } = await openClient({ mode: "on" });
    for (const options of [{}, strict]) {
      const seen = await send(dialect, body, options);
      expect(seen.status).toBe(200);
      expect(seen.headers["x-codex-adjusted"]).toMatch(/"instructions";action=added;detail="the official text/);
    }
    for (const request of responses()) expect((request.body as Fields).instructions).not.toBe(defaultInstructions);
    const refused = await send(dialect, { ...body, temperature: 0.1 }, strict);
    expect(refused).toMatchObject({ status: 400, json: { error: { param: "temperature" } } });
  });

  it("the note on tool names of mode off is told and never refused", async () => {
    const { send } = await openClient({ mode: "off" });
    const seen = await send(chatDialect, { model, messages: [user] }, strict);
    expect(seen.status).toBe(200);
    expect(seen.headers["x-codex-adjusted"]).toMatch(/"instructions";action=added;detail="a note on tool names/);
  });

  it.each<[string, Dialect, Fields]>([
    ["a system message", chatDialect, { model, messages: [{ role: "system", content: "Be brief." }, user] }],
    ["instructions", responsesDialect, { model, input: "Hi", instructions: "Be brief." }],
  ])("nothing is told beside %s", async (_name, dialect, body) => {
    const { send } = await openClient();
    expect((await send(dialect, body)).headers["x-codex-adjusted"]).toBeUndefined();
  });

  it("completions have instructions of their own, told as how the prompt is continued", async () => {
    const { send } = await openClient();
    const seen = await send(completionsDialect, { model, prompt: "Hi" });
    expect(seen.headers["x-codex-adjusted"]).toMatch(/^"prompt";action=emulated;detail="[^"]*"$/);
  });
});

describe("reasoning on chat, as other gateways have it", () => {
  const system = { role: "system", content: "Be brief." };
  const thinking = { role: "user", content: script({ reasoning: "thinking", text: "Four." }) };

  it.each([false, true])("is the lowest effort when it is off (stream: %s)", async (stream) => {
    const { send, responses } = await openClient();
    const body = { model, messages: [system, user], stream, reasoning: { enabled: false } };
    expect((await send(chatDialect, body)).status).toBe(200);
    const mixed = { model, instructions: "Be brief.", input: "Hi", stream, reasoning: { enabled: false } };
    expect((await send(chatDialect, mixed)).status).toBe(200);
    for (const { body } of responses()) expect(body).toMatchObject({ reasoning: { effort: "low", summary: "auto" } });
  });

  it.each([false, true])("is not shown when it is excluded, nor asked for (stream: %s)", async (stream) => {
    const { send, responses } = await openClient();
    const body = { model, messages: [system, thinking], stream };
    expect((await send(chatDialect, body)).text).toContain('"reasoning_content":"thinking"');
    for (const headers of [{}, strict.headers]) {
      const seen = await send(chatDialect, { ...body, reasoning: { exclude: true, effort: "high" } }, { headers });
      expect(seen.status).toBe(200);
      expect(seen.headers["x-codex-adjusted"]).toBeUndefined();
      expect(seen.text).toContain("Four.");
      expect(seen.text).not.toContain("thinking");
      expect((responses().at(-1)?.body as { reasoning?: Fields } | undefined)?.reasoning).toEqual({ effort: "high" });
    }
  });

  it.each([{ reasoning: { enabled: "no" } }, { reasoning: { exclude: 1 } }, { reasoning: { effort: 5 } }])(
    "is refused in other types: %j",
    async (fields) => {
      const { send } = await openClient();
      const key = Object.keys(fields.reasoning)[0];
      const seen = await send(chatDialect, { model, messages: [user], ...fields });
      expect(seen).toMatchObject({ status: 400, json: { error: { param: `reasoning.${key}` } } });
    },
  );
});
