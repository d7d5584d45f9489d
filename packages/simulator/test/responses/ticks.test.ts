import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { createTicker, tickText } from "../../src/responses/ticks.js";

const delta = (text: string) => `event: response.output_text.delta\ndata: {"delta":${JSON.stringify(text)}}\n\n`;
const deltaOf = (event: string) => JSON.parse(event.split("data: ")[1] ?? "").delta as string;

it("puts the time of sending into each word, the hash of all into the last, and both into what repeats them", () => {
  let clock = 1_790_000_000_000;
  const stamp = createTicker(() => clock++);
  const text = tickText(3);
  const words = text.split(" ").map((word, at) => delta(at === 0 ? word : ` ${word}`));
  expect(stamp('event: response.created\ndata: {"response":{}}\n\n')).toContain('{"response":{}}');
  const sent = words.map(stamp).map(deltaOf);
  const said = "0:1790000000000 1:1790000000001 2:1790000000002";
  const hash = createHash("sha256").update(said).digest("hex");
  expect(sent.join("")).toBe(`${said} sha256:${hash}`);
  expect(stamp(`event: response.output_text.done\ndata: {"text":${JSON.stringify(text)}}\n\n`)).toContain(
    `"text":"${said} sha256:${hash}"`,
  );
});
