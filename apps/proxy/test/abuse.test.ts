import { expect, it } from "vitest";
import { ask, chatBody } from "./start-house.js";
import { expectHealthy, openUnderLoad } from "./under-load.js";

/**
 * What one caller may do to a real proxy, a process of its own: it lives, answers others at once, and takes little memory.
 */
it("is healthy under what anybody sends", async () => {
  const load = await openUnderLoad();
  const health = await load.during(() =>
    Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        ask(`${load.proxyUrl}/v1/chat/completions`, { body: chatBody(`hello ${i}`, { stream: i % 2 === 0 }) }),
      ),
    ),
  );
  expect(health.result.map(({ status }) => status)).toEqual(health.result.map(() => 200));
  expectHealthy(health);
});
