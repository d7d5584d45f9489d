import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readResponseEvents } from "../../src/backend/events.js";
import type { EventData, OutputItem, ResponseEvent } from "../../src/canonical/events.js";
import { chatDialect, completionsDialect, responsesDialect } from "../../src/dialects/index.js";
import { foldChunks, foldPlain } from "./chat/fold-chunks.js";
import { foldCompletion } from "./completions/fold-chunks.js";
import { createContext, fold, playFinal, playStream, readWire } from "./play.js";
import { completed, incomplete, stream } from "./streams.js";

/** One text of an answer, and what each of its sources has of it; undefined for a source that is left out. */
interface Sources {
  deltas: string[] | undefined;
  textDone: string | undefined;
  partDone: string | undefined;
  itemDone: string | undefined;
  final: string | undefined;
}

type Kind = "output_text" | "refusal" | "summary_text" | "reasoning_text" | "arguments" | "input";

interface Item {
  kind: Kind;
  texts: Sources[];
  /** Which of the events about the item itself come. */
  added: boolean;
  done: boolean;
  final: boolean;
  /** Whether they have the texts that they repeat as empty lists. */
  bareDone: boolean;
}

const types: Record<Kind, string> = {
  output_text: "message",
  refusal: "message",
  summary_text: "reasoning",
  reasoning_text: "reasoning",
  arguments: "function_call",
  input: "custom_tool_call",
};
const names: Record<Kind, string> = {
  output_text: "response.output_text",
  refusal: "response.refusal",
  summary_text: "response.reasoning_summary_text",
  reasoning_text: "response.reasoning_text",
  arguments: "response.function_call_arguments",
  input: "response.custom_tool_call_input",
};
const fields: Record<Kind, string> = {
  output_text: "text",
  refusal: "refusal",
  summary_text: "text",
  reasoning_text: "text",
  arguments: "arguments",
  input: "input",
};

const word = fc.string({ unit: fc.constantFrom("a", "b", "\\", '"', "\n", "🎈", "é"), minLength: 1, maxLength: 4 });
const source = fc.oneof(
  { weight: 2, arbitrary: fc.constant("none" as const) },
  { weight: 3, arbitrary: fc.constant("whole" as const) },
  fc.constantFrom("cut" as const, "empty" as const, "longer" as const, "other" as const),
);

const sources = fc
  .record({
    words: fc.array(word, { minLength: 1, maxLength: 4 }),
    each: fc.tuple(source, source, source, source, source),
  })
  .map(({ words, each }): Sources => {
    const whole = words.join("");
    const of = (how: (typeof each)[number]) =>
      ({
        none: undefined,
        whole,
        cut: words.slice(0, -1).join(""),
        empty: "",
        longer: `${whole}!`,
        other: `?${whole}?`,
      })[how];
    const [deltas, textDone, partDone, itemDone, final] = each;
    const pieces = {
      none: undefined,
      whole: words,
      cut: words.slice(0, -1),
      empty: [""],
      longer: [...words, "!"],
      other: ["?", ...words],
    };
    return {
      deltas: pieces[deltas],
      textDone: of(textDone),
      partDone: of(partDone),
      itemDone: of(itemDone),
      final: of(final),
    };
  });

const item: fc.Arbitrary<Item> = fc.record({
  kind: fc.constantFrom(...(Object.keys(types) as Kind[])),
  texts: fc.array(sources, { minLength: 1, maxLength: 2 }),
  added: fc.boolean(),
  done: fc.boolean(),
  final: fc.boolean(),
  bareDone: fc.boolean(),
});

const isCall = (kind: Kind) => kind === "arguments" || kind === "input";

function told(
  { kind, texts }: Item,
  index: number,
  id: string,
  of: (text: Sources) => string | undefined,
  isBare: boolean,
) {
  const field = fields[kind];
  const made: OutputItem = { id, type: types[kind], status: "completed" };
  if (isCall(kind))
    return {
      ...made,
      call_id: `call_${index}`,
      name: "look",
      [field]: (isBare ? undefined : of(texts[0] as Sources)) ?? "",
    };
  const parts = isBare ? [] : texts.map((text) => ({ type: kind, [field]: of(text) ?? "" }));
  if (types[kind] === "message") return { ...made, role: "assistant", content: parts };
  return kind === "summary_text" ? { ...made, summary: parts } : { ...made, summary: [], content: parts };
}

