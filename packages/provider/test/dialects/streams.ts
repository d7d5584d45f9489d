import { createEvent, type EventData, type OutputItem, type ResponseEvent } from "../../src/canonical/events.js";

/** Made-up answers of a Responses backend, each a list of events as they come over the wire. */

const base = {
  id: "resp_made0up0001",
  object: "response",
  created_at: 1790000000,
  model: "gpt-6-sol",
  parallel_tool_calls: true,
  reasoning: { effort: "medium", summary: "auto" },
  text: { format: { type: "text" }, verbosity: "medium" },
  tool_choice: "auto",
  tools: [],
};

export const madeUpUsage = {
  input_tokens: 120,
  input_tokens_details: { cached_tokens: 64 },
  output_tokens: 30,
  output_tokens_details: { reasoning_tokens: 12 },
  total_tokens: 150,
};

type Unnumbered = Omit<EventData, "sequence_number">;

/** Numbers events, between the opening ones and whatever ends the stream. */
export function stream(inner: Unnumbered[], end: Unnumbered = completed()): ResponseEvent[] {
  const opening = ["response.created", "response.in_progress"].map((type) => ({
    type,
    response: { ...base, status: "in_progress", output: [], usage: null },
  }));
  return [...opening, ...inner, end].map(({ type, ...rest }, sequence) =>
    createEvent({ type, sequence_number: sequence, ...rest } as EventData),
  );
}

/** The end, with the empty output that the Codex backend often sends. */
export function completed(output: OutputItem[] = []): Unnumbered {
  return {
    type: "response.completed",
    response: { ...base, status: "completed", output, service_tier: "default", usage: madeUpUsage },
  };
}

export function incomplete(reason: string): Unnumbered {
  return {
    type: "response.incomplete",
    response: { ...base, status: "incomplete", incomplete_details: { reason }, output: [], usage: madeUpUsage },
  };
}

export function failed(code: string, message: string): Unnumbered {
  return {
    type: "response.failed",
    response: { ...base, status: "failed", error: { code, message }, output: [] },
  };
}

export function added(index: number, item: OutputItem): Unnumbered {
  return { type: "response.output_item.added", output_index: index, item };
}

export function done(index: number, item: OutputItem): Unnumbered {
  return { type: "response.output_item.done", output_index: index, item };
}

export interface PieceOptions {
  /** Leaves the deltas out: the text comes only in `done` events. */
  doneOnly?: boolean;
  phase?: string;
  annotations?: Record<string, unknown>[];
  status?: string;
}

/** All events of a message with one text part. */
export function message(index: number, pieces: string[], options: PieceOptions = {}): Unnumbered[] {
  const id = `msg_${index}`;
  const at = { item_id: id, output_index: index, content_index: 0 };
  const annotations = options.annotations ?? [];
  const text = pieces.join("");
  const phase = options.phase === undefined ? {} : { phase: options.phase };
  const part = { type: "output_text", annotations, logprobs: [], text };
  const item = { id, type: "message", role: "assistant", ...phase };
  return [
    added(index, { ...item, status: "in_progress", content: [] }),
    { type: "response.content_part.added", ...at, part: { ...part, annotations: [], text: "" } },
    ...(options.doneOnly ? [] : pieces.map((delta) => ({ type: "response.output_text.delta", ...at, delta }))),
    ...annotations.map((annotation, annotationIndex) => ({
      type: "response.output_text.annotation.added",
      ...at,
      annotation_index: annotationIndex,
      annotation,
    })),
    { type: "response.output_text.done", ...at, text },
    { type: "response.content_part.done", ...at, part },
    done(index, { ...item, status: options.status ?? "completed", content: [part] }),
  ];
}

