import { expect, it } from "vitest";
import { SchemaThread } from "../../src/emulate/schema-thread.js";

const limits = { compileMs: 5000, checkMs: 5000, maxWaiting: 2, waitMs: 60_000, idleMs: 1000 };
const schema = JSON.stringify({ type: "string", pattern: "^(a+)+b$" });
const good = { schema, text: '"aab"' };
const endless = { schema, text: JSON.stringify("a".repeat(60)) };

it("refuses more jobs than may wait", async () => {
  const thread = new SchemaThread(limits);
  const answers = await Promise.all([good, good, good, good, good].map((job) => thread.run(job)));
  const refused = { unknown: "too many answers are being checked" };
  expect(answers).toEqual([...Array(3).fill({ problems: [] }), refused, refused]);
});

it("ends a job that takes too long, lets nobody wait longer than that, and goes on", async () => {
  const thread = new SchemaThread({ ...limits, checkMs: 200, waitMs: 100 });
  const [ended, waited] = await Promise.all([thread.run(endless), thread.run(good)]);
  expect(ended).toEqual({ unknown: "the check took too long", isLasting: true });
  expect(waited).toEqual({ unknown: "too many answers are being checked" });
  expect(await thread.run(good)).toEqual({ problems: [] });
});
