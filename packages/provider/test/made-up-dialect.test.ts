import { describe, expect, it } from "vitest";
import { type Adjustment, adjust } from "../src/canonical/context.js";
import type { Dialect, ReplyOptions } from "../src/index.js";
import { openClient } from "./open-client.js";

/** A dialect of no maker that we know: JSON lines, errors with headers of their own, adjustments told in the last line. */
interface LineReply extends ReplyOptions {
  shout: boolean;
  told: readonly Adjustment[];
}

const lines: Dialect<LineReply> = {
  streamType: "application/x-ndjson",
  tellsAdjustments: "at the end",
  parseRequest(body, context) {
    const { model, say, stream = true, temperature } = body as Record<string, unknown> & { stream?: boolean };
    if (temperature !== undefined) adjust(context, { field: "temperature", action: "dropped" });
    const request = {
      model: String(model),
      input: [{ type: "message", role: "user", content: [{ type: "input_text", text: String(say) }] }],
    };
    return { request, stream, reply: { model: String(model), shout: true, told: context.adjustments } };
  },
  createEncoder: ({ shout, told }) => ({
    event({ type, data }) {
      if (type !== "response.output_text.delta") return "";
      return `${JSON.stringify({ say: shout ? String(data.delta).toUpperCase() : data.delta })}\n`;
    },
    keepAlive: () => "\n",
    error: ({ code }) => `${JSON.stringify({ failed: code })}\n`,
    end: () => `${JSON.stringify({ over: true, told: told.map(({ field }) => field) })}\n`,
  }),
  encodeFinal: (responses, { told }) => ({ answers: responses.length, told: told.map(({ field }) => field) }),
  encodeError: ({ code }) => ({ failed: code }),
  errorHeaders: ({ retryable }) => ({ "x-made-up-again": String(retryable) }),
};

async function ask(body: object) {
  const { send } = await openClient({}, { profile: "strict" });
  return send(lines, { model: "gpt-6-sol", ...body });
}

describe("a made-up dialect", () => {
  it("streams in its own framing and media type, with its own options, and tells adjustments in its last line", async () => {
    const reply = await ask({ say: 'SIM{"text":"one two","reasoning":false}', temperature: 1 });
    expect(reply.headers).toMatchObject({ "content-type": "application/x-ndjson" });
    expect(reply.headers).not.toHaveProperty("x-codex-adjusted");
    const parsed = reply.text.trimEnd().split("\n");
    const data = parsed.map((line) => JSON.parse(line) as { say?: string; told?: string[] });
    expect(data.map(({ say = "" }) => say).join("")).toBe("ONE TWO");
    expect(data.at(-1)?.told).toContain("temperature");
  });

  it("answers plainly, and keeps nothing, since it has no way to read it again", async () => {
    const reply = await ask({ say: "hello", stream: false, temperature: 1 });
    expect(JSON.parse(reply.text)).toMatchObject({ answers: 1, told: expect.arrayContaining(["temperature"]) });
  });

  it("has headers of its own on errors", async () => {
    const reply = await ask({ say: 'SIM{"fault":"usage_limit"}', stream: false });
    expect(reply).toMatchObject({ status: 429, headers: { "x-made-up-again": "false" } });
    expect(JSON.parse(reply.text)).toEqual({ failed: "usage_limit_reached" });
  });
});
