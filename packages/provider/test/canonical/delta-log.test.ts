import fc from "fast-check";
import { expect, it } from "vitest";
import { DeltaLog } from "../../src/canonical/delta-log.js";
import { createEvent, type EventData } from "../../src/canonical/events.js";
import { completeItem, groupDeltas } from "../../src/canonical/partial-item.js";

const index = fc.option(fc.nat(2), { nil: undefined });
const delta = fc.record({
  type: fc.constantFrom(
    ...["response.output_text.delta", "response.refusal.delta", "response.reasoning_text.delta"],
    ...["response.reasoning_summary_text.delta", "response.function_call_arguments.delta", "response.other.delta"],
  ),
  output_index: index,
  content_index: index,
  summary_index: index,
  item_id: fc.constantFrom("a", "b", undefined),
  delta: fc.oneof(
    { weight: 9, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
    { weight: 1, arbitrary: fc.jsonValue() },
  ),
  obfuscation: fc.string(),
}) as fc.Arbitrary<EventData>;
/** As a stream has them: many of one kind in a row, which differ in nothing but their text. */
const run = fc
  .tuple(delta, fc.array(fc.string({ unit: "binary", maxLength: 8 }), { maxLength: 90 }))
  .map(([first, texts]) => [first, ...texts.map((text) => ({ ...first, delta: text }))]);

it("puts the same items together as all the deltas one by one", () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 6 }), fc.nat(40), (runs, maxEvents) => {
      const deltas = runs.flat();
      const log = new DeltaLog(maxEvents);
      for (const data of deltas) log.add(createEvent(data));
      for (const position of [0, 1, 2]) {
        const item = { type: "message", id: "a" };
        const put = (all: readonly EventData[]) => completeItem(item, groupDeltas(all)(position, item.id));
        expect(put(log.deltas())).toEqual(put(deltas));
      }
    }),
    { numRuns: 1_000 },
  );
});

it("keeps a text of many tokens as one, and nothing once it is cleared", () => {
  const log = new DeltaLog(0);
  const place = { type: "response.output_text.delta", output_index: 0, content_index: 0 };
  for (let token = 0; token < 1000; token++) log.add(createEvent({ ...place, delta: ` ${token}`, obfuscation: "x" }));
  log.add(createEvent({ type: "response.content_part.done", output_index: 0 }));
  const whole = Array.from({ length: 1000 }, (_, token) => ` ${token}`).join("");
  expect(log.deltas()).toEqual([{ ...place, delta: whole }]);
  log.clear();
  expect(log.deltas()).toEqual([]);
});
