/**
 * Replays recorded Responses streams (`*.chunks.txt`, one JSON event a line) through the provider, on both pairs of
 * versions, streamed and plain, and checks that all text, reasoning, tool calls and usage arrive, once and in order:
 * `pnpm --filter @codex/ai-sdk replay --dir DIR`. Exit code 1 and a line for each answer that does not hold.
 */
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createInjectedSession } from "@codex/auth";
import { type Contents, readContents, splitRecording } from "../../../scripts/conformance/recording.js";
import { toBytes } from "../../../scripts/conformance/replay.js";
import { createCodexWith } from "../src/provider.js";
import { type Pair, pairs } from "../test/pairs.js";

const { values } = parseArgs({ options: { dir: { type: "string" } } });
if (values.dir === undefined) throw new Error("Say which folder: --dir DIR");

/** What came of an answer, in the words of the AI SDK. */
interface Read {
  text: string;
  reasoning: string;
  calls: { name: string; input: string }[];
  inputTokens: number | undefined;
  failure: string | undefined;
}

type Part = { type: string; [field: string]: unknown };

let bytes: Uint8Array = new Uint8Array();
const server = createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    // In pieces that end anywhere.
    for (let at = 0; at < bytes.length; at += 997) response.write(bytes.subarray(at, at + 997));
    response.end();
  });
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/backend-api/codex`;
const getAccessToken = async () => "made-up";

const prompt = [{ role: "user", content: [{ type: "text", text: "hello" }] }];

function add(read: Read, part: Part): void {
  if (part.type === "text-delta" || part.type === "text") read.text += part.delta ?? part.text;
  else if (part.type === "reasoning-delta" || part.type === "reasoning") read.reasoning += part.delta ?? part.text;
  else if (part.type === "tool-call" && part.providerExecuted !== true) {
    read.calls.push({ name: String(part.toolName), input: String(part.input) });
  } else if (part.type === "error") read.failure = String(part.error);
}

async function ask(pair: Pair, stream: boolean): Promise<Read> {
  const session = createInjectedSession({ getAccessToken, location: "a replay", hint: "none is needed" });
  const codex = createCodexWith(pair.sdk, { session, baseURL }, { backoff: { baseMs: 1 } });
  const read: Read = { text: "", reasoning: "", calls: [], inputTokens: undefined, failure: undefined };
  try {
    const model = codex("gpt-6-sol");
    const options = { prompt } as unknown as Parameters<typeof model.doStream>[0];
    if (stream) {
      const reader = (await model.doStream(options)).stream as unknown as AsyncIterable<Part>;
      for await (const part of reader) {
        add(read, part);
        if (part.type === "finish")
          read.inputTokens = (part.usage as { inputTokens: { total: number } }).inputTokens.total;
      }
    } else {
      const { content, usage } = await model.doGenerate(options);
      for (const part of content as unknown as Part[]) add(read, part);
      read.inputTokens = usage.inputTokens.total;
    }
  } catch (error) {
    read.failure = error instanceof Error ? error.message : String(error);
  } finally {
    await codex.close();
  }
  return read;
}

/** What an answer lacks of its recording; the AI SDK has no place for refusals and raw reasoning. */
function compare(read: Read, contents: Contents): string[] {
  if (contents.ending === "failed" || contents.ending === "cut") {
    return read.failure === undefined ? ["its failure is not told"] : [];
  }
  const faults: string[] = [];
  if (read.failure !== undefined) faults.push(`it fails: ${read.failure}`);
  if (read.text !== contents.texts.join("")) faults.push("the text differs");
  if (read.reasoning !== contents.reasoning) faults.push("the reasoning differs");
  const calls = (list: readonly { name: string; input: string }[]) => JSON.stringify(list.map(({ input }) => input));
  const expected = contents.calls.map(({ name, input }) => ({ name, input }));
  const unquoted = read.calls.map(({ name, input }) => ({ name, input: unquote(input, expected) }));
  if (calls(unquoted) !== calls(expected)) faults.push(`the tool calls differ: ${JSON.stringify(read.calls)}`);
  if (read.inputTokens !== contents.usage?.input_tokens) faults.push("the usage differs");
  return faults;
}

/** Inputs of custom tools are text, which the SDK has as a JSON string. */
function unquote(input: string, expected: readonly { input: string }[]): string {
  if (expected.some((call) => call.input === input)) return input;
  try {
    const value: unknown = JSON.parse(input);
    return typeof value === "string" ? value : input;
  } catch {
    return input;
  }
}

let replays = 0;
let faulty = 0;
const files = (await readdir(values.dir)).filter((name) => name.endsWith(".chunks.txt")).sort();
if (files.length === 0) throw new Error(`There is no *.chunks.txt in ${values.dir}.`);
for (const file of files) {
  const answers = splitRecording(await readFile(join(values.dir, file), "utf8"));
  for (const [number, events] of answers.entries()) {
    bytes = toBytes(events);
    const whole = readContents(events);
    // Of a stream the SDK reads the deltas alone, and some recordings have had most of theirs taken out.
    const texts = events
      .filter(({ type }) => type === "response.output_text.delta")
      .map(({ data }) => String(data.delta));
    for (const pair of pairs) {
      for (const stream of [true, false]) {
        replays++;
        const faults = compare(await ask(pair, stream), stream ? { ...whole, texts } : whole);
        if (faults.length === 0) continue;
        faulty++;
        console.log(
          `${file}, answer ${number + 1}, ${pair.name}, ${stream ? "streamed" : "plain"}: ${faults.join("; ")}`,
        );
      }
    }
  }
}
server.close();
server.closeAllConnections();
console.log(`${files.length} recordings, ${replays} replays, ${faulty} of them do not hold.`);
process.exitCode = faulty === 0 ? 0 : 1;