/** The events of an item, in the order in which a backend sends them. */
function eventsOf(one: Item, index: number, id: () => string): EventData[] {
  const { kind, texts } = one;
  const events: EventData[] = [];
  if (one.added) {
    events.push({
      type: "response.output_item.added",
      output_index: index,
      item: { ...told(one, index, id(), () => "", true), status: "in_progress" },
    });
  }
  for (const [at, text] of (isCall(kind) ? texts.slice(0, 1) : texts).entries()) {
    const place = {
      output_index: index,
      ...(isCall(kind) ? {} : { [kind === "summary_text" ? "summary_index" : "content_index"]: at }),
    };
    const field = fields[kind];
    for (const delta of text.deltas ?? [])
      events.push({ type: `${names[kind]}.delta`, item_id: id(), ...place, delta });
    if (text.textDone !== undefined)
      events.push({ type: `${names[kind]}.done`, item_id: id(), ...place, [field]: text.textDone });
    if (text.partDone !== undefined && !isCall(kind)) {
      const type = kind === "summary_text" ? "response.reasoning_summary_part.done" : "response.content_part.done";
      events.push({ type, item_id: id(), ...place, part: { type: kind, [field]: text.partDone } });
    }
  }
  if (one.done) {
    events.push({
      type: "response.output_item.done",
      output_index: index,
      item: told(one, index, id(), (text) => text.itemDone, one.bareDone),
    });
  }
  return events;
}

/** What a text is: its deltas, then each source that is longer and begins with what there is. */
function expected(one: Item, text: Sources): string {
  let known = (text.deltas ?? []).join("");
  const { itemDone, final, textDone } = text;
  const later = [
    textDone,
    isCall(one.kind) ? undefined : text.partDone,
    one.done && !one.bareDone ? itemDone : undefined,
    one.final ? final : undefined,
  ];
  for (const given of later)
    if (given !== undefined && given.length > known.length && given.startsWith(known)) known = given;
  return known;
}

const answer = fc.record({
  items: fc.array(item, { minLength: 1, maxLength: 3 }),
  rotates: fc.boolean(),
  ending: fc.constantFrom("completed" as const, "incomplete" as const),
  turns: fc.option(fc.infiniteStream(fc.nat(2)), { nil: undefined }),
});

function build({
  items,
  rotates,
  ending,
  turns,
}: {
  items: Item[];
  rotates: boolean;
  ending: "completed" | "incomplete";
  turns: Iterator<number> | undefined;
}) {
  let count = 0;
  const idOf = (index: number) => () => (rotates ? `id_${index}_${count++}` : `id_${index}`);
  const queues = items.map((one, index) => eventsOf(one, index, idOf(index)));
  let events: EventData[] = queues.flat();
  if (turns !== undefined) {
    events = [];
    while (queues.some((queue) => queue.length > 0)) {
      const waiting = queues.filter((queue) => queue.length > 0);
      const next = waiting[(turns.next().value as number) % waiting.length]?.shift();
      if (next !== undefined) events.push(next);
    }
  }
  const output = items.every(({ final }) => final)
    ? items.map((one, index) => told(one, index, idOf(index)(), (text) => text.final, false))
    : [];
  for (const one of items) one.final = output.length > 0;
  const end = ending === "completed" ? completed(output) : incomplete("max_output_tokens");
  (end.response as { output: OutputItem[] }).output = output;
  return stream(events, end);
}

const chatBody = { model: "m", messages: [{ role: "user", content: "x" }], stream: true };
const chat = { ...chatDialect.parseRequest(chatBody, createContext()).reply, includeUsage: true };
const completions = completionsDialect.parseRequest({ model: "m", prompt: "x", stream: true }, createContext()).reply;
const responses = responsesDialect.parseRequest({ model: "m", input: "x" }, createContext()).reply;

function textsOf(output: readonly OutputItem[] | undefined): string[][] {
  return (output ?? []).map((one) => {
    const parts = [...((one.summary as object[]) ?? []), ...((one.content as object[]) ?? [])] as Record<
      string,
      string
    >[];
    if (one.type === "message" || one.type === "reasoning")
      return parts.map((part) => (part.text ?? part.refusal) as string);
    return [String(one.arguments ?? one.input)];
  });
}

