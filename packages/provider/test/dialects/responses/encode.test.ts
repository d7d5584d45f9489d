import { describe, expect, it } from "vitest";
import { isPublicEvent, withPublicItems } from "../../../src/canonical/public-api.js";
import { responsesDialect } from "../../../src/dialects/index.js";
import { createContext, fold, playFinal, playStream, readWire } from "../play.js";
import { madeUpStreams } from "../streams.js";
import { publicFields } from "./public-fields.js";

const { reply } = responsesDialect.parseRequest(
  { model: "codex/gpt-6-sol-high", input: "Hi", instructions: "Be brief.", temperature: 0.5, metadata: { a: "b" } },
  createContext(),
);

describe.each(Object.entries(madeUpStreams))("responses: %s", (name, events) => {
  const wire = playStream(responsesDialect, events, reply);
  const data = readWire(wire) as { type: string; sequence_number: number; response?: Record<string, unknown> }[];

  it("streams as its golden", async () => {
    await expect(wire).toMatchFileSnapshot(`goldens/${name}.stream.txt`);
  });

  it("answers plainly as its golden, with every field of the API", async () => {
    const answer = playFinal(responsesDialect, events, reply);
    expect(Object.keys(answer)).toEqual(expect.arrayContaining(publicFields));
    await expect(`${JSON.stringify(answer, null, 2)}\n`).toMatchFileSnapshot(`goldens/${name}.final.json`);
  });

  it("ends with what it answers plainly", () => {
    const { output, ...rest } = data.at(-1)?.response ?? {};
    const { output: plain, ...plainRest } = playFinal(responsesDialect, events, reply) as Record<string, unknown>;
    expect(rest).toEqual(plainRest);
    expect(output).toEqual(plain);
    expect(output).toEqual(withPublicItems(fold(events)).output);
  });

  it("numbers events without a gap and names each as its data does", () => {
    expect(data.map((event) => event.sequence_number)).toEqual(data.map((_, index) => index));
    expect(wire.match(/^event: .*$/gm)).toEqual(data.map((event) => `event: ${event.type}`));
  });

  it("passes every event on to who speaks Codex, and adds those that are missing", () => {
    const passed = events.map((event) => event.type);
    const told = readWire(playStream(responsesDialect, events, { ...reply, speaksCodex: true }));
    const types = told.map((event) => event.type as string);
    expect(withoutAdded(types, passed)).toEqual(passed);
    const count = (type: string) => types.filter((one) => one === type).length;
    expect(count("response.output_item.added")).toBe(count("response.output_item.done"));
    expect(count("response.content_part.added")).toBe(count("response.content_part.done"));
    if (isComplete.has(name)) expect(types).toEqual(passed);
    const isKnown = ({ type }: { type: string }) => isPublicEvent(type);
    expect(data.filter(isKnown)).toEqual(data);
  });

  it("has every field in every Response object", () => {
    for (const { response } of data)
      if (response) expect(Object.keys(response)).toEqual(expect.arrayContaining(publicFields));
  });
});

/** Streams that lack nothing of what the public API sends. */
const isComplete = new Set([
  "text",
  "reasoning-and-text",
  "tool-call",
  "parallel-tool-calls",
  "custom-tool-call",
  "phases",
]);

/** The types as far as they are the passed ones, in their order. */
function withoutAdded(types: readonly string[], passed: readonly string[]): string[] {
  let next = 0;
  return types.filter((type) => type === passed[next] && ++next > 0);
}
