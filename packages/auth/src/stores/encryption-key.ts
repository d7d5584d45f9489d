import { createHash, randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { AuthError } from "../auth-error.js";
import { type OpenKeyringEntry, openKeyringEntry, useEntry } from "./keyring-entry.js";

const keyBytes = 32;

/**
 * Reads a key of 256 bits from its text (CODEX_AUTH_KEY): base64, base64url or hex. A password is refused: it would
 * protect much less than it seems to. Throws an AuthError (`store_unavailable`).
 */
export function parseEncryptionKey(text: string): Uint8Array {
  const clean = text.trim();
  if (/^[0-9a-f]{64}$/i.test(clean)) return Buffer.from(clean, "hex");
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(clean)) {
    const key = Buffer.from(clean, "base64");
    if (key.length === keyBytes) return key;
  }
  throw new AuthError(
    "store_unavailable",
    "The encryption key (CODEX_AUTH_KEY) must be 32 random bytes in base64 or hex. Make one with `openssl rand -base64 32`.",
  );
}

/** The key of one encrypted file in the system's keyring, made when it is first needed. */
export function createKeyringKey(path: string, open: OpenKeyringEntry = openKeyringEntry): () => Promise<Uint8Array> {
  const account = `key|${createHash("sha256").update(resolve(path)).digest("hex").slice(0, 16)}`;
  return () =>
    useEntry(open, "codex-oauth", account, async (entry) => {
      const stored = await entry.getPassword();
      if (typeof stored === "string") return parseEncryptionKey(stored);
      await entry.setPassword(randomBytes(keyBytes).toString("base64"));
      // Another program may have made one at the same time: what is stored counts.
      return parseEncryptionKey((await entry.getPassword()) ?? "");
    });
}
