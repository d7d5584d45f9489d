import type { ContentPart, MessageItem } from "../canonical/request.js";
import { type Fields, invalid, isFields, kindOf, readEntry, readString } from "./read-fields.js";

/** The roles that a message may have in the canonical form. */
export type MessageRole = MessageItem["role"];

/**
 * Message content, a string or parts, as canonical parts. Both dialects come here: callers mix the part types of the
 * two APIs (`{type:"text"}` in Responses input is what the OpenAI Agents SDK sends), so each is read by its own type
 * and written as the role wants it: `output_text` for the assistant, `input_text` for everybody else.
 * Throws `request_invalid` with `param` for what the backend has no place for, audio above all.
 */
export function parseContent(content: unknown, role: MessageRole, param: string): ContentPart[] {
  if (typeof content === "string") return [textPart(content, role)];
  if (content === null || content === undefined) return [];
  if (!Array.isArray(content)) {
    throw invalid(param, `\`${param}\` must be a string or a list of parts, not ${kindOf(content)}.`);
  }
  return content.map((part, index) => parsePart(part, role, `${param}[${index}]`));
}

/** A text part in the spelling that a role's messages have. */
export function textPart(text: string, role: MessageRole): ContentPart {
  return { type: role === "assistant" ? "output_text" : "input_text", text };
}

/** The output of a tool: a string as it is, parts as input parts. Absent means an empty string. */
export function parseToolOutput(output: unknown, param: string): string | ContentPart[] {
  if (typeof output === "string") return output;
  if (output === null || output === undefined) return "";
  return parseContent(output, "user", param);
}

function parsePart(value: unknown, role: MessageRole, param: string): ContentPart {
  if (typeof value === "string") return textPart(value, role);
  const part = readEntry(value, param);
  switch (part.type) {
    case "text":
    case "input_text":
    case "output_text":
      return parseTextPart(part, role, param);
    case "refusal":
      return { type: "refusal", refusal: readString(part.refusal, `${param}.refusal`) ?? "" };
    case "image_url":
    case "input_image":
      return parseImagePart(part, param);
    case "file":
    case "input_file":
      return parseFilePart(part, param);
    case "input_audio":
    case "audio":
      throw invalid(param, "The Codex backend takes no audio. Send the words as text instead.");
    default:
      if (typeof part.type === "string" && part.type !== "") return passPart(part, part.type, param);
      throw invalid(`${param}.type`, `\`${param}\` has no type. Use text, image_url or file.`);
  }
}

function parseTextPart(part: Fields, role: MessageRole, param: string): ContentPart {
  if (typeof part.text !== "string") throw invalid(`${param}.text`, `\`${param}.text\` must be a string.`);
  const parsed = textPart(part.text, role);
  if (part.type === parsed.type && Array.isArray(part.annotations)) parsed.annotations = part.annotations;
  return parsed;
}

/** `image_url` is a string in the Responses API and `{ url, detail }` in chat; either is accepted in both. */
function parseImagePart(part: Fields, param: string): ContentPart {
  const parsed: ContentPart = { type: "input_image" };
  const source = part.image_url;
  const nested = isFields(source) ? source : undefined;
  const url = nested ? readString(nested.url, `${param}.image_url.url`) : readString(source, `${param}.image_url`);
  const fileId = readString(part.file_id, `${param}.file_id`);
  if (url !== undefined) parsed.image_url = url;
  if (fileId !== undefined) parsed.file_id = fileId;
  if (url === undefined && fileId === undefined) {
    throw invalid(`${param}.image_url`, `\`${param}\` has no image. Give an https address or a data URL.`);
  }
  const detail = readString(part.detail ?? nested?.detail, `${param}.detail`);
  if (detail !== undefined) parsed.detail = detail;
  return parsed;
}

/** Chat nests what the Responses API has flat: `{ file: { file_data, file_id, filename } }`. */
function parseFilePart(part: Fields, param: string): ContentPart {
  const source = isFields(part.file) ? part.file : part;
  const parsed: ContentPart = { type: "input_file" };
  for (const key of ["file_data", "file_id", "file_url", "filename"]) {
    const value = readString(source[key], `${param}.${key}`);
    if (value !== undefined) parsed[key] = value;
  }
  if (parsed.file_data === undefined && parsed.file_id === undefined && parsed.file_url === undefined) {
    throw invalid(param, `\`${param}\` has no file. Give \`file_data\` as a data URL, or a \`file_id\`.`);
  }
  return parsed;
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
