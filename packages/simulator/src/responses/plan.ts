import { sampleArguments, sampleValue } from "./sample.js";
import { type Script, type ScriptedTool, type Turn, textOf } from "./script.js";
import { tickText } from "./ticks.js";
import { allTools, type Tool } from "./tools.js";

/** One output item to be, before it has ids and events. */
export type PlannedItem =
  | { kind: "reasoning"; summary: string[] }
  | {
      kind: "message";
      text: string;
      phase?: "commentary" | "final_answer";
      citations?: { url: string; title: string }[];
    }
  | { kind: "refusal"; text: string }
  | { kind: "function_call"; name: string; namespace?: string; arguments: string }
  | { kind: "custom_tool_call"; name: string; namespace?: string; input: string }
  | { kind: "image"; prompt: string }
  | { kind: "search"; query: string; results: { url: string; title: string }[] };

/** A request body that has passed validation. */
export type ResponsesBody = Record<string, unknown> & { model: string; input: Record<string, unknown>[] };

/** Decides what to answer: what the script says, else tool calls, else a sentence. The same request gives the same plan. */
export function planAnswer(body: ResponsesBody, turn: Turn): PlannedItem[] {
  const items = turn.script ? planScript(body, turn.script) : planDefault(body, turn);
  const asksReasoning = typeof body.reasoning === "object" && body.reasoning !== null;
  const effort = (body.reasoning as { effort?: string } | undefined)?.effort;
  if (turn.script?.reasoning === undefined && asksReasoning && effort !== "none" && effort !== "minimal") {
    const wantsSummary = typeof (body.reasoning as { summary?: unknown }).summary === "string";
    items.unshift({
      kind: "reasoning",
      summary: wantsSummary ? ["**Reading the request**\n\nThe last message decides."] : [],
    });
  }
  return items;
}

function planScript(body: ResponsesBody, script: Script): PlannedItem[] {
  const items: PlannedItem[] = [];
  if (typeof script.reasoning === "string")
    items.push({ kind: "reasoning", summary: script.reasoning ? [script.reasoning] : [] });
  if (Array.isArray(script.reasoning)) items.push({ kind: "reasoning", summary: script.reasoning });
  if (script.commentary !== undefined) items.push({ kind: "message", text: script.commentary, phase: "commentary" });
  if (script.search)
    items.push({ kind: "search", query: script.search.query, results: script.search.results ?? sources });
  if (script.image !== undefined)
    items.push({ kind: "image", prompt: script.image === true ? "a single pixel" : script.image });
  if (script.refusal !== undefined) items.push({ kind: "refusal", text: script.refusal });
  for (const text of scriptTexts(script)) {
    const phase = script.phase === undefined ? "final_answer" : script.phase;
    items.push({
      kind: "message",
      text,
      ...(phase === null ? {} : { phase }),
      ...(script.search ? { citations: script.search.results ?? sources } : {}),
    });
  }
  for (const tool of script.tools ?? []) items.push(toolCall(body, tool));
  return items;
}

function scriptTexts(script: Script): string[] {
  if (script.text !== undefined) return Array.isArray(script.text) ? script.text : [script.text];
  if (script.json !== undefined) return [JSON.stringify(script.json)];
  if (script.ticks !== undefined) return [tickText(script.ticks)];
  if (script.words !== undefined) return [filler(script.words)];
  const empty = !script.tools?.length && script.refusal === undefined && script.image === undefined;
  return empty && script.search === undefined ? [""] : [];
}

function toolCall(body: ResponsesBody, tool: ScriptedTool, prompt = ""): PlannedItem {
  const offered = allTools(body).find((other) => other.name === tool.name);
  const space = tool.namespace ?? offered?.namespace;
  const namespace = typeof space === "string" ? { namespace: space } : {};
  if (tool.input !== undefined || offered?.type === "custom") {
    return { kind: "custom_tool_call", name: tool.name, ...namespace, input: tool.input ?? "sample" };
  }
  const value = tool.arguments ?? sampleArguments(offered?.parameters ?? { type: "object" }, prompt);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return { kind: "function_call", name: tool.name, ...namespace, arguments: text };
}

const sources = [
  { url: "https://example.com/first", title: "First example" },
  { url: "https://example.com/second", title: "Second example" },
];

