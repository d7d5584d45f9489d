import { CodexError, type CodexErrorCode, UpstreamError } from "@codex/errors";
import { describe, expect, it } from "vitest";
import { newTally, nextStep, retryBudget } from "../../src/backend/retry.js";

const at = { lite: false, strict: false, now: 0 };
const upstream = (status: number, code: CodexErrorCode, message = "m", more: object = {}) =>
  new UpstreamError(code, message, { upstreamStatus: status, ...more });
const badRequest = (message: string, more: object = {}) => upstream(400, "request_invalid", message, more);
const kinds = (error: CodexError, times: number, request = at) => {
  const tally = newTally(0);
  return Array.from({ length: times }, () => nextStep(error, tally, request).kind);
};

describe("nextStep", () => {
  it.each([
    ["refused connection", new CodexError("upstream_unreachable", "m")],
    ["broken off before the first output", new CodexError("stream_interrupted", "m")],
    ["503", upstream(503, "upstream_overloaded")],
    ["overload inside a 200", new UpstreamError("upstream_overloaded", "m")],
    ["server_error", new UpstreamError("upstream_rejected", "m", { upstreamCode: "server_error" })],
    ["a rate limit that names a short wait", new UpstreamError("rate_limited", "m", { retryAfterMs: 100 })],
  ])("waits up to three times for: %s", (_name, error) => {
    expect(kinds(error, 4)).toEqual(["wait", "wait", "wait", "give_up"]);
  });

  it("doubles its waits", () => {
    const tally = newTally(0);
    const waits = [1, 2, 3].map(() => nextStep(new CodexError("upstream_unreachable", "m"), tally, at));
    const ms = waits.map((step) => (step.kind === "wait" ? step.ms : Number.NaN));
    expect(ms[0]).toBeGreaterThanOrEqual(180);
    expect(ms[0]).toBeLessThanOrEqual(220);
    expect(ms[2]).toBeGreaterThanOrEqual(720);
  });

  it("does not wait for longer than 10 s", () => {
    expect(kinds(new UpstreamError("rate_limited", "m", { retryAfterMs: 10_001 }), 1)).toEqual(["give_up"]);
    expect(kinds(upstream(503, "upstream_overloaded", "m", { retryAfterMs: 60_000 }), 1)).toEqual(["give_up"]);
  });

  it("refreshes twice for a 401", () => {
    expect(kinds(upstream(401, "auth_expired"), 3)).toEqual(["refresh", "refresh", "give_up"]);
  });

  it("learns once which efforts a model takes, where the refusal lists them", () => {
    const words =
      "Unsupported value: 'none' is not supported with the 'gpt-9' model. Supported values are: 'low', 'medium', and 'x-high'.";
    const refusal = badRequest(words, { param: "reasoning.effort" });
    const tally = newTally(0);
    expect(nextStep(refusal, tally, at)).toEqual({ kind: "learn_efforts", efforts: ["low", "medium", "x-high"] });
    expect(nextStep(refusal, tally, at)).toEqual({ kind: "give_up" });
    expect(kinds(badRequest("Unsupported value: 'none'.", { param: "reasoning.effort" }), 1)).toEqual(["give_up"]);
    expect(kinds(badRequest(words, { param: "reasoning.summary" }), 1)).toEqual(["give_up"]);
  });

  it.each(["Instructions are not valid", "Instructions are required"])(
    "asks for official instructions once: %s",
    (words) => {
      expect(kinds(badRequest(words), 2)).toEqual(["official_instructions", "give_up"]);
    },
  );

  it("drops a refused field, three at most, and never in strict mode", () => {
    const error = badRequest("Unsupported parameter: metadata");
    expect(nextStep(error, newTally(0), at)).toEqual({ kind: "drop_field", field: "metadata" });
    expect(kinds(error, 4)).toEqual(["drop_field", "drop_field", "drop_field", "give_up"]);
    expect(kinds(error, 1, { ...at, strict: true })).toEqual(["give_up"]);
  });

  it("drops a refused field of an item, and a field that is unknown", () => {
    const step = (message: string) => nextStep(badRequest(message), newTally(0), at);
    expect(step("Unknown parameter: 'input[3].namespace'.")).toEqual({
      kind: "drop_item_field",
      field: "input[3].namespace",
    });
    expect(step("Unsupported parameter: input[0].content[1].annotations")).toMatchObject({
      field: "input[0].content[1].annotations",
    });
    expect(step("Unknown parameter: 'verbosity'.")).toEqual({ kind: "drop_field", field: "verbosity" });
  });

  it.each([
    ["by its code", badRequest("Bad.", { upstreamCode: "invalid_encrypted_content" })],
    ["by its words", badRequest("The encrypted content gAAA could not be verified. Reason: decryption failed.")],
    ["inside a 200", new UpstreamError("request_invalid", "Bad.", { upstreamCode: "invalid_encrypted_content" })],
  ])("drops encrypted reasoning once, and never in strict mode: %s", (_name, error) => {
    expect(kinds(error, 2)).toEqual(["drop_reasoning", "give_up"]);
    expect(kinds(error, 1, { ...at, strict: true })).toEqual(["give_up"]);
  });

  it("tries once more after output that nobody has seen", () => {
    const after = { ...at, hadOutput: true };
    expect(kinds(new CodexError("stream_interrupted", "m"), 3, after)).toEqual(["wait", "give_up", "give_up"]);
  });

  it("says when trying again has been done here", () => {
    const tally = newTally(0);
    const overloaded = new UpstreamError("upstream_overloaded", "m");
    const steps = [1, 2, 3, 4].map(() => nextStep(overloaded, tally, at));
    expect(steps.at(-1)).toEqual({ kind: "give_up", spent: true });
    expect(nextStep(overloaded, newTally(0), { ...at, now: 31_000 })).toEqual({ kind: "give_up", spent: true });
    // A wait that is too long for us may not be for the caller.
    const later = new UpstreamError("rate_limited", "m", { retryAfterMs: 20_000 });
    expect(nextStep(later, newTally(0), at)).toEqual({ kind: "give_up" });
    expect(nextStep(upstream(429, "usage_limit_reached"), newTally(0), at)).toEqual({ kind: "give_up" });
  });

  it("switches the shape once, to the other one", () => {
    const error = badRequest("X-OpenAI-Internal-Codex-Responses-Lite only supports function tools.");
    expect(nextStep(error, newTally(0), { ...at, lite: true })).toEqual({ kind: "switch_shape", lite: false });
    expect(nextStep(badRequest("x", { param: "reasoning.context" }), newTally(0), at)).toEqual({
      kind: "switch_shape",
      lite: true,
    });
    expect(kinds(error, 2)).toEqual(["switch_shape", "give_up"]);
  });

  it.each([
    ["usage limit", upstream(429, "usage_limit_reached")],
    ["429 without a wait", upstream(429, "rate_limited")],
    ["402", upstream(402, "payment_required")],
    ["403", upstream(403, "forbidden")],
    ["404", upstream(404, "model_not_found")],
    ["400", badRequest("No tool output found for function call x.")],
    ["a header timeout, whose request may still run", new CodexError("upstream_timeout", "m")],
    ["an untrusted certificate", new CodexError("upstream_unreachable", "m", { retryable: false })],
    ["an unknown failure inside a stream", new UpstreamError("upstream_rejected", "m", { retryable: true })],
    ["our own errors", new CodexError("auth_missing", "m")],
  ])("goes to the caller: %s", (_name, error) => {
    expect(kinds(error, 1)).toEqual(["give_up"]);
  });

  it("keeps to one budget over all causes", () => {
    const tally = newTally(0);
    const errors = [
      new CodexError("upstream_unreachable", "m"),
      upstream(401, "auth_expired"),
      badRequest("Instructions are required"),
      badRequest("Unsupported parameter: x"),
      badRequest("Unsupported parameter: y"),
    ];
    const steps = errors.map((error) => nextStep(error, tally, at).kind);
    expect(steps).toEqual(["wait", "refresh", "official_instructions", "drop_field", "give_up"]);
    expect(
      nextStep(new CodexError("upstream_unreachable", "m"), newTally(0), { ...at, now: retryBudget.totalMs }).kind,
    ).toBe("give_up");
  });
});
