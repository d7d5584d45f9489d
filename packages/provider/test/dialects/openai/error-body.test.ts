import { CodexError, type CodexErrorCode, statusByCode, UpstreamError } from "@codex/errors";
import { describe, expect, it } from "vitest";
import { chatDialect, responsesDialect } from "../../../src/dialects/index.js";

const dialects = { chat: chatDialect, responses: responsesDialect };

describe.each(Object.entries(dialects))("errors in %s", (_name, dialect) => {
  it.each(Object.keys(statusByCode) as CodexErrorCode[])("has OpenAI's error object for %s", (code) => {
    expect(dialect.encodeError(new CodexError(code, "What to do."))).toEqual({
      error: {
        message: "What to do.",
        type: expect.stringMatching(/^[a-z_]+$/),
        param: null,
        code: expect.any(String),
      },
    });
  });

  it.each<[CodexErrorCode, string, string]>([
    ["request_invalid", "invalid_request_error", "request_invalid"],
    ["context_length_exceeded", "invalid_request_error", "context_length_exceeded"],
    ["content_policy", "invalid_request_error", "content_policy_violation"],
    ["auth_missing", "authentication_error", "auth_missing"],
    ["proxy_key_invalid", "authentication_error", "invalid_api_key"],
    ["forbidden", "permission_error", "forbidden"],
    ["model_not_found", "not_found_error", "model_not_found"],
    ["rate_limited", "rate_limit_error", "rate_limit_exceeded"],
    ["usage_limit_reached", "usage_limit_reached", "insufficient_quota"],
    ["payment_required", "insufficient_quota", "payment_required"],
    ["internal", "server_error", "internal"],
    ["upstream_overloaded", "server_error", "upstream_overloaded"],
  ])("calls %s by the names that clients check", (code, type, name) => {
    expect(dialect.encodeError(new CodexError(code, "x"))).toMatchObject({ error: { type, code: name } });
  });

  it("carries param, the backend's own code, and when a limit ends", () => {
    const error = new UpstreamError("usage_limit_reached", "x", {
      param: "model",
      upstreamCode: "credit_balance_empty",
      resetsAt: 1790000000,
    });
    expect(dialect.encodeError(error)).toMatchObject({
      error: { param: "model", upstream: "credit_balance_empty", resets_at: 1790000000 },
    });
  });

  it("shows nothing of a cause or a body", () => {
    const error = new UpstreamError("internal", "x", { body: { hidden: "secret" }, cause: new Error("secret") });
    expect(JSON.stringify(dialect.encodeError(error))).not.toContain("secret");
  });
});
