import { createHash, randomBytes } from "node:crypto";

/** The proof that the program which trades a code is the one that asked for it. */
export interface Pkce {
  verifier: string;
  challenge: string;
}

/** A verifier of 64 random bytes and its SHA-256, both in base64url, as the Codex CLI makes them. */
export function createPkce(): Pkce {
  const verifier = randomBytes(64).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** A random text that only our own authorize request carries: 32 bytes in base64url. */
export function createState(): string {
  return randomBytes(32).toString("base64url");
}
