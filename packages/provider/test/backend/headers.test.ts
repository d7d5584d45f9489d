import { chatDialect, completionsDialect, type Dialect, responsesDialect } from "@codex/provider";
import { describe, expect, it } from "vitest";
import { openClient } from "../open-client.js";

const bodies: [string, Dialect, (model: string, more?: object) => object][] = [
  ["chat", chatDialect, (model, more) => ({ model, messages: [{ role: "user", content: "Hello" }], ...more })],
  ["responses", responsesDialect, (model, more) => ({ model, input: "Hello", ...more })],
  ["completions", completionsDialect, (model) => ({ model, prompt: "Hello" })],
];

describe.each(bodies)("what no header can carry, on %s", (name, dialect, body) => {
  it.each([
    ["a line feed", "gpt-9\nx: y"],
    ["a null", "gpt-9\0"],
    ["letters beyond ASCII", "модель"],
    ["an emoji", "gpt-🙂"],
    ["thousands of letters", "m".repeat(5000)],
  ])("a model with %s is a 400 that names it, and closes nothing for others", async (_what, model) => {
    const { send, client, responses } = await openClient();
    for (let i = 0; i < 12; i++) {
      const { status, json } = await send(dialect, body(model));
      expect(status).toBe(400);
      expect(json).toMatchObject({ error: { type: "invalid_request_error", param: "model" } });
    }
    expect(client.circuit.state).toBe("closed");
    expect(responses()).toEqual([]);
    expect((await send(dialect, body("gpt-6-sol"))).status).toBe(200);
  });

  it("a session, a request id or a cache key of any text is sent as a hash", async () => {
    const { send, responses } = await openClient();
    const odd = `сессия\n${"x".repeat(500)}`;
    const more = name === "completions" ? {} : { prompt_cache_key: odd };
    const headers = { "x-codex-session": odd, "x-request-id": odd };
    expect((await send(dialect, body("gpt-6-sol", more), { headers })).status).toBe(200);
    expect((await send(dialect, body("gpt-6-sol", more))).status).toBe(200);
    for (const { headers: sent } of responses()) {
      for (const field of ["session-id", "thread-id", "x-client-request-id"]) {
        expect(sent[field]).toMatch(/^[\w-]{1,64}$/);
      }
    }
  });
});

it("an account id of the login that no header can carry is a 400 that says so, and closes nothing", async () => {
  const { send, client, sim, authFile } = await openClient();
  const { readFile, writeFile } = await import("node:fs/promises");
  const login = JSON.parse(await readFile(authFile, "utf8"));
  login.tokens.account_id = "аккаунт";
  await writeFile(authFile, JSON.stringify(login));
  for (let i = 0; i < 12; i++) {
    const { status, json } = await send(chatDialect, bodies[0]?.[2]("gpt-6-sol"));
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: { param: "chatgpt_account_id", message: expect.stringContaining("account") } });
  }
  expect(client.circuit.state).toBe("closed");
  expect(sim.requests.filter(({ path }) => path.includes("/responses"))).toEqual([]);
});
