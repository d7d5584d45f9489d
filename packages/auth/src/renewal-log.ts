import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { AuthError, type AuthReason, isAuthError, loginHint } from "./auth-error.js";
import { giveToFolderOwner } from "./folder-owner.js";

type Fate = Extract<AuthReason, "answer_unknown" | "refresh_reused" | "refresh_refused">;

/**
 * What the last renewal of a login came to: refresh tokens that must not be sent again, and when the token in use was
 * made. Tokens are told apart by digests.
 */
export interface RenewalLog {
  /** The error to throw instead of sending this refresh token, or `undefined` when it may be sent. */
  findFate(refreshToken: string): Promise<AuthError | undefined>;
  /** Notes what an attempt to use this refresh token ended with; after other errors it may be sent again. */
  noteFailure(refreshToken: string, error: unknown): Promise<void>;
  /** When one of our programs got this access token by a renewal, Unix milliseconds by this machine's clock. */
  findRenewal(accessToken: string): Promise<number | undefined>;
  noteRenewal(accessToken: string, at: number): Promise<void>;
}

const messages: Record<Fate, string> = {
  answer_unknown: `A renewal of this login was sent and its answer never arrived, so nobody knows whether the stored login still works. It is not sent a second time. ${loginHint}`,
  refresh_reused: `This login was already renewed by another program that did not store the result here. ${loginHint}`,
  refresh_refused: `The issuer has refused to renew this login. ${loginHint}`,
};

interface Entry {
  digest?: unknown;
  fate?: unknown;
  at?: unknown;
}

/**
 * Keeps the log in this process, and in a file of ours beside the login for the other processes. A file that
 * cannot be written or read is passed over. A new login has new tokens and is not concerned.
 */
export function createRenewalLog(beside?: () => Promise<string>): RenewalLog {
  const fates = new Map<string, Fate>();
  let renewal: Entry | undefined;
  const findPath = async () => (beside === undefined ? undefined : `${await beside()}.codex-oauth.log`);

  async function readEntry(): Promise<Entry> {
    try {
      const path = await findPath();
      return path === undefined ? {} : (Object(JSON.parse(await readFile(path, "utf8"))) as Entry);
    } catch {
      return {};
    }
  }

  async function writeEntry(entry: Entry): Promise<void> {
    try {
      const path = await findPath();
      if (path === undefined) return;
      await writeFile(path, JSON.stringify(entry), { mode: 0o600 });
      await giveToFolderOwner(path);
    } catch {
      // The login itself is safe without the log.
    }
  }

  return {
    findFate: async (refreshToken) => {
      const digest = digestOf(refreshToken);
      let fate: unknown = fates.get(digest);
      if (fate === undefined) {
        const entry = await readEntry();
        if (entry.digest === digest) fate = entry.fate;
      }
      return isFate(fate) ? new AuthError(fate, messages[fate]) : undefined;
    },
    noteFailure: async (refreshToken, error) => {
      if (!isAuthError(error) || !isFate(error.reason)) return;
      const digest = digestOf(refreshToken);
      fates.set(digest, error.reason);
      // A plain refusal may be the issuer's mistake of a moment: a new process may ask once more.
      if (error.reason !== "refresh_refused") await writeEntry({ digest, fate: error.reason, at: Date.now() });
    },
    findRenewal: async (accessToken) => {
      const digest = digestOf(accessToken);
      const entry = renewal?.digest === digest ? renewal : await readEntry();
      return entry.digest === digest && typeof entry.at === "number" ? entry.at : undefined;
    },
    noteRenewal: async (accessToken, at) => {
      renewal = { digest: digestOf(accessToken), at };
      await writeEntry(renewal);
    },
  };
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex").slice(0, 32);
}

function isFate(reason: unknown): reason is Fate {
  return typeof reason === "string" && reason in messages;
}