describe("one answer, whichever way its texts came", () => {
  it("chat: the plain answer is the fold of the stream", () => {
    fc.assert(
      fc.property(answer, fc.constantFrom("field", "think", "none"), (given, reasoning) => {
        const events = build(given);
        const reply = { ...chat, reasoning };
        const streamed = foldChunks(readWire(playStream(chatDialect, events, reply)));
        expect(streamed).toMatchObject(foldPlain(playFinal(chatDialect, events, reply)));
      }),
      { numRuns: 500 },
    );
  });

  it("completions: the plain answer is the fold of the stream", () => {
    fc.assert(
      fc.property(answer, (given) => {
        const events = build(given);
        const streamed = foldCompletion(readWire(playStream(completionsDialect, events, completions)));
        const plain = playFinal(completionsDialect, events, completions) as Record<string, unknown>;
        expect(streamed).toMatchObject({ choices: foldCompletion([plain]).choices });
      }),
      { numRuns: 300 },
    );
  });

  it("responses: the fullest consistent text of each, in deltas, in every event that repeats it, and in both answers", () => {
    fc.assert(
      fc.property(answer, (given) => {
        const events = build(given);
        const data = readWire(playStream(responsesDialect, events, responses));
        const plain = playFinal(responsesDialect, events, responses) as { output: OutputItem[] };
        expect(data.at(-1)?.response).toEqual(JSON.parse(JSON.stringify(plain)));
        expect(fold(events).output).toEqual(plain.output);
        expect(data.map((event) => event.sequence_number)).toEqual(data.map((_, index) => index));
        if (given.turns === undefined) {
          const wanted = given.items
            .filter((one) => one.added || one.done || one.final || hasTold(one))
            .map((one) => (isCall(one.kind) ? one.texts.slice(0, 1) : one.texts).map((text) => expected(one, text)));
          // A call whose name comes only with the end begins there, and what nobody has told of is no part.
          const shown = (all: string[][]) => all.map((texts) => texts.filter((text) => text !== "").join("|")).sort();
          expect(shown(textsOf(plain.output))).toEqual(shown(wanted));
        }
        expect(accumulate(data)).toEqual(textsOf(plain.output));
      }),
      { numRuns: 500 },
    );
  });

  it("is the same wherever the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(answer, fc.array(fc.nat(4000), { maxLength: 12 }), async (given, cuts) => {
        const events = build(given);
        const bytes = Buffer.from(events.map(({ type, raw }) => `event: ${type}\ndata: ${raw}\n\n`).join(""));
        const points = [0, ...cuts.map((at) => at % bytes.length).sort((a, b) => a - b), bytes.length];
        async function* reads() {
          for (let i = 1; i < points.length; i++) yield [bytes.subarray(points[i - 1], points[i])];
        }
        const read: ResponseEvent[] = [];
        for await (const batch of readResponseEvents(reads(), { now: () => 0 })) read.push(...batch);
        for (const [dialect, reply] of [
          [chatDialect, chat],
          [responsesDialect, responses],
          [completionsDialect, completions],
        ] as const) {
          expect(playStream(dialect, read, reply)).toBe(playStream(dialect, events, reply));
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Whether any event tells of the item at all. */
describe("arguments that come as the object itself", () => {
  const given = { city: "Rome" };
  const item = { type: "function_call", id: "fc_1", call_id: "call_1", name: "look" };
  const begun = { type: "response.output_item.added", output_index: 0, item: { ...item, arguments: "" } };
  const shapes: [string, EventData[]][] = [
    [
      "in its item",
      [begun, { type: "response.output_item.done", output_index: 0, item: { ...item, arguments: given } }],
    ],
    ["in a delta", [begun, { type: "response.function_call_arguments.delta", output_index: 0, delta: given }]],
    [
      "in the done event",
      [begun, { type: "response.function_call_arguments.done", output_index: 0, arguments: given }],
    ],
  ] as [string, EventData[]][];

  it.each(shapes)("%s, are JSON text, streamed and plain", (_where, data) => {
    const events = stream(data.map((one) => JSON.parse(JSON.stringify(one))));
    const plain = playFinal(chatDialect, events, chat) as { choices: { message: { tool_calls: object[] } }[] };
    expect(plain.choices[0]?.message.tool_calls).toMatchObject([
      { function: { name: "look", arguments: '{"city":"Rome"}' } },
    ]);
    expect(foldChunks(readWire(playStream(chatDialect, events, chat)))).toMatchObject({
      calls: [{ function: { name: "look", arguments: '{"city":"Rome"}' } }],
    });
    const { output } = playFinal(responsesDialect, events, responses) as { output: OutputItem[] };
    expect(output).toMatchObject([{ type: "function_call", arguments: '{"city":"Rome"}' }]);
  });
});

function hasTold(one: Item): boolean {
  return (isCall(one.kind) ? one.texts.slice(0, 1) : one.texts).some(
    ({ deltas, textDone, partDone }) =>
      (deltas?.length ?? 0) > 0 || textDone !== undefined || (partDone !== undefined && !isCall(one.kind)),
  );
}

/** What a client has that keeps the deltas, and finds every item and part opened before its text. */
function accumulate(data: Record<string, unknown>[]): string[][] {
  const items: { item: OutputItem; texts: Map<string, string> }[] = [];
  for (const event of data) {
    const at = event.output_index as number;
    if (event.type === "response.output_item.added") {
      expect(at).toBe(items.length);
      items.push({ item: event.item as OutputItem, texts: new Map() });
    }
    const known = items[at];
    if (event.item_id !== undefined) expect(event.item_id).toBe(known?.item.id);
    const key = `${event.summary_index === undefined ? 1 : 0} ${event.summary_index ?? event.content_index ?? 0}`;
    if (/part\.added$/.test(String(event.type))) known?.texts.set(key, "");
    if (typeof event.delta === "string" && known !== undefined) {
      if (event.content_index !== undefined || event.summary_index !== undefined)
        expect(known.texts.has(key)).toBe(true);
      known.texts.set(key, (known.texts.get(key) ?? "") + event.delta);
    }
    if (/_(text|arguments|input)\.done$|refusal\.done$/.test(String(event.type))) {
      expect(event.text ?? event.refusal ?? event.arguments ?? event.input).toBe(known?.texts.get(key) ?? "");
    }
  }
  return items.map(({ item, texts }) => {
    if (item.type.endsWith("_call") && texts.size === 0) return [""];
    return [...texts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  });
}
