import { adjust, type Notes } from "../../canonical/context.js";
import { type Fields, invalid, isFields, isUnset, noteUnknownKeys, readString } from "../../canonical/read-fields.js";
import type { ContentPart } from "../../canonical/request.js";

const imageUrlKeys: ReadonlySet<string> = new Set(["url", "detail"]);
const imageKeys: ReadonlySet<string> = new Set(["type", "image_url", "file_id", "detail"]);

/**
 * An image as an `input_image`. `image_url` is a string in the Responses API and `{ url, detail }` in chat; either is
 * accepted in both. Throws `request_invalid` for what is no address, and for a `file_id`.
 */
export function parseImagePart(part: Fields, param: string, notes: Notes): ContentPart {
  noteUnknownKeys(part, imageKeys, "content[]", notes);
  const source = part.image_url;
  const nested = isFields(source) ? source : undefined;
  const place = nested ? `${param}.image_url.url` : `${param}.image_url`;
  const url = readString(nested ? nested.url : source, place);
  if (nested) noteUnknownKeys(nested, imageUrlKeys, "content[].image_url", notes);
  if (url === undefined) {
    refuseFileId(part, param);
    throw invalid(place, `\`${param}\` has no image. Give an https address or a data URL.`);
  }
  if (!address.test(url)) {
    throw invalid(
      place,
      `\`${place}\` is no address. Give an https address, or the image as data:image/png;base64,...`,
    );
  }
  noteFileId(part, "content[]", notes);
  const parsed: ContentPart = { type: "input_image", image_url: url };
  const detail = readString(part.detail ?? nested?.detail, `${param}.detail`);
  if (detail !== undefined) parsed.detail = detail;
  return parsed;
}

const address = /^(https?:\/\/|data:)/i;

const fileKeys: ReadonlySet<string> = new Set(["type", "file_data", "file_id", "file_url", "filename", "detail"]);
const nestedFileKeys: ReadonlySet<string> = new Set(["type", "file"]);

/**
 * A file as an `input_file`. Chat nests what the Responses API has flat: `{ file: { file_data, filename } }`. Throws
 * `request_invalid` for a `file_id`.
 */
export function parseFilePart(part: Fields, param: string, notes: Notes): ContentPart {
  const source = isFields(part.file) ? part.file : part;
  const isNested = source !== part;
  noteUnknownKeys(part, isNested ? nestedFileKeys : fileKeys, "content[]", notes);
  if (isNested) noteUnknownKeys(source, fileKeys, "content[].file", notes);
  const place = source === part ? param : `${param}.file`;
  const parsed: ContentPart = { type: "input_file" };
  for (const key of ["file_data", "file_url", "filename", "detail"]) {
    const value = readString(source[key], `${place}.${key}`);
    if (value !== undefined) parsed[key] = value;
  }
  if (parsed.file_data === undefined && parsed.file_url === undefined) {
    refuseFileId(source, place);
    throw invalid(place, `\`${param}\` has no file. Give \`file_data\` as a data URL, or a \`file_url\`.`);
  }
  noteFileId(source, isNested ? "content[].file" : "content[]", notes);
  if (typeof parsed.file_data === "string" && barePdf.test(parsed.file_data)) {
    parsed.file_data = `data:application/pdf;base64,${parsed.file_data}`;
    adjust(notes, { field: "content[].file_data", action: "mapped", detail: "a data URL made of base64" });
  }
  return parsed;
}

/** How a PDF begins in base64: the public reference asks for base64, the servers for a data URL. */
const barePdf = /^JVBERi0/;

/** An id beside the thing itself, which is what goes out. */
function noteFileId(source: Fields, holder: string, notes: Notes): void {
  if (isUnset(source.file_id)) return;
  adjust(notes, { field: `${holder}.file_id`, action: "dropped", detail: "the backend keeps no uploaded files" });
}

/** Uploaded files are kept by another service, to which a ChatGPT login has no key. */
function refuseFileId(source: Fields, param: string): void {
  if (readString(source.file_id, `${param}.file_id`) === undefined) return;
  throw invalid(
    `${param}.file_id`,
    "The Codex backend keeps no uploaded files, so there is none of this id. Send the file itself: `file_data` or `image_url` as a data URL, or an https address.",
  );
}
