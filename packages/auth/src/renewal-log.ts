import { createHash, randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
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
  /** Proves that something can be noted here. Throws the system's error: then no refresh token must be sent. */
  prove(): Promise<void>;
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

/** What every log of one store knows, whichever file it lies in. */
interface Known {
  fates: Map<string, Fate>;
  renewal: Entry | undefined;
}

/**
 * Makes the logs of one store. Each keeps what it knows in this process, and in a file of ours beside the login for the
 * other processes; a file that cannot be read is passed over. A new login has new tokens and is not concerned.
 */
export function createRenewalLogs(): (beside?: () => Promise<string>) => RenewalLog {
  const known: Known = { fates: new Map(), renewal: undefined };
  return (beside) => openRenewalLog(known, beside);
}

function openRenewalLog(known: Known, beside?: () => Promise<string>): RenewalLog {
  const findPath = async () => (beside === undefined ? undefined : `${await beside()}.codex-oauth.log`);

  async function readEntry(): Promise<Entry> {
    try {
      const path = await findPath();
      return path === undefined ? {} : (Object(JSON.parse(await readFile(path, "utf8"))) as Entry);
    } catch {
      return {};
    }
  }

  /** Replaces the file whole: whoever may write beside the login may do that, whoever owns the old file. */
  async function writeEntry(entry: Entry): Promise<void> {
    const path = await findPath();
    if (path === undefined) return;
    const draft = `${path}.${randomBytes(6).toString("hex")}`;
    try {
      await writeFile(draft, JSON.stringify(entry), { mode: 0o600, flag: "wx" });
      await giveToFolderOwner(draft);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  return {
    findFate: async (refreshToken) => {
      const digest = digestOf(refreshToken);
      let fate: unknown = known.fates.get(digest);
      if (fate === undefined) {
        const entry = await readEntry();
        if (entry.digest === digest) fate = entry.fate;
      }
      return isFate(fate) ? new AuthError(fate, messages[fate]) : undefined;
    },
    prove: async () => {
      const entry = await readEntry();
      await writeEntry(entry);
      const path = await findPath();
      if (path !== undefined && Object.keys(entry).length === 0) await rm(path, { force: true });
    },
    noteFailure: async (refreshToken, error) => {
      const digest = digestOf(refreshToken);
      const fate = isAuthError(error) && isFate(error.reason) ? error.reason : undefined;
      if (fate !== undefined) known.fates.set(digest, fate);
      // A plain refusal may be the issuer's mistake of a moment: a new process may ask once more.
      if (fate === undefined || fate === "refresh_refused") return;
      await writeEntry({ digest, fate, at: Date.now() }).catch(ignore);
    },
    findRenewal: async (accessToken) => {
      const digest = digestOf(accessToken);
      const entry = known.renewal?.digest === digest ? known.renewal : await readEntry();
      return entry.digest === digest && typeof entry.at === "number" ? entry.at : undefined;
    },
    noteRenewal: async (accessToken, at) => {
      known.renewal = { digest: digestOf(accessToken), at };
      // The login itself is safe without the log: its token is another one by now.
      await writeEntry(known.renewal).catch(ignore);
    },
  };
}

function ignore(): void {}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex").slice(0, 32);
}

function isFate(reason: unknown): reason is Fate {
  return typeof reason === "string" && reason in messages;
}
