import { CodexError } from "@codex/errors";
import { describe, expect, it } from "vitest";
import { type AdmissionLimits, createAdmission, type Leave } from "../src/http/admission.js";

const never = new AbortController().signal;
const limits: AdmissionLimits = { maxRequests: 2, maxRequestsPerKey: 1, queueSize: 2, queueTimeoutMs: 60_000 };
const open = (more: Partial<AdmissionLimits> = {}) => createAdmission({ ...limits, ...more });

describe("admission", () => {
  it("gives places at once while there are any, and the others in their order", async () => {
    const admission = open();
    const leaves = [admission.enter(undefined, never), admission.enter(undefined, never)] as Leave[];
    expect(leaves.map((leave) => typeof leave)).toEqual(["function", "function"]);
    const order: string[] = [];
    const third = Promise.resolve(admission.enter(undefined, never)).then((leave) => {
      order.push("third");
      return leave;
    });
    const fourth = Promise.resolve(admission.enter(undefined, never)).then((leave) => {
      order.push("fourth");
      return leave;
    });
    expect([admission.running, admission.waiting]).toEqual([2, 2]);
    expect(() => admission.enter(undefined, never)).toThrow(
      expect.objectContaining({ code: "busy", status: 429, retryAfterMs: 2000, retryable: true }),
    );
    leaves[0]?.();
    (await third)();
    (await fourth)();
    leaves[1]?.();
    expect(order).toEqual(["third", "fourth"]);
    expect([admission.running, admission.waiting]).toEqual([0, 0]);
  });

  it("counts each key for itself, and passes over who waits for another of its own", async () => {
    const admission = open();
    const one = admission.enter("one", never) as Leave;
    const second = admission.enter("one", never);
    expect(second).toBeInstanceOf(Promise);
    const two = admission.enter("two", never) as Leave;
    expect(two).toBeTypeOf("function");
    const three = admission.enter("three", never);
    two();
    (await three)();
    one();
    (await second)();
    expect([admission.running, admission.waiting]).toEqual([0, 0]);
  });

  it("gives up after a while, and says so", async () => {
    const admission = open({ queueTimeoutMs: 20 });
    const leaves = [admission.enter(undefined, never), admission.enter(undefined, never)] as Leave[];
    await expect(admission.enter(undefined, never)).rejects.toMatchObject({
      code: "busy",
      message: /2 requests run, and this request has waited 0.02 s/,
    });
    for (const leave of leaves) leave();
    expect([admission.running, admission.waiting]).toEqual([0, 0]);
  });

  it("forgets who leaves while waiting, and tells why a stop ended it", async () => {
    const admission = open();
    const leaves = [admission.enter(undefined, never), admission.enter(undefined, never)] as Leave[];
    const [gone, stopped] = [new AbortController(), new AbortController()];
    const waiting = [admission.enter(undefined, gone.signal), admission.enter(undefined, stopped.signal)];
    gone.abort();
    stopped.abort(new CodexError("stream_interrupted", "stopped", { status: 503 }));
    await expect(waiting[0]).rejects.toMatchObject({ code: "aborted" });
    await expect(waiting[1]).rejects.toMatchObject({ code: "stream_interrupted", status: 503 });
    expect(admission.waiting).toBe(0);
    for (const leave of leaves) leave();
    expect(admission.running).toBe(0);
  });

  it("takes other limits while running", async () => {
    const admission = open({ queueSize: 0 });
    const leaves = [admission.enter(undefined, never), admission.enter(undefined, never)] as Leave[];
    expect(() => admission.enter(undefined, never)).toThrow("2 requests run, and 0 wait");
    admission.configure({ ...limits, queueSize: 1 });
    const third = admission.enter(undefined, never);
    admission.configure({ ...limits, maxRequests: 3 });
    leaves.push(await third);
    expect(admission.running).toBe(3);
    for (const leave of leaves) leave();
    expect(admission.running).toBe(0);
  });
});