function planDefault(body: ResponsesBody, turn: Turn): PlannedItem[] {
  const outputs = turn.toolOutputs;
  const format = (body.text as { format?: { type?: string; schema?: unknown } } | undefined)?.format;
  if (outputs.length === 0) {
    const tool = toolToCall(body, turn.prompt);
    if (tool?.type === "image_generation") return [{ kind: "image", prompt: turn.prompt }, final("Here is the image.")];
    if (tool?.type.startsWith("web_search")) {
      return [
        { kind: "search", query: turn.prompt.slice(0, 200), results: sources },
        { ...final("Two pages say something about it: the first example and the second example."), citations: sources },
      ];
    }
    if (tool) return [toolCall(body, tool, turn.prompt)];
  }
  if (format?.type === "json_schema") return [final(JSON.stringify(sampleValue(format.schema)))];
  if (format?.type === "json_object") return [final(JSON.stringify({ answer: turn.prompt.slice(0, 200) }))];
  if (outputs.length > 0) {
    return [final(outputs.map(({ name, output }) => `The tool ${name} answered: ${output}`).join("\n"))];
  }
  if (turn.scriptError !== undefined) return [final(`The simulator could not read the script: ${turn.scriptError}.`)];
  const images = countImages(body);
  const seen = images > 0 ? ` I see ${images === 1 ? "one image" : `${images} images`}.` : "";
  return [final(`This is the simulator, answering for ${body.model}.${seen} You said: ${turn.prompt}`)];
}

function final(text: string): Extract<PlannedItem, { kind: "message" }> {
  return { kind: "message", text, phase: "final_answer" };
}

function countImages(body: ResponsesBody): number {
  const last = body.input.findLast((item) => item.role === "user");
  if (!Array.isArray(last?.content)) return 0;
  return (last.content as { type?: string }[]).filter((part) => part.type === "input_image").length;
}

/** The tool that the request forces, or that the prompt asks for by its name, by what it does, or as "a tool". */
function toolToCall(body: ResponsesBody, prompt: string): (Tool & { name: string }) | undefined {
  const tools = allTools(body).map((tool) => ({ ...tool, name: tool.name ?? tool.type }));
  const choice = body.tool_choice;
  if (tools.length === 0 || choice === "none") return undefined;
  const callable = tools.filter((tool) => tool.type === "function" || tool.type === "custom");
  if (typeof choice === "object" && choice !== null) {
    const { name, type } = choice as { name?: string; type?: string };
    const forced = tools.find((tool) => (name === undefined ? tool.type === type : tool.name === name));
    if (forced) return forced;
    if (type === "allowed_tools" && (choice as { mode?: string }).mode === "required") return callable[0];
  }
  if (choice === "required") return callable.find((tool) => mentions(prompt, tool.name)) ?? callable[0] ?? tools[0];
  const named = callable.find((tool) => mentions(prompt, tool.name));
  if (named) return named;
  if (/\b(use|call|run|invoke|using|with)\b[^.?!]*\b(tool|function)s?\b/i.test(prompt)) return callable[0];
  if (/\b(draw|paint|picture|generate an image|make an image)\b/i.test(prompt)) {
    return tools.find((tool) => tool.type === "image_generation");
  }
  if (/\b(search|look up|on the web)\b/i.test(prompt)) return tools.find((tool) => tool.type.startsWith("web_search"));
  return undefined;
}

const dullWords = new Set([
  "this",
  "that",
  "with",
  "from",
  "into",
  "list",
  "make",
  "have",
  "user",
  "data",
  "tool",
  "text",
  "call",
  "send",
  "read",
  "write",
  "update",
  "create",
  "request",
  "image",
  "input",
]);

/** Whether a prompt names a tool, or one of the telling words in its name: `get_weather` by "weather". */
function mentions(prompt: string, name: string): boolean {
  if (prompt.includes(name)) return true;
  const words = name.split(/[_\-.]|(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase());
  const said = prompt.toLowerCase();
  return words.some((word) => word.length > 3 && !dullWords.has(word) && new RegExp(`\\b${word}\\b`).test(said));
}

const fillerWords =
  "the quick simulator sends one word after another and never gets tired of it while a client reads along".split(" ");

function filler(count: number): string {
  const words: string[] = [];
  for (let i = 0; i < count; i++) words.push(fillerWords[i % fillerWords.length] as string);
  return words.join(" ");
}

/** The length of a request's texts up to an item, for counting tokens: instructions, messages, arguments, outputs; no images. */
export function countInputCharacters(body: ResponsesBody, end: number): number {
  let count = typeof body.instructions === "string" ? body.instructions.length : 0;
  for (const item of body.input.slice(0, end)) {
    count += 8 + textOf(item.content).length + textOf(item.output).length + textOf(item.summary).length;
    if (typeof item.arguments === "string") count += item.arguments.length;
    if (typeof item.input === "string") count += item.input.length;
  }
  return count;
}
