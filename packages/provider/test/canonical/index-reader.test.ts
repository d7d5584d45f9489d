import fc from "fast-check";
import { expect, it } from "vitest";
import { createEvent, ResponseEvent } from "../../src/canonical/events.js";
import { IndexReader } from "../../src/canonical/index-reader.js";

const text = fc.string({ unit: "binary", maxLength: 40 });

it("reads an index as parsing would, wherever it stands", () => {
  const shape = fc.record({ output_index: fc.nat(), content_index: fc.nat(300), delta: text, item_id: text });
  fc.assert(
    fc.property(fc.array(shape, { minLength: 1, maxLength: 5 }), fc.boolean(), (events, reversed) => {
      const output = new IndexReader("output_index");
      const content = new IndexReader("content_index");
      for (const fields of events) {
        const entries = Object.entries({ ...fields, extra: '"output_index":7,"content_index":8' });
        const event = createEvent({ type: "x", ...Object.fromEntries(reversed ? entries.reverse() : entries) });
        expect(output.read(event)).toBe(fields.output_index);
        expect(content.read(event)).toBe(fields.content_index);
      }
    }),
  );
});

it.each([
  ['{"type":"x","output_index": 3}', 3],
  ['{"type":"x","output_index":null}', undefined],
  ['{"type":"x"}', undefined],
])("reads other spellings by parsing: %s", (raw, expected) => {
  expect(new IndexReader("output_index").read(new ResponseEvent("x", raw))).toBe(expected);
});
