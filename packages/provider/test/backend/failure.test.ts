import { describe, expect, it } from "vitest";
import { failureFromEvent, failureFromResponse } from "../../src/backend/failure.js";

const now = Date.parse("2026-11-20T10:00:00Z");
const respond = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  failureFromResponse(status, headers, typeof body === "string" ? body : JSON.stringify(body), now);
const error = (fields: object) => ({ error: { type: "invalid_request_error", param: null, ...fields } });

it.each([
  ["server_is_overloaded", "Our servers are currently overloaded. Please try again later."],
  ["slow_down", "Slow down and retry in a moment."],
  ["made_up", "An error occurred. You can retry your request, or contact us."],
  ["made_up", "Something failed. Try again"],
  ["server_is_overloaded", undefined],
  ["made_up", undefined],
])("says once that it is to be tried again: %s, %s", (code, message) => {
  for (const failure of [
    failureFromEvent({ type: "error", error: { code, message } }, now),
    respond(500, { error: { code, message } }),
    respond(503, { error: { code, message } }),
  ]) {
    expect(failure.message.match(/try again|retry/gi)).toHaveLength(1);
    expect(failure.message).toMatch(/^[A-Z].*\S$/);
  }
});

describe("failureFromResponse", () => {
  it.each([
    ["a plain refusal", 400, { detail: "Unsupported parameter: temperature" }, "request_invalid", 400],
    [
      "a bad field",
      400,
      error({ message: "Unsupported value", code: "unsupported_value", param: "reasoning.effort" }),
      "request_invalid",
      400,
    ],
    [
      "a long conversation",
      400,
      error({ message: "Too long", code: "context_length_exceeded" }),
      "context_length_exceeded",
      400,
    ],
    ["a policy", 400, error({ message: "Flagged", code: "cyber_policy" }), "content_policy", 400],
    [
      "an unknown model",
      400,
      { detail: "The 'x' model is not supported when using Codex with a ChatGPT account." },
      "model_not_found",
      404,
    ],
    [
      "an unknown model, framed otherwise",
      400,
      {
        type: "error",
        status: 400,
        error: { message: "The 'x' model is not supported when using Codex with a ChatGPT account." },
      },
      "model_not_found",
      404,
    ],
    ["a model for newer clients", 404, error({ message: "Model not found x" }), "model_not_found", 404],
    [
      "a token that was revoked",
      401,
      error({ message: "Invalidated.", code: "token_invalidated" }),
      "auth_expired",
      401,
    ],
    ["a bare 401", 401, { detail: "Unauthorized" }, "auth_expired", 401],
    ["a closed workspace", 402, { detail: { code: "deactivated_workspace" } }, "payment_required", 402],
    ["a plan without Codex", 429, error({ message: "No Codex", type: "usage_not_included" }), "payment_required", 402],
    ["a ban", 403, error({ message: "Forbidden" }), "forbidden", 403],
    ["an unknown 404", 404, { detail: "Unknown error" }, "upstream_rejected", 404],
    [
      "a usage limit behind a 404",
      404,
      error({ message: "x", type: "usage_limit_reached" }),
      "usage_limit_reached",
      429,
    ],
    ["a body that is too large", 413, "too large", "too_large", 413],
    ["a plain 429", 429, { detail: "Too many requests" }, "rate_limited", 429],
    ["no credits", 429, error({ message: "x", code: "credit_balance_exhausted" }), "usage_limit_reached", 429],
    ["a server error", 500, error({ message: "Oops", code: "server_error" }), "upstream_rejected", 500],
    ["an overload", 503, error({ message: "Busy", code: "server_is_overloaded" }), "upstream_overloaded", 503],
    ["a gateway", 502, "<html>bad gateway</html>", "upstream_overloaded", 503],
    ["a teapot", 418, "", "upstream_rejected", 418],
  ])("names %s", (_name, status, body, code, ours) => {
    expect(respond(status, body)).toMatchObject({ code, status: ours, upstreamStatus: status });
  });

  it("says when a usage limit ends", () => {
    const limit = respond(429, {
      error: { type: "usage_limit_reached", message: "The usage limit has been reached", resets_at: 1795172400 },
    });
    expect(limit).toMatchObject({ code: "usage_limit_reached", resetsAt: 1795172400, retryable: false });
    expect(limit.message).toBe("The usage limit has been reached. It is available again at 2026-11-20T11:00:00.000Z.");
    const relative = respond(429, { error: { type: "usage_limit_reached", message: "x", resets_in_seconds: 60 } });
    expect(relative.resetsAt).toBe(now / 1000 + 60);
  });

  it("recognises Cloudflare's page and says that it is not the account", () => {
    const page = "<html><title>Attention Required! | Cloudflare</title></html>";
    const failure = respond(403, page, { "content-type": "text/html" });
    expect(failure).toMatchObject({ code: "forbidden", status: 403 });
    expect(failure.message).toContain("Cloudflare");
    expect(respond(403, "<html>nope</html>", { "cf-mitigated": "challenge" }).message).toContain("Cloudflare");
  });

  it("reads the copy in the header when the body is no JSON", () => {
    const copy = Buffer.from(JSON.stringify(error({ code: "token_expired", message: "Expired" }))).toString("base64");
    expect(respond(401, "nothing", { "x-error-json": copy })).toMatchObject({
      code: "auth_expired",
      upstreamCode: "token_expired",
    });
  });

  it("keeps the request id, the parameter and the asked delay", () => {
    const failure = respond(429, error({ message: "Slow", code: "rate_limit_exceeded", param: "x" }), {
      "retry-after": "3",
      "x-request-id": "r",
    });
    expect(failure).toMatchObject({ code: "rate_limited", retryAfterMs: 3000, requestId: "r", param: "x" });
    expect(
      respond(429, error({ message: "Please try again in 250ms.", code: "rate_limit_exceeded" })).retryAfterMs,
    ).toBe(250);
    expect(respond(429, error({ message: "Try again in 1.5 seconds", code: "rate_limit_exceeded" })).retryAfterMs).toBe(
      1500,
    );
  });

  it("says what to do next", () => {
    expect(respond(401, {}).message).toContain("Log in again");
    expect(respond(503, {}).message).toContain("Try again");
    expect(respond(402, { detail: { code: "deactivated_workspace" } }).message).toContain("Check the ChatGPT plan");
  });

  it("copes with any body", () => {
    for (const body of [
      "",
      "null",
      "[]",
      '"x"',
      '{"error":null}',
      '{"detail":7}',
      '{"error":"text"}',
      "\u0000",
      "{".repeat(999),
    ]) {
      expect(respond(400, body)).toMatchObject({ code: "request_invalid", status: 400 });
    }
    expect(respond(400, { error: "the words" }).message).toContain("the words");
  });
});

