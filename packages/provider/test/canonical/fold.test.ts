import { describe, expect, it } from "vitest";
import { createEvent, type EventData, type ResponseEvent } from "../../src/canonical/events.js";
import { foldResponse } from "../../src/canonical/fold.js";

async function* stream(...batches: EventData[][]): AsyncGenerator<ResponseEvent[]> {
  for (const batch of batches) yield batch.map(createEvent);
}

const message = (id: string, text: string) => ({ type: "message", id, content: [{ type: "output_text", text }] });
const added = (output_index: number, item: object) =>
  ({ type: "response.output_item.added", output_index, item }) as EventData;
const done = (output_index: number, item: object) =>
  ({ type: "response.output_item.done", output_index, item }) as EventData;
const completed = (output: object[]) =>
  ({ type: "response.completed", response: { id: "r", status: "completed", output } }) as EventData;

describe("foldResponse", () => {
  it("rebuilds the output that the backend leaves empty, in the order of the indices", async () => {
    const folded = await foldResponse(
      stream(
        [added(0, { type: "reasoning" }), added(1, message("m", ""))],
        [done(1, message("m", "hi")), done(0, { type: "reasoning" })],
        [completed([])],
      ),
    );
    expect(folded).toMatchObject({ id: "r", output: [{ type: "reasoning" }, message("m", "hi")] });
  });

  it("takes the given output only where it has more", async () => {
    const full = [{ ...message("m", "hi"), extra: true }];
    expect((await foldResponse(stream([done(0, message("m", "hi")), completed(full)]))).output).toEqual([
      message("m", "hi"),
    ]);
    expect((await foldResponse(stream([completed(full)]))).output).toEqual(full);
  });

  it("numbers items that come without an index", async () => {
    const item = (id: string) => ({ type: "response.output_item.done", item: message(id, id) }) as EventData;
    expect((await foldResponse(stream([item("a"), item("b"), completed([])]))).output).toMatchObject([
      { id: "a" },
      { id: "b" },
    ]);
  });

  it("puts together what had come of items that were never done", async () => {
    const text = (delta: string) => ({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta });
    const args = (delta: string) => ({ type: "response.function_call_arguments.delta", output_index: 1, delta });
    const folded = await foldResponse(
      stream(
        [
          added(0, { type: "message", id: "m", content: [] }),
          text("Hel"),
          added(1, { type: "function_call", id: "f", arguments: "" }),
        ],
        [args('{"a"'), text("lo"), args(":1")],
        [{ type: "response.incomplete", response: { status: "incomplete", output: [] } }],
      ),
    );
    expect(folded.output).toMatchObject([
      { status: "incomplete", content: [{ type: "output_text", text: "Hello" }] },
      { status: "incomplete", arguments: '{"a":1' },
    ]);
  });

  it("puts reasoning, refusals and custom tool input together as well", async () => {
    const folded = await foldResponse(
      stream([
        added(0, { type: "reasoning", summary: [] }),
        { type: "response.reasoning_summary_text.delta", output_index: 0, summary_index: 0, delta: "a" },
        { type: "response.reasoning_summary_text.delta", output_index: 0, summary_index: 1, delta: "b" },
        { type: "response.reasoning_text.delta", output_index: 0, content_index: 0, delta: "c" },
        added(1, { type: "message", content: [] }),
        { type: "response.refusal.delta", output_index: 1, content_index: 0, delta: "no" },
        added(2, { type: "custom_tool_call", input: "" }),
        { type: "response.custom_tool_call_input.delta", output_index: 2, delta: "x=1" },
        completed([]),
      ]),
    );
    expect(folded.output).toMatchObject([
      { summary: [{ text: "a" }, { text: "b" }], content: [{ type: "reasoning_text", text: "c" }] },
      { content: [{ type: "refusal", refusal: "no" }] },
      { input: "x=1" },
    ]);
  });

  it("has no answer for a stream without a terminal event", async () => {
    await expect(foldResponse(stream([done(0, message("m", "hi"))]))).rejects.toMatchObject({
      code: "stream_interrupted",
      retryable: true,
    });
  });
});
