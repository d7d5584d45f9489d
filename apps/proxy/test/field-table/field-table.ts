import { type House, startHouse } from "../start-house.js";
import { type Observation, observe } from "./observe.js";
import { type Sample, samples } from "./samples.js";
import { type Api, apis } from "./sdk-fields.js";

export interface Row extends Observation {
  api: Api;
  sample: Sample;
}

/** Sends every sample through a proxy to a strict backend, one after the other, and says what became of each. */
export async function observeAll(): Promise<Row[]> {
  const house: House = await startHouse({ profile: "strict" });
  try {
    const rows: Row[] = [];
    for (const api of Object.keys(apis) as Api[]) {
      for (const sample of samples[api]) rows.push({ api, sample, ...(await observe(house, api, sample)) });
    }
    return rows;
  } finally {
    await house.close();
  }
}

/** A page with the tables in the place that two comments mark. Throws when they are missing. */
export function fillFieldTables(readme: string, rows: readonly Row[]): string {
  const place = /(<!-- fields:[^\n]*-->\n)[\s\S]*?(<!-- \/fields -->)/;
  if (!place.test(readme)) throw new Error("The page has no place for the fields.");
  const tables = (Object.keys(apis) as Api[]).map((api) =>
    table(
      api,
      rows.filter((row) => row.api === api),
    ),
  );
  return readme.replace(place, (_all, begin: string, end: string) => `${begin}${tables.join("\n\n")}\n${end}`);
}

function table(api: Api, rows: readonly Row[]): string {
  const lines = rows.map(({ sample, outcome, detail }) => {
    const told = detail === "" ? outcome : `${outcome}: ${detail}`;
    return `| \`${sample.field}\` | \`${shown(sample.value)}\` | ${told.replaceAll("|", "\\|")} |`;
  });
  return [`| \`/v1/${api}\` | for example | |`, "|---|---|---|", ...lines].join("\n");
}

/** A value as JSON, its end cut where it is long. */
function shown(value: unknown): string {
  const json = JSON.stringify(value).replaceAll("|", "\\|");
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}
