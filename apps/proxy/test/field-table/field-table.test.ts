import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { ask, responsesBody, startHouse } from "../start-house.js";
import { fillFieldTables, observeAll, type Row } from "./field-table.js";
import { type Api, apis, readSdks } from "./sdk-fields.js";

/** Every field of the official SDK's types is sent through the house; docs/fields.md says what became of it. */
let rows: Row[];
beforeAll(async () => {
  rows = await observeAll();
}, 60_000);

const rowsOf = (api: Api) => rows.filter((row) => row.api === api);
const sdks = readSdks();

describe.each(Object.keys(apis) as Api[])("%s", (api) => {
  it("has a row for every field of the official SDK", () => {
    const fields = new Set(rowsOf(api).map(({ sample }) => sample.field.split(".")[0]));
    expect([...new Set(sdks.flatMap((sdk) => sdk.fields(api)))].filter((field) => !fields.has(field))).toEqual([]);
  });

  it("has a row for what is inside of fields that are taken apart", () => {
    const nested = new Set(rowsOf(api).flatMap(({ sample }) => (sample.field.includes(".") ? sample.field : [])));
    const parents = new Set([...nested].map((field) => field.split(".")[0] as string));
    const inside = [...parents].flatMap((parent) =>
      sdks.flatMap((sdk) => sdk.inside(api, parent).map((key) => `${parent}.${key}`)),
    );
    expect(inside.filter((field) => !nested.has(field))).toEqual([]);
  });

  it("loses nothing without a word", () => {
    const lost = rowsOf(api).filter(({ outcome }) => outcome === "dropped silently");
    expect(lost.map(({ sample }) => sample.field)).toEqual([]);
  });
});

/** Fields that can't be null, and that only the backend can know. */
const backendsOwn = ["access_programs", "image", "input_transformations", "prompt_cache_diagnostics", "tool_usage"];

it("answers with every field of the SDK's Response object, plain and streamed", async () => {
  const fields = sdks
    .flatMap((sdk) => sdk.ofType("responses", "Response"))
    .filter((name) => !backendsOwn.includes(name));
  const house = await startHouse();
  try {
    const url = `${house.proxy.url}/v1/responses`;
    const plain = await ask(url, { body: responsesBody("Say hi.") });
    const streamed = await ask(url, { body: responsesBody("Say hi.", { stream: true }) });
    const events = [...streamed.text.matchAll(/^data: (.*)$/gm)].map(([, json = ""]) => JSON.parse(json));
    const responses = [plain.json, ...events.flatMap(({ response }) => response ?? [])];
    expect(responses).toHaveLength(4);
    for (const response of responses) expect(fields.filter((name) => !(name in response))).toEqual([]);
    expect(plain.json.output_text).toContain("Say hi.");
    expect(events.at(-1).response.output_text).toBe(plain.json.output_text);
  } finally {
    await house.close();
  }
});

it("docs/fields.md has what was observed (`pnpm field-table` writes it)", async () => {
  const readme = await readFile(new URL("../../../../docs/fields.md", import.meta.url), "utf8");
  expect(fillFieldTables(readme, rows)).toBe(readme);
});
