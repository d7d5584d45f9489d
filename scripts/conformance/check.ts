import { chatDialect, completionsDialect, type Dialect, responsesDialect } from "@codex/provider";
import {
  type Answer,
  readChatPlain,
  readChatStream,
  readCompletionPlain,
  readCompletionStream,
  readResponsesPlain,
  readResponsesStream,
} from "./answers.js";
import { type Contents, type RecordedEvent, readContents } from "./recording.js";
import { replay, toBytes } from "./replay.js";

interface Road {
  name: string;
  dialect: Dialect;
  plain: object;
  streamed: object;
  readPlain: (text: string) => Answer;
  readStream: (text: string) => Answer;
  /** What of a recording the dialect has words for. Default: all. */
  view?: (contents: Contents) => Contents;
}

const model = "gpt-5.5";
const tools = [{ type: "function", name: "any", parameters: { type: "object", properties: {} } }];
const chatBody = {
  model,
  messages: [{ role: "user", content: "hi" }],
  tools: [{ type: "function", function: { name: "any", parameters: {} } }],
};
const roads: readonly Road[] = [
  {
    name: "chat",
    dialect: chatDialect,
    plain: chatBody,
    streamed: { ...chatBody, stream: true, stream_options: { include_usage: true } },
    readPlain: readChatPlain,
    readStream: readChatStream,
  },
  {
    name: "responses",
    dialect: responsesDialect,
    plain: { model, input: "hi", tools },
    streamed: { model, input: "hi", tools, stream: true },
    readPlain: readResponsesPlain,
    readStream: readResponsesStream,
  },
  {
    name: "completions",
    dialect: completionsDialect,
    plain: { model, prompt: "hi" },
    streamed: { model, prompt: "hi", stream: true, stream_options: { include_usage: true } },
    readPlain: readCompletionPlain,
    readStream: readCompletionStream,
    view: viewAsText,
  },
];

/** A completion is one text; one that holds a refusal ends as `content_filter`. */
function viewAsText(contents: Contents): Contents {
  const ending = contents.ending === "completed" && contents.refusal !== "" ? "incomplete" : contents.ending;
  return { ...contents, texts: contents.plainTexts, refusal: "", reasoning: "", calls: [], ending };
}

/** The status that each failure must have before commit. Others are 502: something failed that may be tried again. */
const statusOfFailure: Readonly<Record<string, number>> = {
  insufficient_quota: 429,
  usage_limit_reached: 429,
  rate_limit_exceeded: 429,
  usage_not_included: 402,
  context_length_exceeded: 400,
  invalid_prompt: 400,
  cyber_policy: 400,
  bio_policy: 400,
  server_is_overloaded: 503,
  slow_down: 503,
};

/** Replays one recorded answer on every road and tells what does not hold. */
export async function checkRecording(events: readonly RecordedEvent[]): Promise<{ faults: string[]; replays: number }> {
  const recorded = readContents(events);
  const bytes = toBytes(events);
  const faults: string[] = [];
  let replays = 0;
  for (const road of roads) {
    const contents = road.view?.(recorded) ?? recorded;
    const whole = await replay(road.dialect, road.streamed, bytes, { at: [] });
    const plain = await replay(road.dialect, road.plain, bytes, { at: [] });
    const bare = await replay(road.dialect, road.streamed, toBytes(events, false), { at: [] });
    replays += 3;
    const say = (fault: string) => faults.push(`${road.name}: ${fault}`);
    if (bare.text !== whole.text) say("without event lines the stream is another");

    if (contents.ending === "failed" || contents.ending === "cut") {
      const status = contents.ending === "cut" ? 502 : (statusOfFailure[contents.failure ?? ""] ?? 502);
      if (plain.reply.status !== status) say(`plain: status ${plain.reply.status} instead of ${status}`);
      if (!isErrorBody(plain.text)) say("plain: no error object");
      const expected = contents.hasOutput ? 200 : status;
      if (whole.reply.status !== expected) say(`stream: status ${whole.reply.status} instead of ${expected}`);
      if (contents.hasOutput)
        for (const fault of compare(road.readStream(whole.text), contents, true)) say(`stream: ${fault}`);
    } else {
      if (whole.reply.status !== 200 || plain.reply.status !== 200)
        say(`status ${whole.reply.status} and ${plain.reply.status}`);
      const streamed = road.readStream(whole.text);
      const folded = road.readPlain(plain.text);
      for (const fault of compare(streamed, contents, false)) say(`stream: ${fault}`);
      for (const fault of compare(folded, contents, false)) say(`plain: ${fault}`);
      if (JSON.stringify(streamed) !== JSON.stringify(folded)) say("the stream does not fold to the plain answer");
    }

    for (const at of cutsOf(bytes.length)) {
      const cut = await replay(road.dialect, road.streamed, bytes, { at });
      replays++;
      // Signs of life before the first output may be grouped otherwise; the words may not.
      if (cut.text !== whole.text) say(`stream: other text when the bytes are cut at ${at.slice(0, 3).join(", ")}`);
    }
  }
  return { faults, replays };
}

function* cutsOf(length: number): Generator<number[]> {
  // Every byte by itself, then one cut at a time: everywhere in a small stream, at some 400 places in a large one.
  yield Array.from({ length }, (_, i) => i);
  const step = Math.max(1, Math.floor(length / 400));
  for (let at = 1; at < length; at += step) yield [at];
}

function compare(answer: Answer, contents: Contents, isPartial: boolean): string[] {
  const faults: string[] = [];
  const same = (name: string, got: unknown, wanted: unknown) => {
    const a = JSON.stringify(got);
    const b = JSON.stringify(wanted);
    if (a !== b) faults.push(`${name} is ${a?.slice(0, 120)} instead of ${b?.slice(0, 120)}`);
  };
  if (!isInOrder(answer.text, contents.texts)) same("text", answer.text, contents.texts.join(""));
  same("refusal", answer.refusal, contents.refusal);
  // Dialects set the parts of reasoning apart with blank lines.
  same("reasoning", answer.reasoning.replace(/\s+/g, ""), contents.reasoning.replace(/\s+/g, ""));
  same("tool calls", answer.calls, contents.calls);
  if (isPartial) {
    if (!answer.hasError) faults.push("no in-band error at the end");
    return faults;
  }
  if (answer.hasError) faults.push("an error in a good answer");
  if (!answer.isEnded) faults.push("no end");
  same("ending", answer.isIncomplete, contents.ending === "incomplete");
  const usage = contents.usage;
  same("usage", answer.usage, usage && [usage.input_tokens, usage.output_tokens, usage.total_tokens]);
  return faults;
}

/** Whether a text is these texts one after the other; chat sets several messages apart with white space. */
function isInOrder(text: string, texts: readonly string[]): boolean {
  let at = 0;
  for (const [index, part] of texts.filter((part) => part !== "").entries()) {
    if (index > 0 && !text.startsWith(part, at)) at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (!text.startsWith(part, at)) return false;
    at += part.length;
  }
  return at === text.length;
}

function isErrorBody(text: string): boolean {
  const { error } = JSON.parse(text) as { error?: { message?: unknown; type?: unknown } };
  return typeof error?.message === "string" && typeof error.type === "string";
}
