import {
  CodexError,
  isCodexError,
  isUpstreamError,
  statusByCode,
  toCodexError,
  UpstreamError,
  withoutFrames,
} from "@codex/errors";
import { describe, expect, it } from "vitest";

describe("CodexError", () => {
  it("takes its status and retryability from its code", () => {
    const error = new CodexError("upstream_overloaded", "Try again in a moment.");
    expect(error).toMatchObject({ status: 503, retryable: true, param: undefined });
    expect(new CodexError("request_invalid", "No model.", { param: "model" })).toMatchObject({
      status: 400,
      retryable: false,
      param: "model",
    });
  });

  it("lets the place that knows better say otherwise", () => {
    expect(new CodexError("upstream_rejected", "no", { status: 418, retryable: true })).toMatchObject({
      status: 418,
      retryable: true,
    });
  });

  it("has a status of the 4xx or 5xx family for every code", () => {
    for (const status of Object.values(statusByCode)) expect(status).toSatisfy((s: number) => s >= 400 && s < 600);
  });
});

describe("UpstreamError", () => {
  it("keeps what the backend said", () => {
    const error = new UpstreamError("usage_limit_reached", "Wait.", { upstreamStatus: 429, resetsAt: 1777936568 });
    expect(error).toBeInstanceOf(CodexError);
    expect(error).toMatchObject({ name: "UpstreamError", upstreamStatus: 429, resetsAt: 1777936568, status: 429 });
  });
});

describe("toCodexError", () => {
  it("gives one of ours back as it is", () => {
    const error = new CodexError("busy", "Too many requests.");
    expect(toCodexError(error)).toBe(error);
  });

  it("knows an error of another copy of this package by its shape", () => {
    const foreign = Object.assign(new Error("x"), { code: "busy", status: 429, retryable: true });
    expect(isCodexError(foreign)).toBe(true);
  });

  it("knows a failure of the backend from another copy by its mark, and takes no other error for one", () => {
    const foreign = Object.assign(new Error("x"), {
      code: "busy",
      status: 429,
      retryable: true,
      name: "UpstreamError",
    });
    expect(isUpstreamError(foreign)).toBe(true);
    expect(isUpstreamError(new UpstreamError("busy", "x"))).toBe(true);
    for (const other of [new CodexError("busy", "x"), new Error("x"), undefined, { name: "UpstreamError" }])
      expect(isUpstreamError(other)).toBe(false);
  });

  it("names an abort", () => {
    expect(toCodexError(AbortSignal.abort().reason)).toMatchObject({ code: "aborted", status: 499 });
  });

  it("hides the text of a foreign error behind its cause", () => {
    const cause = new TypeError("secret detail");
    const error = toCodexError(cause);
    expect(error).toMatchObject({ code: "internal", status: 500, cause });
    expect(error.message).not.toContain("secret detail");
    expect(toCodexError("thrown text")).toMatchObject({ code: "internal" });
  });
});

describe("withoutFrames", () => {
  it("gives the same error, whose stack is text by then, causes included, even in a circle", () => {
    const inner = new Error("inner");
    const outer = new Error("outer", { cause: inner });
    inner.cause = outer;
    expect(withoutFrames(outer)).toBe(outer);
    expect(withoutFrames(undefined)).toBeUndefined();
  });
});
