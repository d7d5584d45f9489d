import fc from "fast-check";
import { expect, it } from "vitest";
import type { ResponseEvent } from "../../src/canonical/events.js";
import { chatDialect, completionsDialect, responsesDialect } from "../../src/dialects/index.js";
import { foldChunks, foldPlain } from "./chat/fold-chunks.js";
import { foldCompletion } from "./completions/fold-chunks.js";
import { createContext, playFinal, playStream, readWire } from "./play.js";
import { call, completed, incomplete, message, reasoning, refusal, stream } from "./streams.js";

type Events = ReturnType<typeof message>;

const pieces = fc.array(
  fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom("", "\\", '"delta":"', "🎈", "\ud83c")),
  {
    maxLength: 4,
  },
);
const options = fc.record({ doneOnly: fc.boolean(), phase: fc.constantFrom("commentary", "final_answer") });
const annotation = fc.record({
  type: fc.constantFrom("url_citation", "file_citation"),
  start_index: fc.nat(50),
  url: fc.webUrl(),
});
const name = fc.constantFrom("look", "weather");

/** Builds the events of an item once its place in the output is known. */
type Item = (index: number) => Events;

const sequential: fc.Arbitrary<Item> = fc.oneof(
  fc.tuple(pieces, options, fc.array(annotation, { maxLength: 2 })).map(
    ([text, given, annotations]): Item =>
      (index) =>
        message(index, text, { ...given, annotations }),
  ),
  fc
    .tuple(fc.array(pieces, { maxLength: 3 }), pieces, options, fc.option(fc.base64String(), { nil: undefined }))
    .map(([parts, raw, given, encrypted]): Item => {
      return (index) => reasoning(index, parts, { ...given, raw, ...(encrypted === undefined ? {} : { encrypted }) });
    }),
  fc.tuple(pieces, options).map(
    ([text, given]): Item =>
      (index) =>
        refusal(index, text, given),
  ),
);

/** Some calls whose events are woven into each other, each in its own order. */
const woven = fc
  .tuple(
    fc.array(fc.record({ name, pieces, custom: fc.boolean(), doneOnly: fc.boolean() }), { minLength: 1, maxLength: 3 }),
    fc.infiniteStream(fc.nat(2)),
  )
  .map(([calls, turns]) => (start: number): Events => {
    const built = calls.map((one, offset) => call(start + offset, one.name, one.pieces, one));
    const begun = built.flatMap(({ begin }) => begin);
    const queues = built.map(({ pieces: deltas, end }) => [...deltas, ...end]);
    const mixed: Events = [];
    while (queues.some((queue) => queue.length > 0)) {
      const waiting = queues.filter((queue) => queue.length > 0);
      const next = waiting[(turns.next().value as number) % waiting.length]?.shift();
      if (next !== undefined) mixed.push(next);
    }
    return [...begun, ...mixed];
  });

const response: fc.Arbitrary<ResponseEvent[]> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: sequential }, { weight: 1, arbitrary: woven }), { maxLength: 5 }),
    fc.constantFrom(completed(), incomplete("max_output_tokens"), incomplete("content_filter")),
  )
  .map(([items, end]) => {
    const events: Events = [];
    for (const item of items) {
      const next = events.filter((event) => event.type === "response.output_item.added").length;
      events.push(...item(next));
    }
    return stream(events, end);
  });

const chatOptions = fc.record({
  reasoning: fc.constantFrom("field", "think", "none"),
  commentary: fc.constantFrom("content", "reasoning"),
  legacyFunctions: fc.boolean(),
  includeUsage: fc.constant(true),
});

it("chat: what is streamed folds to the plain answer", () => {
  const body = { model: "m", messages: [{ role: "user", content: "x" }], stream: true };
  const { reply } = chatDialect.parseRequest(body, createContext());
  fc.assert(
    fc.property(response, chatOptions, (events, given) => {
      const told = { ...reply, ...given };
      const streamed = foldChunks(readWire(playStream(chatDialect, events, told)));
      expect(streamed).toMatchObject(foldPlain(playFinal(chatDialect, events, told)));
    }),
    { numRuns: 400 },
  );
});

it("completions: what is streamed folds to the plain answer", () => {
  const body = { model: "m", prompt: "x", echo: true, stream: true, stream_options: { include_usage: true } };
  const { reply } = completionsDialect.parseRequest(body, createContext());
  fc.assert(
    fc.property(response, (events) => {
      const streamed = foldCompletion(readWire(playStream(completionsDialect, events, reply)));
      const plain = playFinal(completionsDialect, events, reply) as Record<string, unknown>;
      expect(streamed).toEqual(foldCompletion([plain]));
    }),
    { numRuns: 300 },
  );
});

it("responses: the last event is the plain answer, every text arrives as it was, numbers have no gap", () => {
  const { reply } = responsesDialect.parseRequest({ model: "m", input: "x" }, createContext());
  fc.assert(
    fc.property(response, (events) => {
      const data = readWire(playStream(responsesDialect, events, reply));
      expect(data.at(-1)?.response).toEqual(JSON.parse(JSON.stringify(playFinal(responsesDialect, events, reply))));
      expect(data.map((event) => event.sequence_number)).toEqual(data.map((_, index) => index));
      const deltas = data.filter((event) => event.delta !== undefined).map(withoutNumber);
      const given = events.filter((event) => event.data.delta !== undefined).map(({ data }) => withoutNumber(data));
      let next = 0;
      for (const delta of deltas) if (JSON.stringify(delta) === JSON.stringify(given[next])) next++;
      expect(next).toBe(given.length);
    }),
    { numRuns: 200 },
  );
});

function withoutNumber({ sequence_number: _, ...event }: Record<string, unknown>) {
  return event;
}
