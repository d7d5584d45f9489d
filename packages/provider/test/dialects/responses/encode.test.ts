import { describe, expect, it } from "vitest";
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
    expect(output).toEqual(fold(events).output);
  });

  it("numbers events without a gap and names each as its data does", () => {
    expect(data.map((event) => event.sequence_number)).toEqual(data.map((_, index) => index));
    expect(wire.match(/^event: .*$/gm)).toEqual(data.map((event) => `event: ${event.type}`));
  });

  it("passes every event on but the backend's own", () => {
    const passed = events.map((event) => event.type).filter((type) => !/^codex\.|^response\.metadata$/.test(type));
    expect(data.map((event) => event.type)).toEqual(passed);
  });

  it("has every field in every Response object", () => {
    for (const { response } of data)
      if (response) expect(Object.keys(response)).toEqual(expect.arrayContaining(publicFields));
  });
});
