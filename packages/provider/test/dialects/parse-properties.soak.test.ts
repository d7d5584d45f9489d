import fc from "fast-check";
import { it } from "vitest";
import { chatDialect, completionsDialect, responsesDialect } from "../../src/dialects/index.js";
import { parses } from "./parse-properties.js";

const numRuns = 334_000;

it.each(Object.entries({ chat: chatDialect, responses: responsesDialect, completions: completionsDialect }))(
  `%s: any of ${numRuns} bodies is a request or the caller's mistake, and is not changed`,
  (name, dialect) => {
    const { property, accepted } = parses(dialect);
    fc.assert(property, { numRuns });
    process.stdout.write(
      `${name}: ${numRuns} bodies, of which ${accepted()} are requests and all others told as a 400\n`,
    );
  },
  1_800_000,
);