export function refusal(index: number, pieces: string[], options: PieceOptions = {}): Unnumbered[] {
  const at = { item_id: `msg_${index}`, output_index: index, content_index: 0 };
  const item = { id: `msg_${index}`, type: "message", role: "assistant" };
  const text = pieces.join("");
  return [
    added(index, { ...item, status: "in_progress", content: [] }),
    ...(options.doneOnly ? [] : pieces.map((delta) => ({ type: "response.refusal.delta", ...at, delta }))),
    { type: "response.refusal.done", ...at, refusal: text },
    done(index, { ...item, status: "completed", content: [{ type: "refusal", refusal: text }] }),
  ];
}

/** All events of a reasoning item; each summary part is a list of pieces. */
export function reasoning(
  index: number,
  summaries: string[][],
  options: PieceOptions & { encrypted?: string; raw?: string[] } = {},
): Unnumbered[] {
  const id = `rs_${index}`;
  const raw = options.raw ?? [];
  const summary = summaries.map((pieces) => ({ type: "summary_text", text: pieces.join("") }));
  const parts = summaries.flatMap((pieces, summaryIndex) => {
    const at = { item_id: id, output_index: index, summary_index: summaryIndex };
    const part = { type: "summary_text", text: pieces.join("") };
    return [
      { type: "response.reasoning_summary_part.added", ...at, part: { type: "summary_text", text: "" } },
      ...(options.doneOnly
        ? []
        : pieces.map((delta) => ({ type: "response.reasoning_summary_text.delta", ...at, delta }))),
      { type: "response.reasoning_summary_text.done", ...at, text: part.text },
      { type: "response.reasoning_summary_part.done", ...at, part },
    ];
  });
  const rawAt = { item_id: id, output_index: index, content_index: 0 };
  const rawParts = options.doneOnly
    ? []
    : raw.map((delta) => ({ type: "response.reasoning_text.delta", ...rawAt, delta }));
  const item: OutputItem = { id, type: "reasoning", summary };
  if (raw.length > 0) item.content = [{ type: "reasoning_text", text: raw.join("") }];
  if (options.encrypted !== undefined) item.encrypted_content = options.encrypted;
  return [added(index, { id, type: "reasoning", summary: [] }), ...parts, ...rawParts, done(index, item)];
}

/** The events of a tool call in three parts, so that several calls can be woven into each other. */
export function call(index: number, name: string, pieces: string[], options: PieceOptions & { custom?: boolean } = {}) {
  const prefix = options.custom ? "ctc" : "fc";
  const field = options.custom ? "input" : "arguments";
  const kind = options.custom ? "custom_tool_call_input" : "function_call_arguments";
  const at = { item_id: `${prefix}_${index}`, output_index: index };
  const item = {
    id: `${prefix}_${index}`,
    type: options.custom ? "custom_tool_call" : "function_call",
    call_id: `call_${index}`,
    name,
  };
  const whole = pieces.join("");
  return {
    begin: [added(index, { ...item, status: "in_progress", [field]: "" })],
    pieces: options.doneOnly ? [] : pieces.map((delta) => ({ type: `response.${kind}.delta`, ...at, delta })),
    end: [
      { type: `response.${kind}.done`, ...at, [field]: whole },
      done(index, { ...item, status: "completed", [field]: whole }),
    ],
  };
}

function whole(index: number, name: string, pieces: string[], options?: PieceOptions & { custom?: boolean }) {
  const { begin, pieces: deltas, end } = call(index, name, pieces, options);
  return [...begin, ...deltas, ...end];
}

const citation = (start: number, end: number) => ({
  type: "url_citation",
  start_index: start,
  end_index: end,
  title: "A page",
  url: "https://example.com/page",
});

function woven(): Unnumbered[] {
  const first = call(0, "weather", ['{"city":', '"Berlin"}']);
  const second = call(1, "time", ['{"zone":', '"CET"', "}"]);
  return [
    ...first.begin,
    ...first.pieces.slice(0, 1),
    ...second.begin,
    ...second.pieces.slice(0, 1),
    ...first.pieces.slice(1),
    ...second.pieces.slice(1),
    ...first.end,
    ...second.end,
  ];
}

