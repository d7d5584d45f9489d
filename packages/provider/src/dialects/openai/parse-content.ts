import { adjust, type Notes } from "../../canonical/context.js";
import {
  type Fields,
  invalid,
  isFields,
  kindOf,
  noteUnknownKeys,
  readEntry,
  readString,
} from "../../canonical/read-fields.js";
import type { ContentPart, MessageItem } from "../../canonical/request.js";
import { parseFilePart, parseImagePart } from "./parse-media.js";

/** The roles that a message may have in the canonical form. */
export type MessageRole = MessageItem["role"];

/**
 * Message content, a string or parts, as canonical parts. Both dialects come here: callers mix the part types of the
 * two APIs (`{type:"text"}` in Responses input is what the OpenAI Agents SDK sends), so each is read by its own type
 * and written as the role wants it: `output_text` for the assistant, `input_text` for everybody else.
 * Throws `request_invalid` with `param` for what the backend has no place for, audio above all.
 */
export function parseContent(content: unknown, role: MessageRole, param: string, notes: Notes): ContentPart[] {
  if (typeof content === "string") return [textPart(content, role)];
  if (content === null || content === undefined) return [];
  if (!Array.isArray(content)) {
    throw invalid(param, `\`${param}\` must be a string or a list of parts, not ${kindOf(content)}.`);
  }
  return content.map((part, index) => parsePart(part, role, `${param}[${index}]`, notes));
}

/** A text part in the spelling that a role's messages have. */
export function textPart(text: string, role: MessageRole): ContentPart {
  return { type: role === "assistant" ? "output_text" : "input_text", text };
}

/**
 * The output of a tool: a string as it is, parts as input parts. Absent means an empty string. A tool that gave its value
 * instead of text (an object that is no part, a list of such, a number) is sent as JSON, which is noted.
 */
export function parseToolOutput(output: unknown, param: string, notes: Notes): string | ContentPart[] {
  if (typeof output === "string") return output;
  if (isValue(output)) {
    adjust(notes, { field: withoutIndices(param), action: "mapped", detail: "an object, sent as JSON text" });
    return JSON.stringify(output);
  }
  if (isFields(output)) return parseContent([output], "user", param, notes);
  const parts = parseContent(output, "user", param, notes);
  return parts.length === 0 ? "" : parts;
}

/** Whether a tool's output is a value of its own and not text or parts, which have a type. */
function isValue(output: unknown): boolean {
  if (Array.isArray(output)) return output.some((entry) => typeof entry !== "string" && !isPart(entry));
  return output !== null && output !== undefined && !isPart(output);
}

function isPart(value: unknown): boolean {
  return (
    isFields(value) &&
    typeof value.type === "string" &&
    (isText(value.type) || backendPart.test(value.type) || mediaPart.test(value.type))
  );
}

const mediaPart = /^(image_url|file|audio|refusal)$/;

function withoutIndices(param: string): string {
  return param.replace(/\[\d+\]/g, "[]");
}

function parsePart(value: unknown, role: MessageRole, param: string, notes: Notes): ContentPart {
  if (typeof value === "string") return textPart(value, role);
  const part = readEntry(value, param);
  if (isText(part.type)) return parseTextPart(part, role, param, notes);
  if (role === "assistant" && part.type !== "refusal") throw invalid(`${param}.type`, assistantMessage(part, param));
  switch (part.type) {
    case "refusal":
      if (role !== "assistant")
        throw invalid(`${param}.type`, `\`${param}\`: only an assistant's message has a refusal.`);
      noteUnknownKeys(part, refusalKeys, "content[]", notes);
      return { type: "refusal", refusal: readString(part.refusal, `${param}.refusal`) ?? "" };
    case "image_url":
    case "input_image":
      return parseImagePart(part, param, notes);
    case "file":
    case "input_file":
      return parseFilePart(part, param, notes);
    case "input_audio":
    case "audio":
      throw invalid(param, "The Codex backend takes no audio. Send the words as text instead.");
    default:
      if (typeof part.type === "string" && part.type !== "") return passPart(part, part.type, param);
      throw invalid(`${param}.type`, `\`${param}\` has no type. Use text, image_url or file.`);
  }
}

function isText(type: unknown): boolean {
  return type === "text" || type === "input_text" || type === "output_text";
}

/** What text parts may carry; what the SDK has read from an answer's text comes back with it, as `parsed`. */
const textKeys: ReadonlySet<string> = new Set(["type", "text", "parsed"]);
const answerTextKeys: ReadonlySet<string> = new Set([...textKeys, "annotations"]);
const refusalKeys: ReadonlySet<string> = new Set(["type", "refusal"]);

function parseTextPart(part: Fields, role: MessageRole, param: string, notes: Notes): ContentPart {
  if (typeof part.text !== "string") throw invalid(`${param}.text`, `\`${param}.text\` must be a string.`);
  const parsed = textPart(part.text, role);
  const keepsAnnotations = part.type === parsed.type && Array.isArray(part.annotations);
  noteUnknownKeys(part, keepsAnnotations ? answerTextKeys : textKeys, "content[]", notes);
  if (keepsAnnotations) parsed.annotations = part.annotations;
  return parsed;
}

function assistantMessage(part: Fields, param: string): string {
  const shown = typeof part.type === "string" ? part.type.slice(0, 60) : kindOf(part.type);
  return `\`${param}\` is of type ${shown}, and an assistant's message holds text and refusals only. Send it as the user's.`;
}

/**
 * Part types that we don't know belong to the backend (newer ones, or the Codex CLI's own) and go through; but not
 * those of other APIs, of which the caller should hear here and by name.
 */
function passPart(part: Fields, type: string, param: string): ContentPart {
  if (backendPart.test(type)) return { ...part, type };
  const shown = type.slice(0, 60);
  throw invalid(`${param}.type`, `\`${shown}\` is not a content part that can be sent. Use text, image_url or file.`);
}

const backendPart = /^(input|output)_|_text$|^(computer_screenshot|encrypted_content)$/;
