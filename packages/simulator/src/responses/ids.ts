import { createHash } from "node:crypto";

/** The ids of one answer, all derived from the bytes of its request: same request, same ids. */
export interface Ids {
  response: string;
  request: string;
  /** The id of the output item at this place. `partnered`: the answer began with a reasoning item. */
  item(prefix: "msg" | "rs" | "fc" | "ctc" | "ws" | "ig", index: number, partnered?: boolean): string;
  /** The call id of the tool call at this place. */
  call(index: number): string;
  /** Reasoning in an opaque form that `isOwnEncryptedContent` knows again. */
  encryptedContent(index: number): string;
}

/** Set in the number of an item whose answer began with reasoning. */
const partnerBit = 0x8000;

/** The id of the reasoning item that a tool call came with, read from the call's id; undefined for foreign ids. */
export function partnerOf(id: string): string | undefined {
  const place = id.match(/^(?:fc|ctc)_([0-9a-f]{46})([0-9a-f]{4})$/);
  if (!place || !(Number.parseInt(place[2] ?? "0", 16) & partnerBit)) return undefined;
  return `rs_${place[1]}0000`;
}

/** Derives the ids of an answer from its request's body. */
export function createIds(body: Buffer): Ids {
  const stem = createHash("sha256").update(body).digest("hex");
  const numbered = (index: number) => index.toString(16).padStart(4, "0");
  return {
    response: `resp_${stem.slice(0, 50)}`,
    request: `req_${stem.slice(0, 32)}`,
    item: (prefix, index, partnered = false) =>
      `${prefix}_${stem.slice(0, 46)}${numbered(partnered ? index | partnerBit : index)}`,
    call: (index) => `call_${stem.slice(8, 28)}${numbered(index)}`,
    encryptedContent(index) {
      const content = `${stem}${stem}${stem}${numbered(index)}`;
      return `gAAAAAB${Buffer.from(`${content}${checksum(content)}`).toString("base64url")}`;
    },
  };
}

/** Whether reasoning that a client sends back was made here and is whole. */
export function isOwnEncryptedContent(text: string): boolean {
  if (!text.startsWith("gAAAAAB")) return false;
  const decoded = Buffer.from(text.slice(7), "base64url").toString("latin1");
  return decoded.length > 16 && checksum(decoded.slice(0, -16)) === decoded.slice(-16);
}

function checksum(text: string): string {
  return createHash("sha256").update("codex-simulator").update(text).digest("hex").slice(0, 16);
}
