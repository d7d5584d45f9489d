import { expect, it } from "vitest";
import { createLearned } from "../../src/backend/learned.js";

it("keeps the latest lessons, whatever names callers make up", () => {
  const learned = createLearned();
  for (let index = 0; index < 1000; index++) {
    learned.refusedFields.add(`made_up_${index}`);
    learned.efforts.set(`model-${index}`, ["low"]);
  }
  expect([learned.refusedFields.size, learned.efforts.size]).toEqual([256, 256]);
  expect(learned.refusedFields.has("made_up_999")).toBe(true);
  expect(learned.efforts.get("model-743")).toBeUndefined();
});
