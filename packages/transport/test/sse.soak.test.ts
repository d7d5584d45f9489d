import fc from "fast-check";
import { it } from "vitest";
import { cutsChangeNothing } from "./sse-properties.js";

const numRuns = 1_000_000;

it(`${numRuns} streams, each cut anywhere, are read as the standard says`, () => {
  fc.assert(cutsChangeNothing, { numRuns });
  process.stdout.write(`the SSE reader read ${numRuns} streams right, in whatever pieces they came\n`);
}, 1_800_000);
