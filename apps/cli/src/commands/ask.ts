import { CodexError, isCodexError } from "@codex/errors";
import type {
  Adjustment,
  BackendRequest,
  CodexClient,
  RequestContext,
  ResponseEvent,
  ResponseObject,
  ResponsesRequest,
} from "@codex/provider";
import type { Terminal } from "../terminal.js";
import { refuseUsage } from "../usage.js";

export interface AskOptions {
  /** Default: the account's first. */
  model?: string;
  /** Default: the model's own. */
  effort?: string;
  /** Instructions. Default: by CODEX_MODE. */
  system?: string;
  /** One JSON object at the end, in place of text as it comes. */
  json?: boolean;
  /** Show the summary of the model's reasoning on stderr. */
  reasoning?: boolean;
}

/** Asks once and prints the answer as it comes. Throws a CodexError; `aborted` when the signal says so. */
export async function ask(
  client: CodexClient,
  terminal: Terminal,
  words: readonly string[],
  options: AskOptions,
  signal: AbortSignal,
): Promise<number> {
  const prompt = await readPrompt(words, terminal);
  const modelList = "`codex-oauth models`";
  const context: RequestContext = { headers: {}, signal, adjustments: [], modelList };
  const request = await buildRequest(client, prompt, options, signal);
  try {
    await answer(client.ask(request, context), context, terminal, options);
    await waitForRenewal(client, signal);
    return 0;
  } catch (error) {
    if (isWrongFlag(error)) return refuseUsage(error, terminal);
    throw error;
  }
}

/** How long old instructions may take to be renewed once the answer is printed, in milliseconds. */
const renewalLimitMs = 1000;

/** The renewal would die with this process, and the next one would find the same old text. */
async function waitForRenewal(client: CodexClient, signal: AbortSignal): Promise<void> {
  const renewal = client.renewal();
  if (renewal === undefined || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, renewalLimitMs);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
    renewal.then(end, end);
  });
}

async function answer(
  asked: BackendRequest,
  context: RequestContext,
  terminal: Terminal,
  options: AskOptions,
): Promise<void> {
  if (options.json) {
    const { response } = await asked.fold();
    noteAdjustments(context.adjustments, terminal);
    await terminal.print(`${JSON.stringify(summarize(response), null, 2)}\n`);
    return;
  }
  const stream = await asked.open();
  noteAdjustments(context.adjustments, terminal);
  await printEvents(stream.events, terminal, options.reasoning === true);
}

/** Whether an effort that does not exist was asked for, by its flag or by the model's name. */
function isWrongFlag(error: unknown): boolean {
  if (!isCodexError(error) || error.code !== "request_invalid") return false;
  return error.param === "reasoning.effort" || error.param === "model";
}

/** The words of the command line and stdin; `-` among the words stands for stdin, else it follows them. */
async function readPrompt(words: readonly string[], terminal: Terminal): Promise<string> {
  const asksForInput = words.includes("-");
  const input = asksForInput || terminal.hasInput ? (await terminal.readInput()).trim() : "";
  const text = words.filter((word) => word !== "-").join(" ");
  const prompt = [text, input].filter((part) => part !== "").join("\n\n");
  if (prompt !== "") return prompt;
  throw new CodexError("request_invalid", 'There is no question. Write it behind the command: codex-oauth ask "..."');
}

async function buildRequest(
  client: CodexClient,
  prompt: string,
  { model, effort, system, reasoning }: AskOptions,
  signal: AbortSignal,
): Promise<ResponsesRequest> {
  const wanted = {
    ...(effort !== undefined && { effort }),
    ...(reasoning && { summary: "auto" }),
  };
  return {
    model: model ?? (await firstModel(client, signal)),
    ...(system !== undefined && { instructions: system }),
    input: [{ type: "message", role: "user", content: [{ type: "input_text", text: prompt }] }],
    ...(Object.keys(wanted).length > 0 && { reasoning: wanted }),
  };
}

async function firstModel(client: CodexClient, signal: AbortSignal): Promise<string> {
  const first = (await client.models.list(signal)).find(({ visibility }) => visibility === "list");
  if (first !== undefined) return first.slug;
  throw new CodexError("model_not_found", "The account lists no model. Choose one with --model.");
}

async function printEvents(events: AsyncIterable<ResponseEvent[]>, terminal: Terminal, reasoning: boolean) {
  const { noteColors } = terminal;
  let last = "\n";
  let lastNote = "\n";
  for await (const batch of events) {
    let text = "";
    for (const { type, data } of batch) {
      if (type === "response.output_text.delta" || type === "response.refusal.delta") text += String(data.delta);
      else if (type === "response.output_item.added" && data.item?.type === "message" && last !== "\n") text += "\n\n";
      else if (reasoning && type === "response.reasoning_summary_text.delta") {
        lastNote = String(data.delta);
        terminal.noteOn(noteColors.dim(lastNote));
      } else if (reasoning && type === "response.reasoning_summary_text.done") {
        terminal.noteOn(lastNote.endsWith("\n") ? "\n" : "\n\n");
      } else if (type === "response.incomplete") {
        const reason = data.response?.incomplete_details?.reason ?? "no reason given";
        terminal.note(noteColors.yellow(`\nThe answer is not complete: ${reason}.\n`));
      }
    }
    if (text === "") continue;
    last = text.at(-1) as string;
    await terminal.print(text);
  }
  if (last !== "\n") await terminal.print("\n");
}

/** Instructions are added to every question, which has none of its own: that is no news. */
function noteAdjustments(adjustments: readonly Adjustment[], { note, noteColors }: Terminal): void {
  for (const { field, action, detail } of adjustments) {
    if (action !== "added")
      note(noteColors.dim(`${field} was ${action}${detail === undefined ? "" : `: ${detail}`}\n`));
  }
}

/** What a script wants to know of an answer. */
function summarize(response: ResponseObject) {
  const items = response.output ?? [];
  return {
    id: response.id ?? null,
    model: response.model ?? null,
    status: response.status ?? null,
    text: items
      .filter(({ type }) => type === "message")
      .map(({ content }) => textOf(content))
      .join("\n\n"),
    reasoning: items
      .filter(({ type }) => type === "reasoning")
      .map(({ summary }) => textOf(summary))
      .join("\n\n"),
    usage: response.usage ?? null,
  };
}

function textOf(parts: unknown): string {
  if (!Array.isArray(parts)) return "";
  return parts.map((part: { text?: string; refusal?: string }) => part.text ?? part.refusal ?? "").join("");
}
