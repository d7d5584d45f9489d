import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { fdatasyncSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createPrivateFile, findLeftovers, removeFiles } from "./private-file.js";

const suffix = ".codex-oauth.answer";
/** Several times the size of an answer with three tokens. */
const roomBytes = 32 * 1024;
const algorithm = "aes-256-gcm";
/** What each piece begins with: this byte, the length of the sealed bytes, their nonce and their tag. */
const version = 1;
const ivBytes = 12;
const tagBytes = 16;
const headBytes = 1 + 4 + ivBytes + tagBytes;

/** Room for the issuer's answer, taken before a refresh token is spent. */
export interface AnswerRoom {
  /**
   * Writes the next piece of the answer and waits for the disk, in one go: when it returns, neither a kill nor a power
   * cut loses it. What fails is passed over, since the answer itself is still in memory.
   */
  keep(piece: Uint8Array): void;
  /** Leaves the answer where it is, for whoever takes the lock next. */
  close(): Promise<void>;
  /** Removes the room with what is in it. */
  remove(): Promise<void>;
}

/**
 * Takes room for an answer beside `target`. It is sealed with the refresh token that is being spent: only a login that
 * still holds that token can open it, so that it never comes to a wrong login, and tells nobody a token who has none.
 * Throws the system's error.
 */
export async function reserveAnswer(target: string, refreshToken: string): Promise<AnswerRoom> {
  const owner = await stat(target).catch(() => undefined);
  const { handle, remove } = await createPrivateFile(target, suffix, roomBytes, owner);
  const key = deriveKey(refreshToken);
  let end = 0;
  const write = (bytes: Uint8Array) => {
    writeSync(handle.fd, bytes, 0, undefined, end);
    fdatasyncSync(handle.fd);
  };
  // A rehearsal, whose bytes nobody takes for an answer: what is done for the first time takes a millisecond, in which
  // a kill would lose the login.
  write(Buffer.alloc(seal(Buffer.alloc(1024), key).length));
  return {
    keep: (piece) => {
      try {
        const sealed = seal(piece, key);
        write(sealed);
        end += sealed.length;
      } catch {
        // Nothing is lost by it yet.
      }
    },
    close: () => handle.close(),
    remove,
  };
}

/** An answer that a killed program had set aside. */
export interface FoundAnswer {
  text: string;
  /** Unix milliseconds by this machine's clock. */
  at: number;
}

/**
 * The answers beside `target` to this refresh token, the newest last. Call it under the lock; `discard` removes them,
 * and those that belong to a refresh token that nobody has any more.
 */
export async function findAnswers(
  target: string,
  refreshToken: string | undefined,
): Promise<{ answers: FoundAnswer[]; discard(): Promise<void> }> {
  const left = (await findLeftovers(target, suffix)).sort((a, b) => a.writtenAt - b.writtenAt);
  const answers: FoundAnswer[] = [];
  for (const { content, writtenAt } of left) {
    const text = refreshToken === undefined ? undefined : unseal(content, refreshToken);
    if (text !== undefined) answers.push({ text, at: writtenAt });
  }
  const done = left.filter(({ content, isAbandoned }) => isAbandoned || content[0] === version);
  return { answers, discard: () => removeFiles(done.map(({ path }) => path)) };
}

function seal(piece: Uint8Array, key: Uint8Array): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv);
  const sealed = Buffer.concat([cipher.update(piece), cipher.final()]);
  const head = Buffer.alloc(5, version);
  head.writeUInt32BE(sealed.length, 1);
  return Buffer.concat([head, iv, cipher.getAuthTag(), sealed]);
}

/** The text of all pieces that this refresh token opens, or `undefined` when it opens none. */
function unseal(content: Buffer, refreshToken: string): string | undefined {
  const key = deriveKey(refreshToken);
  const pieces: Buffer[] = [];
  for (let at = 0; at + headBytes < content.length && content[at] === version; ) {
    const end = at + headBytes + content.readUInt32BE(at + 1);
    const [iv, tag] = [at + 5, at + 5 + ivBytes];
    try {
      const decipher = createDecipheriv(algorithm, key, content.subarray(iv, tag));
      decipher.setAuthTag(content.subarray(tag, tag + tagBytes));
      pieces.push(Buffer.concat([decipher.update(content.subarray(at + headBytes, end)), decipher.final()]));
    } catch {
      break;
    }
    at = end;
  }
  return pieces.length === 0 ? undefined : Buffer.concat(pieces).toString("utf8");
}

function deriveKey(refreshToken: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", refreshToken, "", "codex-oauth set aside", 32));
}
