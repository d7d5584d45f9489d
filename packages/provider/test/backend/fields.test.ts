import { describe, expect, it } from "vitest";
import { passOtherFields, passServiceTier, passStreamOptions } from "../../src/backend/fields.js";
import type { RequestContext } from "../../src/canonical/context.js";
import { isUnset } from "../../src/canonical/read-fields.js";
import type { ResponsesRequest } from "../../src/canonical/request.js";

const context = (): RequestContext => ({ headers: {}, signal: new AbortController().signal, adjustments: [] });
const request = (fields: object): ResponsesRequest => ({ model: "m", input: [], ...fields });

describe("passOtherFields", () => {
  it("passes what it does not know: a list of what is allowed would rot", () => {
    const fields = { client_metadata: { a: "b" }, brand_new: 1, off: false };
    const ctx = context();
    expect(passOtherFields(request(fields), ctx)).toEqual(fields);
    expect(ctx.adjustments).toEqual([]);
  });

  it("drops what the backend refuses, and says so", () => {
    const ctx = context();
    expect(
      passOtherFields(request({ temperature: 0.5, max_output_tokens: 9, metadata: { a: 1 }, store: true }), ctx),
    ).toEqual({});
    expect(ctx.adjustments.map((a) => `${a.field} ${a.action}`).sort()).toEqual([
      "max_output_tokens dropped",
      "metadata dropped",
      "store dropped",
      "temperature dropped",
    ]);
  });

  it("says nothing of values that change nothing", () => {
    const ctx = context();
    const fields = {
      temperature: 1,
      top_p: 1,
      truncation: "disabled",
      store: false,
      background: false,
      metadata: {},
      user: "",
      previous_response_id: null,
      top_logprobs: 0,
    };
    expect(passOtherFields(request(fields), ctx)).toEqual({});
    expect(ctx.adjustments).toEqual([]);
  });

  it.each([
    ["previous_response_id", "resp_1"],
    ["conversation", "conv_1"],
    ["prompt", { id: "p" }],
    ["background", true],
  ])("refuses %s, without which it would be another question", (field, value) => {
    expect(() => passOtherFields(request({ [field]: value }), context())).toThrowError(
      expect.objectContaining({ code: "request_invalid", param: field, status: 400 }),
    );
  });

  it("is not fooled by names of Object.prototype", () => {
    expect(passOtherFields(request({ constructor: 1, toString: "x" }), context())).toEqual({
      constructor: 1,
      toString: "x",
    });
  });
});

describe("isUnset", () => {
  it("takes null, empty and absent as one", () => {
    expect([undefined, null, "", [], {}].every(isUnset)).toBe(true);
    expect([0, false, " ", [null], { a: undefined }].some(isUnset)).toBe(false);
  });
});

describe("passServiceTier", () => {
  const tier = (requested: unknown, supported: string[]) => {
    const ctx = context();
    return [passServiceTier(requested, supported, ctx), ...ctx.adjustments.map((a) => a.action)];
  };
  it.each([
    ["auto", ["priority"], [undefined]],
    ["default", ["priority"], [undefined]],
    [undefined, ["priority"], [undefined]],
    ["priority", ["priority"], ["priority"]],
    ["fast", ["priority"], ["priority", "mapped"]],
    ["priority", [], [undefined, "dropped"]],
    ["flex", ["priority"], [undefined, "dropped"]],
    ["flex", ["flex"], ["flex"]],
    [7, ["flex"], [undefined]],
  ])("%s of %j", (requested, supported, expected) => {
    expect(tier(requested, supported)).toEqual(expected);
  });
});

describe("passStreamOptions", () => {
  it("passes the one key that the backend takes", () => {
    expect(passStreamOptions({ include_usage: true })).toBeUndefined();
    expect(passStreamOptions({ include_usage: true, reasoning_summary_delivery: "sequential_cutoff" })).toEqual({
      reasoning_summary_delivery: "sequential_cutoff",
    });
    expect(passStreamOptions(null)).toBeUndefined();
  });
});
