import { adjust, type RequestContext } from "../../canonical/context.js";
import { createEvent, type OutputItem, type ResponseEvent, type ResponseObject } from "../../canonical/events.js";
import { type Fields, isFields } from "../../canonical/read-fields.js";
import type { ResponsesRequest } from "../../canonical/request.js";
import type { Dialect, ReplyOptions } from "../dialect.js";

/**
 * Lets callers name their tools as they like: the backend takes 64 letters, digits, `_` and `-`. Other names are sent
 * in a form that fits, which is noted, and answers carry the caller's own name again. A request whose names all fit
 * goes through the dialect as if this were not there.
 */
export function withToolNames<Options extends ReplyOptions>(dialect: Dialect<Options>): Dialect<Options> {
  return {
    ...dialect,
    parseRequest(body, context) {
      const parsed = dialect.parseRequest(body, context);
      const sent = nameMap(parsed.request, context);
      if (sent.size === 0) return parsed;
      const original = new Map([...sent].map(([from, to]) => [to, from]));
      const reply = { ...parsed.reply, toolNames: original };
      const request = renameRequest(parsed.request, sent);
      // Several requests are the same one several times.
      const requests = parsed.requests && { requests: parsed.requests.map(() => request) };
      return { ...parsed, request, ...requests, reply };
    },
    createEncoder(reply) {
      const encoder = dialect.createEncoder(reply);
      const names = namesOf(reply);
      if (names === undefined) return encoder;
      return {
        event: (event, choice) => encoder.event(restoreEvent(event, names), choice),
        keepAlive: () => encoder.keepAlive(),
        error: (error) => encoder.error(error),
        end: () => encoder.end(),
        response: () => encoder.response?.(),
      };
    },
    encodeFinal(responses, reply) {
      const names = namesOf(reply);
      return dialect.encodeFinal(names ? responses.map((one) => restoreResponse(one, names)) : responses, reply);
    },
  };
}

type Names = ReadonlyMap<string, string>;

const fits = /^[\w-]{1,64}$/;

function nameMap(request: ResponsesRequest, context: RequestContext): Names {
  const places: [string, unknown][] = [
    ...toolPlaces(request.tools, "tools"),
    ...request.input.flatMap((item, index) => {
      const place = `input[${index}]`;
      if (item.type === "additional_tools") return toolPlaces(item.tools, `${place}.tools`);
      return nameKeys(item, isCall).map((key): [string, unknown] => [`${place}.${key}`, item[key]]);
    }),
  ];
  const names = new Map<string, string>();
  const taken = new Set(places.map(([, name]) => name));
  const numbers = new Map<string, number>();
  for (const [field, name] of places) {
    if (typeof name !== "string" || fits.test(name) || names.has(name)) continue;
    const sent = fitName(name, taken, numbers);
    taken.add(sent);
    names.set(name, sent);
    adjust(context, { field, action: "mapped", detail: `sent as ${sent}` });
  }
  return names;
}

/** The names of tools and of those inside namespaces, each with its place. */
function toolPlaces(tools: unknown, param: string): [string, unknown][] {
  if (!Array.isArray(tools)) return [];
  return tools.filter(isFields).flatMap((tool, index) => {
    const place = `${param}[${index}]`;
    const own = nameKeys(tool, isOwnTool).map((key): [string, unknown] => [`${place}.${key}`, tool[key]]);
    return tool.type === "namespace" ? [...own, ...toolPlaces(tool.tools, `${place}.tools`)] : own;
  });
}

/** So much of a name stays whatever number is put behind it. */
const stemLength = 52;

/**
 * The name with odd characters replaced and its end cut, numbered where another tool has it already. Names with one stem
 * share a count: thousands that begin alike are numbered in one go.
 */
function fitName(name: string, taken: ReadonlySet<unknown>, numbers: Map<string, number>): string {
  const plain = name.replace(/[^\w-]/g, "_");
  let fitted = plain.slice(0, 64);
  if (!taken.has(fitted)) return fitted;
  const stem = plain.slice(0, stemLength);
  let number = numbers.get(stem) ?? 2;
  do fitted = `${plain.slice(0, 64 - `_${number}`.length)}_${number++}`;
  while (taken.has(fitted));
  numbers.set(stem, number);
  return fitted;
}

function isOwnTool({ type }: Fields): boolean {
  return type === "function" || type === "custom" || type === "namespace";
}

function isCall({ type }: Fields): boolean {
  return type === "function_call" || type === "custom_tool_call";
}

/** The keys of a thing that hold names of tools. */
function nameKeys(thing: Fields, isNamed: (thing: Fields) => boolean): ("name" | "namespace")[] {
  return isNamed(thing) ? ["name", "namespace"] : [];
}

function renameRequest(request: ResponsesRequest, names: Names): ResponsesRequest {
  const input = request.input.map((item) =>
    item.type === "additional_tools" ? { ...item, tools: renameTools(item.tools, names) } : rename(item, isCall, names),
  );
  const renamed: ResponsesRequest = { ...request, input };
  if (request.tools !== undefined) renamed.tools = renameTools(request.tools, names);
  const choice = request.tool_choice;
  if (!isFields(choice)) return renamed;
  renamed.tool_choice = Array.isArray(choice.tools)
    ? { ...choice, tools: renameTools(choice.tools, names) }
    : rename(choice, isOwnTool, names);
  return renamed;
}

function renameTools<T>(tools: T, names: Names): T {
  if (!Array.isArray(tools)) return tools;
  return tools.map((tool: unknown) => {
    if (!isFields(tool)) return tool;
    const renamed = rename(tool, isOwnTool, names);
    return tool.type === "namespace" ? { ...renamed, tools: renameTools(tool.tools, names) } : renamed;
  }) as T;
}

function rename<T extends Fields>(thing: T, isNamed: (thing: Fields) => boolean, names: Names): T {
  let renamed = thing;
  for (const key of nameKeys(thing, isNamed)) {
    const name = thing[key];
    const other = typeof name === "string" ? names.get(name) : undefined;
    if (other !== undefined) renamed = { ...renamed, [key]: other };
  }
  return renamed;
}

function namesOf(reply: ReplyOptions): Names | undefined {
  return reply.toolNames;
}

function restoreEvent(event: ResponseEvent, names: Names): ResponseEvent {
  switch (event.type) {
    case "response.output_item.added":
    case "response.output_item.done":
      if (!event.data.item) return event;
      return createEvent({ ...event.data, item: rename(event.data.item, isCall, names) });
    case "response.function_call_arguments.done":
      return createEvent(rename(event.data, () => true, names));
    case "response.completed":
    case "response.incomplete":
    case "response.done":
      if (!event.data.response) return event;
      return createEvent({ ...event.data, response: restoreResponse(event.data.response, names) });
    default:
      return event;
  }
}

function restoreResponse(response: ResponseObject, names: Names): ResponseObject {
  if (!Array.isArray(response.output)) return response;
  return { ...response, output: response.output.map((item): OutputItem => rename(item, isCall, names)) };
}
