import fc from "fast-check";
import { expect, it } from "vitest";
import { addLength } from "../../src/dialects/text-length.js";

const text = fc.string({ unit: "binary", maxLength: 40 });

/** The same text with every UTF-16 unit escaped. */
function escaped(value: string): string {
  const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at).toString(16).padStart(4, "0"));
  return `"${units.map((unit) => `\\u${unit}`).join("")}"`;
}

it("measures a literal as decoding it would, however it is escaped", () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), (texts) => {
      for (const write of [(value: string) => JSON.stringify(value), escaped]) {
        const length = { units: 0, characters: 0 };
        for (const value of texts) addLength(write(value), length);
        const whole = texts.join("");
        expect(length).toEqual({ units: whole.length, characters: [...whole].length });
      }
    }),
  );
});
