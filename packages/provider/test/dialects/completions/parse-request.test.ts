import { describe, expect, it } from "vitest";
import type { ResponsesRequest } from "../../../src/canonical/request.js";
import { continuation } from "../../../src/dialects/completions/parse-request.js";
import { completionsDialect } from "../../../src/dialects/index.js";
import { createContext } from "../play.js";

function parse(fields: Record<string, unknown>) {
  const context = createContext();
  const parsed = completionsDialect.parseRequest({ model: "gpt-6-sol", prompt: "Once", ...fields }, context);
  return { ...parsed, adjustments: context.adjustments };
}

const dropped = (fields: Record<string, unknown>) =>
  parse(fields)
    .adjustments.filter((adjustment) => adjustment.action === "dropped")
    .map((adjustment) => adjustment.field);

const textOf = (request: ResponsesRequest) => (request.input[0]?.content as { text: string }[] | undefined)?.[0]?.text;

describe("a completion request", () => {
  it("becomes a user message to be continued, which is told", () => {
    const { request, requests, stream, reply, adjustments } = parse({ user: "u", reasoning_effort: "low" });
    expect(request).toEqual({
      model: "gpt-6-sol",
      instructions: continuation,
      input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "Once" }] }],
      reasoning: { effort: "low" },
      user: "u",
    });
    expect([requests, stream, reply.echo, reply.includeUsage]).toEqual([undefined, false, undefined, false]);
    expect(adjustments).toEqual([{ field: "prompt", action: "emulated", detail: expect.any(String) }]);
  });

  it("has a choice for each prompt, and n of each, in order", () => {
    const { request, requests, reply } = parse({ prompt: ["a", "b"], n: 2, echo: true });
    expect(requests?.map(textOf)).toEqual(["a", "a", "b", "b"]);
    expect(request).toBe(requests?.[0]);
    expect(reply.echo).toEqual(["a", "a", "b", "b"]);
  });

  it.each([
    [{ prompt: undefined }, "prompt"],
    [{ prompt: "" }, "prompt"],
    [{ prompt: [] }, "prompt"],
    [{ prompt: {} }, "prompt"],
    [{ prompt: [1, 2, 3] }, "prompt"],
    [{ prompt: [[1, 2], [3]] }, "prompt[0]"],
    [{ prompt: ["a", ""] }, "prompt[1]"],
    [{ prompt: ["a", null] }, "prompt[1]"],
    [{ prompt: Array(33).fill("a") }, "prompt"],
    [{ prompt: Array(9).fill("a"), n: 4 }, "prompt"],
    [{ suffix: "end" }, "suffix"],
    [{ n: 9 }, "n"],
    [{ n: 0 }, "n"],
    [{ n: 3, best_of: 2 }, "best_of"],
    [{ echo: "yes" }, "echo"],
    [{ max_tokens: 0 }, "max_tokens"],
    [{ max_tokens: 1.5 }, "max_tokens"],
    [{ stop: 1 }, "stop"],
    [{ stop: ["a", ""] }, "stop"],
    [{ stop: ["a", "b", "c", "d", "e"] }, "stop"],
    [{ model: "" }, "model"],
  ])("is refused: %j", (fields, param) => {
    expect(() => parse(fields)).toThrow(expect.objectContaining({ code: "request_invalid", param }));
  });

  it("reads where the text is to end", () => {
    expect(parse({ stop: "END", max_tokens: 5 }).end).toMatchObject({ stop: ["END"], maxTokens: 5 });
    expect(parse({ stop: ["a", "b"] }).end).toMatchObject({ stop: ["a", "b"] });
    expect(parse({ stop: null, max_tokens: null }).end).toBeUndefined();
  });

  it("says what it leaves out, and nothing of what changes nothing", () => {
    expect(dropped({ logprobs: 3, best_of: 3, temperature: 0, seed: 1, made_up: true })).toEqual([
      ...["logprobs", "temperature", "seed", "made_up", "best_of"],
    ]);
    expect(
      dropped({ suffix: null, logprobs: null, best_of: 1, temperature: 1, top_p: 1, frequency_penalty: 0 }),
    ).toEqual([]);
  });
});