describe("failureFromEvent", () => {
  const failed = (fields: { code: string; message: string }) =>
    failureFromEvent({ type: "response.failed", response: { error: fields } }, now);

  it.each([
    ["server_is_overloaded", "upstream_overloaded", 503, true],
    ["slow_down", "upstream_overloaded", 503, true],
    ["rate_limit_exceeded", "rate_limited", 429, true],
    ["context_length_exceeded", "context_length_exceeded", 400, false],
    ["insufficient_quota", "usage_limit_reached", 429, false],
    ["invalid_prompt", "request_invalid", 400, false],
    ["bio_policy", "content_policy", 400, false],
    ["server_error", "upstream_rejected", 502, true],
    ["something_new", "upstream_rejected", 502, true],
  ])("maps %s", (code, ours, status, retryable) => {
    expect(failed({ code, message: "m" })).toMatchObject({ code: ours, status, retryable, upstreamCode: code });
  });

  it("reads the three spellings of an error event", () => {
    const words = { code: "slow_down", message: "Slow down" };
    for (const data of [{ error: words }, words, { status: 503, error: { type: "slow_down", message: "Slow down" } }]) {
      expect(failureFromEvent({ type: "error", ...data }, now)).toMatchObject({
        code: "upstream_overloaded",
        upstreamCode: "slow_down",
      });
    }
  });

  it("uses the status of a framed error", () => {
    expect(failureFromEvent({ type: "error", status: 401, error: { message: "x" } }, now)).toMatchObject({
      code: "auth_expired",
      status: 401,
    });
  });
});

describe("a request that is at fault inside a 200", () => {
  const failed = (error: Record<string, unknown>, more: object = {}) =>
    failureFromEvent({ type: "response.failed", response: { status: "failed", error }, ...more }, now);

  it.each([
    ...["invalid_function_parameters", "invalid_value", "invalid_type", "invalid_json_schema", "invalid_image_format"],
    ...[
      "invalid_base64_image",
      "invalid_image_url",
      "invalid_image_mode",
      "invalid_image",
      "invalid_encrypted_content",
    ],
    ...["image_too_large", "image_too_small", "image_parse_error", "image_file_too_large", "image_file_not_found"],
    ...["unsupported_image_media_type", "unsupported_parameter", "unknown_parameter", "missing_required_parameter"],
    ...["empty_image_file", "failed_to_download_image", "string_above_max_length", "array_above_max_length"],
    ...["integer_below_min_value", "decimal_above_max_value", "invalid_request_error", "invalid_prompt"],
  ])("%s is a 400 with the backend's words", (code) => {
    expect(failed({ code, type: "invalid_request_error", message: "Schema: no." })).toMatchObject({
      code: "request_invalid",
      status: 400,
      retryable: false,
      message: "Schema: no.",
    });
    expect(failed({ code, message: "Schema: no." })).toMatchObject({ code: "request_invalid", status: 400 });
    const event = { type: "error", code, message: "Schema: no.", param: "tools" };
    expect(failureFromEvent(event, now)).toMatchObject({ status: 400, param: "tools" });
  });

  it.each([
    ["a type without a code", { type: "invalid_request_error", message: "m" }, {}],
    ["a status of the event", { message: "m" }, { status: 400 }],
    ["a status by its other name", { message: "m" }, { status_code: 400 }],
    ["the same as text", { message: "m" }, { status_code: "400" }],
    ["a status inside the error", { message: "m", status_code: 422 }, {}],
  ])("%s", (_name, error, more) => {
    expect(failed(error, more)).toMatchObject({ code: "request_invalid", retryable: false });
  });

  it.each([
    ["server_error", "upstream_rejected"],
    ["server_is_overloaded", "upstream_overloaded"],
    ["image_content_policy_violation", "content_policy"],
    ["usage_limit_reached", "usage_limit_reached"],
    ["invalid_api_key", "upstream_rejected"],
    ["invalid_response", "upstream_rejected"],
    ["vector_store_timeout", "upstream_rejected"],
    ["something_new", "upstream_rejected"],
  ])("%s is none", (code, ours) => {
    expect(failed({ code, message: "m" }).code).toBe(ours);
  });
});
