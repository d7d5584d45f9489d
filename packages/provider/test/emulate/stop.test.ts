import fc from "fast-check";
import { expect, it } from "vitest";
import { createStopScanner } from "../../src/emulate/stop.js";

/** What is shown of a text that comes in these pieces. */
function show(pieces: readonly string[], stop: readonly string[]): { text: string; stopped: boolean } {
  const scanner = createStopScanner(stop);
  let text = "";
  for (const piece of pieces) {
    const { shown, stopped } = scanner.push(piece);
    text += shown;
    if (stopped) return { text, stopped };
  }
  return { text: text + scanner.flush(), stopped: false };
}

/** The cut by its definition: where the first sequence begins that is complete; of two that end together the longer one. */
function cutByDefinition(text: string, stop: readonly string[]): { text: string; stopped: boolean } {
  for (let end = 1; end <= text.length; end++) {
    const longest = [...stop].sort((a, b) => b.length - a.length).find((one) => text.slice(0, end).endsWith(one));
    if (longest !== undefined) return { text: text.slice(0, end - longest.length), stopped: true };
  }
  return { text, stopped: false };
}

const letters = fc.constantFrom("a", "b", "ab", "\n", "世", "🎈");
const sequences = fc.array(fc.string({ unit: letters, minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });

it("cuts where the definition says, however the text is cut into pieces", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: letters, maxLength: 6 }), { maxLength: 8 }), sequences, (pieces, stop) => {
      expect(show(pieces, stop)).toEqual(cutByDefinition(pieces.join(""), stop));
      const units = [...pieces.join("")].flatMap((character) => character.split(""));
      expect(show(units, stop)).toEqual(cutByDefinition(pieces.join(""), stop));
    }),
    { numRuns: 500 },
  );
});

it("never shows a piece of a sequence that is then completed, and holds back no more than that", () => {
  const scanner = createStopScanner(["END", "\n\n"]);
  expect(scanner.push("one\n")).toEqual({ shown: "one", stopped: false });
  expect(scanner.push("two EN")).toEqual({ shown: "\ntwo ", stopped: false });
  expect(scanner.push("EN")).toEqual({ shown: "EN", stopped: false });
  expect(scanner.push("D never")).toEqual({ shown: "", stopped: true });
});

it("gives back at the end what only began like one", () => {
  const scanner = createStopScanner(["END"]);
  expect(scanner.push("the E").shown).toBe("the ");
  expect(scanner.flush()).toBe("E");
  expect(scanner.flush()).toBe("");
});
