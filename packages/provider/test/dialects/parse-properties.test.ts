import fc from "fast-check";
import { expect, it } from "vitest";
import { chatDialect, completionsDialect, responsesDialect } from "../../src/dialects/index.js";
import { parses } from "./parse-properties.js";

const numRuns = 10_000;

it.each(Object.entries({ chat: chatDialect, responses: responsesDialect, completions: completionsDialect }))(
  "%s: any body is a request or the caller's mistake, and is not changed",
  (_name, dialect) => {
    const { property, accepted } = parses(dialect);
    fc.assert(property, { numRuns });
    // Else the bodies would be so far off that this proves little.
    expect(accepted()).toBeGreaterThan(numRuns / 10);
  },
);
