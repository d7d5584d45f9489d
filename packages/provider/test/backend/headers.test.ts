import { codexProtocolVersion, responsesDialect } from "@codex/provider";
import { describe, expect, it } from "vitest";
import { openClient, script } from "../open-client.js";

describe("the headers of POST /responses", () => {
  it.each([
    ["our own transport", {}],
    ["a fetch of the program's", { fetch: globalThis.fetch }],
  ])("ask for an uncompressed stream over %s, from a backend that compresses for who asks", async (_name, options) => {
    const { send, responses } = await openClient(options, { questions: { compression: "asked" } });
    const body = { model: "gpt-6.2-sol", input: script({ text: "Plainly said." }) };
    expect((await send(responsesDialect, body)).text).toContain("Plainly said.");
    expect(responses()[0]?.headers["accept-encoding"]).toBe("identity");
  });

  it("say the protocol version that the newest models ask for", async () => {
    const { send, responses } = await openClient();
    const reply = await send(responsesDialect, { model: "gpt-6.2-sol", input: "hi" });
    expect(reply.status).toBe(200);
    expect([responses()[0]?.headers.version, codexProtocolVersion]).toEqual(["0.171.0", "0.171.0"]);
  });
});
