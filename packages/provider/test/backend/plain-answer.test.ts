import { describe, expect, it } from "vitest";
import { readResponseEvents } from "../../src/backend/events.js";
import { eventsOfPlainAnswer } from "../../src/backend/plain-answer.js";
import { foldResponse } from "../../src/canonical/fold.js";

const message = { type: "message", id: "m", status: "completed", content: [{ type: "output_text", text: "Hi." }] };
const answer = { object: "response", id: "r", status: "completed", output: [message], usage: { total_tokens: 3 } };
const delta = `data: ${JSON.stringify({ type: "response.output_text.delta", delta: "Hi." })}\n\n`;
const completed = `data: ${JSON.stringify({ type: "response.completed", response: answer })}\n\n`;

async function* bytes(text: string, size = text.length) {
  const whole = Buffer.from(text);
  for (let at = 0; at < whole.length; at += size) yield [whole.subarray(at, at + size)];
}

function read(text: string, contentType = "application/json", status = 200, size?: number) {
  return foldResponse(
    readResponseEvents(bytes(text, size), { now: () => 0, answer: { status, contentType } }),
  ) as Promise<Record<string, unknown>>;
}

describe("a 200 that is JSON", () => {
  it.each([
    ["a bare response", answer],
    ["a response in a wrapper", { response: answer }],
    ["the event that ends a stream", { type: "response.completed", response: answer }],
    ["the same by its old name", { type: "response.done", response: answer }],
    ["a response that names no object", { ...answer, object: undefined }],
    ["a list of events", [{ type: "response.created" }, { type: "response.completed", response: answer }]],
  ])("reads %s as the answer", async (_name, body) => {
    for (const type of ["application/json", "text/event-stream", "text/plain", ""]) {
      expect(await read(JSON.stringify(body), type)).toMatchObject({ id: "r", output: [message] });
    }
    expect(await read(`\ufeff \n${JSON.stringify(body, null, 2)}\n`, undefined, 200, 1)).toMatchObject({ id: "r" });
  });

  it.each([
    ["an error object", { error: { code: "server_is_overloaded", message: "busy" } }, "upstream_overloaded", "busy"],
    ["an error in words", { error: "Out of service" }, "upstream_rejected", "Out of service"],
    ["a detail", { detail: "Out of service" }, "upstream_rejected", "Out of service"],
    ["an error event", { type: "error", code: "slow_down", message: "busy" }, "upstream_overloaded", "busy"],
    [
      "a failed event",
      { type: "response.failed", response: { error: { code: "usage_limit_reached", message: "full" } } },
      "usage_limit_reached",
      "full",
    ],
    [
      "a failed response",
      { object: "response", status: "failed", error: { code: "cyber_policy", message: "no" }, output: [] },
      "content_policy",
      "no",
    ],
    ["a failed response in a wrapper", { response: { status: "failed" } }, "upstream_rejected", "as failed"],
    [
      "a failed response in a good event",
      { type: "response.completed", response: { status: "cancelled" } },
      "upstream_rejected",
      "as cancelled",
    ],
  ])("reads %s as that failure", async (_name, body, code, words) => {
    await expect(read(JSON.stringify(body))).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it.each(["{}", "[]", '{"object":"list","data":[]}', '{"id":"r","output', '[{"x":1}]', '{"error":null}'])(
    "takes %s for one error that names the status",
    async (body) => {
      await expect(read(body, "application/json; charset=utf-8", 203)).rejects.toMatchObject({
        code: "upstream_rejected",
        status: 502,
        retryable: false,
        message: expect.stringContaining("answered 203 with a body (application/json)"),
      });
    },
  );

  it("is an incomplete answer where it says so", async () => {
    const body = { response: { ...answer, status: "incomplete", incomplete_details: { reason: "max_output_tokens" } } };
    expect(eventsOfPlainAnswer(JSON.stringify(body))?.at(-1)?.type).toBe("response.incomplete");
  });
});

describe("a 200 of another kind", () => {
  it("is a stream by its first bytes, whatever its type says", async () => {
    for (const start of ["", "\ufeff", "\n\n", ": hello\n\n", "retry: 5\n\n"]) {
      for (const type of ["application/json", "text/html", "text/plain"]) {
        expect(await read(start + delta + completed, type, 200, 3)).toMatchObject({ id: "r" });
      }
    }
  });

  it("is a web page by its first byte", async () => {
    for (const type of ["text/html", "text/event-stream", ""]) {
      await expect(read("<!doctype html><title>Log in</title>", type)).rejects.toMatchObject({
        code: "upstream_unreachable",
        retryable: false,
        message: expect.stringMatching(/web page.*status 200/),
      });
    }
  });

  it("is one error where nothing or something else came, but a cut stream where a stream was announced", async () => {
    for (const body of ["", "upstream connect error", "42"]) {
      await expect(read(body, "text/plain", 204)).rejects.toMatchObject({ retryable: false, status: 502 });
      await expect(read(body, "text/event-stream")).rejects.toMatchObject({ code: "stream_interrupted" });
    }
  });
});
