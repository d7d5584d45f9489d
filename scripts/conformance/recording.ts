/** One event of a recording: its type and the line that it stands on. */
export interface RecordedEvent {
  type: string;
  line: string;
  data: Record<string, unknown>;
}

/**
 * The answers of a recording: a file may hold several, one after the other, each begun by `response.created`. Throws
 * for a line that is not a JSON object.
 */
export function splitRecording(text: string): RecordedEvent[][] {
  const answers: RecordedEvent[][] = [];
  for (const [number, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const data = parseLine(line, number + 1);
    const type = typeof data.type === "string" ? data.type : "";
    if (type === "response.created" || answers.length === 0) answers.push([]);
    answers.at(-1)?.push({ type, line: JSON.stringify(data), data });
  }
  return answers;
}

/** The same answer as one backend sends it: an item has another id in each of its events, and its place alone stays. */
export function rotateIds(events: readonly RecordedEvent[]): RecordedEvent[] {
  let count = 0;
  const rotate = (item: unknown) => {
    const fields = item as Record<string, unknown>;
    return typeof fields.id === "string" ? { ...fields, id: `rotated_${count++}` } : fields;
  };
  return events.map((event) => {
    const data = { ...event.data };
    if (typeof data.item_id === "string") data.item_id = `rotated_${count++}`;
    if (isFields(data.item)) data.item = rotate(data.item);
    if (isFields(data.response) && Array.isArray(data.response.output)) {
      data.response = { ...data.response, output: data.response.output.map(rotate) };
    }
    return { type: event.type, line: JSON.stringify(data), data };
  });
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function parseLine(line: string, number: number): Record<string, unknown> {
  try {
    const data: unknown = JSON.parse(line);
    if (typeof data === "object" && data !== null) return data as Record<string, unknown>;
  } catch {
    // Told below, with the number of the line.
  }
  throw new Error(`line ${number} is not a JSON object`);
}

/** What a recording holds, read without any of the code under test. */
export interface Contents {
  /** The texts of all messages in order; refusals apart. */
  texts: string[];
  refusal: string;
  /** What a dialect with one text has: texts and refusals in order, without commentary. */
  plainTexts: string[];
  reasoning: string;
  /** Arguments and inputs of tool calls, by position. */
  calls: { name: string; input: string }[];
  usage: Record<string, unknown> | undefined;
  /** Whether the answer ends well. */
  ending: "completed" | "incomplete" | "failed" | "cut";
  /** The failure's code or type. */
  failure: string | undefined;
  /** Whether anything that a caller sees came before the end. */
  hasOutput: boolean;
}

type Fields = Record<string, unknown>;
interface Item {
  final: Fields | undefined;
  begun: Fields;
  deltas: Map<string, string>;
}

/** Reads what a recording holds: an item's final form where there is one, else what its deltas add up to. */
export function readContents(events: readonly RecordedEvent[]): Contents {
  const items = new Map<unknown, Item>();
  const contents: Contents = {
    texts: [],
    refusal: "",
    plainTexts: [],
    reasoning: "",
    calls: [],
    usage: undefined,
    ending: "cut",
    failure: undefined,
    hasOutput: false,
  };
  for (const { type, data } of events) {
    if (type === "response.completed" || type === "response.done" || type === "response.incomplete") {
      const response = data.response as Fields;
      contents.ending = type === "response.incomplete" || response.status === "incomplete" ? "incomplete" : "completed";
      contents.usage = (response.usage as Fields | null) ?? undefined;
      if (items.size === 0)
        for (const [key, final] of (response.output as Fields[]).entries())
          items.set(key, { final, begun: final, deltas: new Map() });
      break;
    }
    if (type === "response.failed" || type === "error") {
      const response = data.response as Fields | undefined;
      const error = (response?.error ?? data.error ?? data) as Fields;
      contents.ending = "failed";
      contents.failure = String(error.code ?? error.type);
      break;
    }
    const key = data.output_index ?? data.item_id ?? items.size;
    if (type === "response.output_item.added")
      items.set(key, { final: undefined, begun: data.item as Fields, deltas: new Map() });
    const item = items.get(key);
    if (type === "response.output_item.done") {
      if (item === undefined)
        items.set(key, { final: data.item as Fields, begun: data.item as Fields, deltas: new Map() });
      else item.final = data.item as Fields;
    } else if (type.endsWith(".delta") && item !== undefined) {
      const part = `${type} ${data.content_index ?? data.summary_index ?? 0}`;
      item.deltas.set(part, (item.deltas.get(part) ?? "") + String(data.delta));
    }
  }
  const inOrder = [...items.entries()].sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);
  for (const item of inOrder) addItem(contents, item);
  contents.hasOutput = inOrder.length > 0;
  return contents;
}

function addItem(contents: Contents, item: Item): void {
  const final = item.final;
  const fields = final ?? item.begun;
  const parts = (list: unknown, type: string, field: string, delta: string) =>
    final === undefined
      ? [...item.deltas].filter(([key]) => key.startsWith(delta)).map(([, value]) => value)
      : ((list as Fields[] | undefined) ?? []).filter((part) => part.type === type).map((part) => String(part[field]));
  switch (fields.type) {
    case "message": {
      const text = parts(fields.content, "output_text", "text", "response.output_text.delta").join("");
      const refusal = parts(fields.content, "refusal", "refusal", "response.refusal.delta").join("");
      contents.texts.push(text);
      contents.refusal += refusal;
      if (fields.phase !== "commentary") contents.plainTexts.push(text + refusal);
      return;
    }
    case "reasoning":
      contents.reasoning += parts(fields.summary, "summary_text", "text", "response.reasoning_summary_text.delta").join(
        "",
      );
      contents.reasoning += parts(fields.content, "reasoning_text", "text", "response.reasoning_text.delta").join("");
      return;
    case "function_call":
    case "custom_tool_call": {
      const whole = fields.arguments ?? fields.input;
      const streamed = [...item.deltas.values()].join("");
      contents.calls.push({ name: String(fields.name), input: final === undefined ? streamed : String(whole) });
    }
  }
}
