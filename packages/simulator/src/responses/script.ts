import type { FaultLike } from "../faults.js";

/** A tool call that a script asks for. */
export interface ScriptedTool {
  name: string;
  /** For function tools: an object, or a string that is sent as it is. */
  arguments?: unknown;
  /** For custom tools: their free text. Makes it a `custom_tool_call`. */
  input?: string;
  namespace?: string;
}

/** What a prompt can ask the simulator to answer, as the JSON of a `SIM{...}` marker in the last user message. */
export interface Script {
  /** The answer's text; a list makes several messages. */
  text?: string | string[];
  /** Filler text of this many words, for load tests; ignored when `text` is there. */
  words?: number;
  /** So many words with the time when each is sent, then a hash of them: for measuring delays and proving that none is lost. */
  ticks?: number;
  /** A summary of reasoning; a list makes several parts. `""` makes a reasoning item without a summary; `false` none at all. */
  reasoning?: string | string[] | false;
  /** Tool calls, in parallel; the text, if any, comes before them. */
  tools?: ScriptedTool[];
  /** A message of the phase `commentary` before everything else but the reasoning. */
  commentary?: string;
  /** The phase of the text messages. Default: `final_answer`; null leaves it out. */
  phase?: "commentary" | "final_answer" | null;
  /** A refusal, in place of the text. */
  refusal?: string;
  /** A value that is sent as JSON text. */
  json?: unknown;
  /** An image, made by the hosted tool; the text is the revised prompt. */
  image?: string | true;
  /** A hosted web search, whose results the text cites. */
  search?: { query: string; results?: { url: string; title: string }[] };
  /** In how many pieces texts and arguments come. Default: a word each. */
  deltas?: number;
  /** The pause before each piece, in milliseconds. Default 0. */
  delayMs?: number;
  fault?: FaultLike;
  /** Only on the first so many requests with this last user message, so that a retry succeeds. Default: on all. */
  faultTimes?: number;
  usage?: { input_tokens?: number; cached_tokens?: number; output_tokens?: number; reasoning_tokens?: number };
  /** Overrides the question `completedOutput` for this answer. */
  completedOutput?: "empty" | "full";
  /** The model that the answer says it came from, when another one served it. */
  servedModel?: string;
  /** The whole stream, event by event: objects are framed, strings are written as they are. Replaces everything above. */
  events?: (Record<string, unknown> | string)[];
  /** What to answer after the next tool output. Default: a text that contains that output. */
  next?: Script;
  /** An older spelling of `next`. */
  then?: Script;
}

/** An input item, loosely read. */
export type InputItem = Record<string, unknown>;

/** Where a conversation stands: what the person said last, and what tools have answered since. */
export interface Turn {
  /** The last user message's text. */
  prompt: string;
  script?: Script;
  /** Why a marker could not be read. */
  scriptError?: string;
  /** The tool outputs after the last user message, with the name of the tool each. */
  toolOutputs: { name: string; output: string }[];
}

/** Writes a script for a prompt that carries none; undefined leaves the answer to the simulator. */
export type Scripting = (turn: Pick<Turn, "prompt" | "toolOutputs">) => Script | undefined;

/** Reads where a conversation stands. After the n-th round of tool outputs, the n-th `next` of the marker applies. */
export function readTurn(input: readonly InputItem[]): Turn {
  let last = input.length - 1;
  while (last >= 0 && input[last]?.role !== "user") last--;
  const prompt = last < 0 ? "" : textOf(input[last]?.content);
  const names = new Map<unknown, string>();
  const toolOutputs: Turn["toolOutputs"] = [];
  let rounds = 0;
  let inRound = false;
  for (const item of input.slice(last + 1)) {
    const isOutput = item.type === "function_call_output" || item.type === "custom_tool_call_output";
    if (isOutput) {
      toolOutputs.push({ name: names.get(item.call_id) ?? "tool", output: textOf(item.output) });
      if (!inRound) rounds++;
    } else if (typeof item.name === "string") {
      names.set(item.call_id, item.name);
    }
    inRound = isOutput;
  }
  const found = findScript(prompt);
  let script = found.script;
  for (let i = 0; i < rounds; i++) script = script?.next ?? script?.then;
  return {
    prompt,
    toolOutputs,
    ...(script ? { script } : {}),
    ...(found.error === undefined ? {} : { scriptError: found.error }),
  };
}

/** The text of a content field: a string as it is, the texts of parts joined by new lines. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  const texts: string[] = [];
  for (const part of content as unknown[]) {
    if (typeof part === "object" && part !== null && "text" in part && typeof part.text === "string")
      texts.push(part.text);
  }
  return texts.join("\n");
}

/** The first `SIM{...}` marker of a text. The JSON ends at its matching brace; what follows is ignored. */
export function findScript(text: string): { script?: Script; error?: string } {
  const start = text.search(/SIM\{\s*["}]/);
  if (start === -1) return {};
  const json = balanced(text, start + 3);
  if (json === undefined) return { error: "the marker SIM{...} does not end" };
  try {
    return { script: JSON.parse(json) as Script };
  } catch (error) {
    return { error: `the marker SIM{...} is not JSON: ${(error as Error).message}` };
  }
}

/** The text from the brace at `start` to the one that closes it, strings skipped. */
function balanced(text: string, start: number): string | undefined {
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return text.slice(start, i + 1);
  }
  return undefined;
}
