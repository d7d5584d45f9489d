import { isDeepStrictEqual } from "node:util";
import { type Answer, ask, type House } from "../start-house.js";
import { bases, type Sample } from "./samples.js";
import type { Api } from "./sdk-fields.js";

/** What became of a field. */
export type Outcome =
  | "passed"
  | "mapped"
  | "emulated"
  | "answered here"
  | "dropped and reported"
  | "passed, or dropped and reported where the backend refuses it"
  | "refused"
  | "dropped silently";

export interface Observation {
  outcome: Outcome;
  /** Where it went, or what was told of it. */
  detail: string;
}

type Body = Record<string, unknown>;

/** One request through the house, and what the backend was sent for it. */
interface Run {
  answer: Answer;
  sent: Body[];
}

/** Sends a request with the field and one without it, and looks at what the difference is. */
export async function observe(house: House, api: Api, { field, value, beside = {} }: Sample): Promise<Observation> {
  const body = { ...bases[api], ...beside };
  const without = await run(house, api, body);
  const given = await run(house, api, withField(body, field, value));

  const { status, headers, text } = given.answer;
  if (status !== 200) {
    const { error } = JSON.parse(text);
    if (status === 400 && String(error.param).split(/[.[]/)[0] === field.split(".")[0])
      return { outcome: "refused", detail: firstSentence(error.message) };
    throw new Error(`${api} ${field}: ${status} ${text}`);
  }
  const note = readNotes(headers["x-codex-adjusted"]).find(
    (entry) => entry.field === field || isInside(field, entry.field),
  );
  const tried =
    given.sent.length > 1 && given.sent.some((sent) => field in sent && !(field in (given.sent.at(-1) ?? {})));
  if (tried) return { outcome: "passed, or dropped and reported where the backend refuses it", detail: "" };
  switch (note?.action) {
    case "dropped":
      return { outcome: "dropped and reported", detail: note.detail };
    case "emulated":
      return { outcome: "emulated", detail: note.detail };
    case "mapped":
    case "clamped":
      return { outcome: "mapped", detail: note.detail };
  }
  if (given.sent.length > without.sent.length) return { outcome: "emulated", detail: `${given.sent.length} requests` };
  const [before = {}] = without.sent;
  const [after = {}] = given.sent;
  if (holds(valueAt(after, field), value) && !holds(valueAt(before, field), value)) {
    return { outcome: "passed", detail: "" };
  }
  const changed = changes(before, after).filter((path) => path !== "prompt_cache_key");
  if (changed.length > 0)
    return { outcome: "mapped", detail: [...new Set(changed)].map((path) => `\`${path}\``).join(", ") };
  return plain(without.answer) === plain(given.answer)
    ? { outcome: "dropped silently", detail: "" }
    : { outcome: "answered here", detail: "" };
}

async function run({ proxy, simulator }: House, api: Api, body: Body): Promise<Run> {
  const seen = simulator.requests.length;
  const answer = await ask(`${proxy.url}/v1/${api}`, { body });
  const sent = simulator.requests.slice(seen).filter(({ path }) => path.endsWith("/responses"));
  return { answer, sent: sent.map((request) => request.body as Body) };
}

function withField(body: Body, path: string, value: unknown): Body {
  const [key = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...body, [key]: value };
  return { ...body, [key]: withField((body[key] ?? {}) as Body, rest.join("."), value) };
}

function valueAt(body: unknown, path: string): unknown {
  return path.split(".").reduce((value, key) => (value as Body | undefined)?.[key], body);
}

/** Whether what was sent is the value, or a list with all of its entries. */
function holds(sent: unknown, value: unknown): boolean {
  if (!Array.isArray(sent) || !Array.isArray(value)) return isDeepStrictEqual(sent, value);
  return value.every((entry) => sent.some((other) => isDeepStrictEqual(other, entry)));
}

/** The paths at which two bodies differ, one level down at most. */
function changes(before: Body, after: Body): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const [left, right] = [before[key], after[key]];
    if (isDeepStrictEqual(left, right)) return [];
    if (!isObject(left ?? {}) || !isObject(right ?? {})) return [key];
    return changes((left ?? {}) as Body, (right ?? {}) as Body).map((inner) => `${key}.${inner.split(".")[0]}`);
  });
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isInside(field: string, noted: string): boolean {
  return noted.startsWith(`${field}.`) || noted.startsWith(`${field}[`) || field.startsWith(`${noted}.`);
}

/** The header's own list, read back. */
function readNotes(header = ""): { field: string; action: string; detail: string }[] {
  const entry = /"((?:[^"\\]|\\.)*)";action=(\w+)(?:;detail="((?:[^"\\]|\\.)*)")?/g;
  return [...header.matchAll(entry)].map(([, field = "", action = "", detail = ""]) => ({
    field,
    action,
    detail: detail.replace(/\\(.)/g, "$1"),
  }));
}

/** An answer without what differs from one answer to the next: ids and times. */
function plain({ text }: Answer): string {
  return text.replace(/"(id|item_id|created|created_at|completed_at|encrypted_content)":("[^"]*"|\d+)/g, '"$1":0');
}

function firstSentence(message: string): string {
  return message.split(/(?<=\.) /, 1)[0] ?? message;
}