/** The streams of which goldens are kept, by name. */
export const madeUpStreams: Readonly<Record<string, ResponseEvent[]>> = {
  text: stream(message(0, ["Hello", ", ", 'wörld "quoted" \\ 🎈', "\n"])),
  "reasoning-and-text": stream([
    ...reasoning(
      0,
      [
        ["**Plan", "ning**"],
        ["Then", " more"],
      ],
      { encrypted: "gAAAmadeup==" },
    ),
    ...message(1, ["The answer", " is 4."]),
  ]),
  "raw-reasoning": stream([...reasoning(0, [], { raw: ["step one,", " step two"] }), ...message(1, ["4"])]),
  "tool-call": stream(whole(0, "weather", ['{"city"', ':"Berlin"}'])),
  "parallel-tool-calls": stream(woven()),
  "custom-tool-call": stream(whole(0, "write_sql", ["SELECT *", " FROM users"], { custom: true })),
  "tool-call-at-once": stream([
    ...whole(0, "weather", ['{"city":"Berlin"}'], { doneOnly: true }),
    done(1, {
      id: "fc_1",
      type: "function_call",
      call_id: "call_1",
      name: "time",
      arguments: "{}",
      status: "completed",
    }),
  ]),
  refusal: stream(refusal(0, ["I can't", " help with that."])),
  annotations: stream([
    ...message(0, ["Looking it up 🔎."], { phase: "commentary" }),
    ...message(1, ["See the page", " for more."], { annotations: [citation(8, 12), citation(0, 3)] }),
  ]),
  image: stream([
    added(0, { id: "ig_0", type: "image_generation_call", status: "in_progress" }),
    { type: "response.image_generation_call.generating", output_index: 0, item_id: "ig_0" },
    done(0, {
      id: "ig_0",
      type: "image_generation_call",
      status: "completed",
      output_format: "webp",
      result: "UklGRg==",
    }),
    ...message(1, ["A balloon."]),
  ]),
  incomplete: stream(message(0, ["Once upon", " a"], { status: "incomplete" }), incomplete("max_output_tokens")),
  filtered: stream(message(0, ["Once"], { status: "incomplete" }), incomplete("content_filter")),
  phases: stream([
    ...message(0, ["I'll look", " at it."], { phase: "commentary" }),
    ...whole(1, "look", ["{}"]),
    ...message(2, ["Done."], { phase: "final_answer" }),
  ]),
  unknown: stream([
    { type: "codex.rate_limits", plan_type: "plus" },
    { type: "response.metadata", headers: { "openai-model": "gpt-6-sol" } },
    { type: "response.sparkle.added", output_index: 0, sparkle: { sequence_number: 99, text: "new" } },
    added(0, { id: "sp_0", type: "sparkle_call", status: "in_progress" }),
    done(0, { id: "sp_0", type: "sparkle_call", status: "completed", delta: "none of chat's" }),
    ...message(1, ["Hi."]),
  ]),
  "done-only": stream([
    ...reasoning(0, [["First."], ["Second."]], { doneOnly: true }),
    ...message(1, ["Whole ", "text."], { doneOnly: true }),
    ...refusal(2, ["No."], { doneOnly: true }),
  ]),
  "cut-deltas": stream([
    ...message(0, ["All ", "of ", "it 🎈."]).filter((event) => event.delta !== "it 🎈."),
    ...whole(1, "look", ['{"a":', "1}"]).filter((event) => event.delta !== "1}"),
  ]),
  "completed-only": stream(
    [],
    completed([
      { id: "msg_0", type: "message", role: "assistant", content: [{ type: "output_text", text: "All at once." }] },
      { id: "fc_1", type: "function_call", call_id: "call_1", name: "look", arguments: "{}" },
    ]),
  ),
};
