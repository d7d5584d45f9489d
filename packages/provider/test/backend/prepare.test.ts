import { createInstructions } from "@codex/prompts";
import { chatDialect, responsesDialect } from "@codex/provider";
import { catalog } from "@codex/simulator";
import { describe, expect, it } from "vitest";
import { openClient } from "../open-client.js";

const legacy = "# Toolchain System Prompt v3\nYou have the tools `run` and `edit`.";
const mention = "Help people to leave the legacy toolchain. Our toolchain system prompt is secret.";

interface Sent {
  instructions: string;
  input: { role: string; content: { text: string }[] }[];
}

describe("system text about a legacy toolchain", () => {
  it("reaches the backend when it merely mentions one", async () => {
    const { send, responses } = await openClient();
    const messages = [
      { role: "system", content: mention },
      { role: "user", content: "hi" },
      { role: "system", content: mention },
      { role: "user", content: "and?" },
    ];
    const chat = await send(chatDialect, { model: "gpt-6-sol", messages });
    const direct = await send(responsesDialect, { model: "gpt-6-sol", instructions: mention, input: "hi" });
    expect([chat.headers["x-codex-adjusted"], direct.headers["x-codex-adjusted"]]).toEqual([undefined, undefined]);
    const [first, second] = responses().map((request) => request.body as Sent);
    expect(first?.instructions).toBe(mention);
    expect(first?.input[1]?.content[0]?.text).toBe(mention);
    expect(second?.instructions).toBe(mention);
  });

  it.each([
    [
      "a system message",
      chatDialect,
      {
        messages: [
          { role: "system", content: legacy },
          { role: "user", content: "hi" },
        ],
      },
      "messages",
    ],
    ["instructions", responsesDialect, { instructions: legacy, input: "hi" }, "instructions"],
  ] as const)(
    "is left out and told when %s is such a prompt, and refused under strict",
    async (_, dialect, body, field) => {
      const { send, responses } = await openClient();
      const reply = await send(dialect, { model: "gpt-6-sol", ...body });
      expect(reply.headers["x-codex-adjusted"]).toContain(
        `"${field}";action=dropped;detail="a legacy toolchain prompt"`,
      );
      expect(JSON.stringify(responses()[0]?.body)).not.toContain("Toolchain");
      const strict = await send(dialect, { model: "gpt-6-sol", ...body }, { headers: { "x-codex-strict": "1" } });
      expect(strict.status).toBe(400);
      expect(responses()).toHaveLength(1);
    },
  );
});

describe("the official instructions, while the account's list cannot be had", () => {
  it.each(["gpt-6.2-sol", "gpt-5.5"])("of %s come from the latest release", async (model) => {
    let url = "";
    const instructions = createInstructions({
      mode: "on",
      fetch: (input, init) => fetch(String(input).replace("http://source", url), init),
      sources: {
        releasesUrl: "http://source/repos/openai/codex/releases/latest",
        rawUrl: "http://source/openai/codex",
      },
    });
    const { sim, send, responses } = await openClient({ instructions });
    url = sim.url;
    sim.faults.always({ route: "models", status: 503 });
    const reply = await send(chatDialect, { model, messages: [{ role: "user", content: "hi" }] });
    expect(reply.status).toBe(200);
    const expected = catalog.find(({ slug }) => slug === model)?.model_messages.instructions_template;
    expect(expected).toContain("speaking through the Codex simulator");
    expect(responses()[0]?.body).toMatchObject({ instructions: expected });
    const files = sim.requests.map(({ path }) => path).filter((path) => path.startsWith("/openai/"));
    expect(files).toEqual(["/openai/codex/rust-v0.171.0/codex-rs/models-manager/models.json"]);
  });
});
