import { expect, it } from "vitest";
import { createInputSizes } from "../../src/backend/input-sizes.js";
import { createEvent } from "../../src/canonical/events.js";

const end = (input_tokens: number) =>
  createEvent({
    type: "response.completed",
    response: {
      output: [{ type: "message", content: [{ type: "output_text", text: '"input_tokens":7777' }] }],
      usage: { input_tokens, output_tokens: 1, total_tokens: input_tokens + 1 },
    },
  });

it("takes four bytes a token, until the conversation has shown its own ratio", () => {
  const sizes = createInputSizes();
  expect(sizes.measure("a", "x".repeat(400)).estimate()).toBe(100);
  expect(sizes.measure("a", "ä".repeat(200)).estimate()).toBe(100);
  sizes.measure("a", "x".repeat(400)).note(end(200));
  expect(sizes.measure("a", "x".repeat(600)).estimate()).toBe(300);
  expect(sizes.measure("b", "x".repeat(600)).estimate()).toBe(150);
});

it("takes pictures and files for no text", () => {
  const body = JSON.stringify({ url: `data:image/png;base64,${"A".repeat(100_000)}`, text: "x".repeat(400) });
  expect(createInputSizes().measure("a", body).estimate()).toBeLessThan(130);
});

it("remembers nothing of an end that tells nothing, and no more than a thousand conversations", () => {
  const sizes = createInputSizes();
  sizes.measure("a", "x".repeat(400)).note(createEvent({ type: "response.completed", response: {} }));
  sizes.measure("a", "x".repeat(400)).note(end(0));
  expect(sizes.measure("a", "x".repeat(400)).estimate()).toBe(100);
  for (let i = 0; i <= 1000; i++) sizes.measure(`c${i}`, "x".repeat(400)).note(end(200));
  expect(sizes.measure("c0", "x".repeat(400)).estimate()).toBe(100);
  expect(sizes.measure("c1", "x".repeat(400)).estimate()).toBe(200);
});
