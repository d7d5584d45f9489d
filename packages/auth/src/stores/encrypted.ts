import { AuthError } from "../auth-error.js";
import { parseEncryptionKey } from "./encryption-key.js";
import { createFilePlace, type FileStoreOptions } from "./file.js";
import { createLockedStore } from "./locked.js";
import type { CredentialStore } from "./store.js";

export interface EncryptedStoreOptions extends FileStoreOptions {
  /** The key's text (CODEX_AUTH_KEY), its 32 bytes, or where to get them: `createKeyringKey(path)`. */
  key: string | Uint8Array | (() => Promise<Uint8Array>);
}

/**
 * A login file of our own, encrypted as a JWE (`dir`, A256GCM). The Codex CLI cannot read it. Reading throws an
 * AuthError (`store_unavailable`) when the key is not the right one.
 */
export function createEncryptedStore(options: EncryptedStoreOptions): CredentialStore {
  let loading: Promise<Uint8Array> | undefined;
  const loadKey = () => {
    loading ??= resolveKey(options.key).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  const place = createFilePlace(options, {
    kind: "encrypted",
    encode: async (text) => {
      const { CompactEncrypt } = await import("jose/jwe/compact/encrypt");
      return await new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
        .encrypt(await loadKey());
    },
    decode: async (text) => {
      // An emptied or empty file holds no secret: the reader says what is wrong with it.
      if (!isJwe(text)) return text;
      const { compactDecrypt } = await import("jose/jwe/compact/decrypt");
      const key = await loadKey();
      try {
        const { plaintext } = await compactDecrypt(text.trim(), key, {
          keyManagementAlgorithms: ["dir"],
          contentEncryptionAlgorithms: ["A256GCM"],
        });
        return new TextDecoder().decode(plaintext);
      } catch {
        throw new AuthError(
          "store_unavailable",
          `${options.path} cannot be decrypted: the key is not the one that it was written with, or the file was changed. Set CODEX_AUTH_KEY to the right key, or log in again with \`codex-oauth login\`.`,
        );
      }
    },
    isWhole: isJwe,
  });
  return createLockedStore(place, options);
}

async function resolveKey(key: EncryptedStoreOptions["key"]): Promise<Uint8Array> {
  if (typeof key === "string") return parseEncryptionKey(key);
  return typeof key === "function" ? await key() : key;
}

/** Five parts, the second of them empty: with `dir` there is no encrypted key. The last one is a tag of 16 bytes. */
function isJwe(text: string): boolean {
  return /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]{22}\s*$/.test(text);
}
