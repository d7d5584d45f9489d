import type { IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CodexError } from "@codex/errors";
import type { ProxyLimits } from "../settings/limits.js";
import { type BodyBudget, createBodyBudget, type Share } from "./body-budget.js";
import { type BodyPieces, gatherPieces } from "./body-pieces.js";
import { contentEncodings, createUnpack, isContentEncoding } from "./unpack.js";
import { createUploads, type Upload, type UploadLimits, type Uploads } from "./uploads.js";
import { busyError } from "./waiting-line.js";

/** How much of a body is taken, how slowly it may come, and how much of all bodies is in memory. */
export type BodyLimits = UploadLimits & Pick<ProxyLimits, "maxBodyBytes" | "bodyBudgetBytes" | "queueTimeoutMs">;

/** A body as text, and what it takes of the budget: to be given back when nobody holds the text any more. */
export interface Body {
  /** Who takes it to parse it empties this, so that it is held by nobody else. Empty for one read as bytes. */
  text: string;
  /** Of one that was read as bytes. */
  readonly bytes?: Buffer;
  readonly share: Share;
}

export interface ReadOptions {
  /** Called when there is room, before the first byte is read. */
  onBegin?: (() => void) | undefined;
  /** Default `text`, of UTF-8. */
  as?: "text" | "bytes";
}

export interface BodyReader {
  /**
   * The whole body, unpacked. Waits first until there is room for it. Throws `too_large` as soon as it grows beyond the
   * limit, `busy` when there is no room, `request_invalid` when it does not unpack or, with status 408, comes too slowly,
   * `aborted` when the caller goes away. After an error the rest is left unread.
   * @param caller whose it is: the name of a key, or an address
   */
  read(request: IncomingMessage, caller: string, signal: AbortSignal, options?: ReadOptions): Promise<Body>;
  /** Takes other limits, for bodies from now on. */
  configure(): void;
  readonly budget: BodyBudget;
  readonly uploads: Uploads;
}

/**
 * Refuses, before a byte is read, what could not be read anyway: `too_large` by its declared length,
 * `media_type_unsupported` for a content-encoding that is not known.
 */
export function checkBody(request: IncomingMessage, limit: number): CodexError | undefined {
  if (lengthOf(request) > limit) return tooLarge(limit);
  const encoding = encodingOf(request);
  if (encoding === undefined || isContentEncoding(encoding)) return undefined;
  return new CodexError(
    "media_type_unsupported",
    `The content-encoding ${JSON.stringify(encoding.slice(0, 40))} is not understood. Send the body as it is, or as ${contentEncodings.join(", ")}.`,
  );
}

export function createBodyReader(limits: () => BodyLimits): BodyReader {
  const uploads = createUploads(limits);
  const budget = createBodyBudget(limits(), uploads.shed);
  const unpack = createUnpack();

  async function unpackBody(packed: BodyPieces, encoding: string, share: Share): Promise<BodyPieces> {
    const { maxBodyBytes } = limits();
    const unpacked = gatherPieces(maxBodyBytes);
    try {
      await unpack(packed.bytes(), encoding, (chunk) => {
        if (unpacked.size + chunk.length > maxBodyBytes) return tooLarge(maxBodyBytes);
        if (!share.grow(chunk.length)) return noRoom();
        unpacked.add(chunk);
        return undefined;
      });
      return unpacked;
    } catch (error) {
      unpacked.clear();
      throw error;
    } finally {
      share.shrink(packed.size);
      packed.clear();
    }
  }

  return {
    async read(request, caller, signal, { onBegin, as = "text" } = {}) {
      const reserved = lengthOf(request);
      const taken = budget.reserve(reserved, signal);
      const share = taken instanceof Promise ? await taken : taken;
      try {
        onBegin?.();
        const begin = (giveUp: (error: CodexError) => void) => uploads.begin(caller, giveUp);
        const pieces = await gather(request, { share, reserved, limit: limits().maxBodyBytes, begin });
        const encoding = encodingOf(request);
        const isPacked = encoding !== undefined && pieces.size > 0;
        if (pieces.size > largeBytes) await takeTurn();
        const whole = isPacked ? await unpackBody(pieces, encoding, share) : pieces;
        return as === "text" ? { text: whole.text(), share } : { text: "", bytes: whole.bytes(), share };
      } catch (error) {
        share.release();
        throw error;
      }
    },
    configure: () => budget.configure(limits()),
    budget,
    uploads,
  };
}

/** What is done with a larger body takes as long as many requests, in bytes. */
const largeBytes = 1024 * 1024;

let turns: Promise<void> = Promise.resolve();

/** Resolves in a turn of the event loop of its own, so that others have theirs between two large bodies. */
function takeTurn(): Promise<void> {
  turns = turns.then(() => nextTurn());
  return turns;
}

interface Gathering {
  share: Share;
  /** Bytes of the share that are taken already. */
  reserved: number;
  limit: number;
  begin(giveUp: (error: CodexError) => void): Upload;
}

/** By events: an async iterator costs a promise and a wrapper a chunk. */
function gather(request: IncomingMessage, { share, reserved, limit, begin }: Gathering): Promise<BodyPieces> {
  return new Promise((resolve, reject) => {
    const pieces = gatherPieces(reserved || limit);
    const settle = (error?: CodexError) => {
      upload.end();
      request.off("data", onData).off("end", onEnd).off("close", onGone);
      if (error === undefined) return resolve(pieces);
      pieces.clear();
      reject(error);
    };
    const upload = begin(settle);
    upload.holds = reserved;
    const onData = (chunk: Buffer) => {
      const size = pieces.size + chunk.length;
      if (size > limit) return settle(tooLarge(limit));
      if (size > upload.holds) {
        if (!share.grow(size - upload.holds)) return settle(noRoom());
        upload.holds = size;
      }
      upload.bytes = size;
      pieces.add(chunk);
    };
    const onEnd = () => settle();
    const onGone = () => settle(new CodexError("aborted", "The caller went away before its request was complete."));
    // An "error" of a request comes with "close", which settles; without a listener it would end the process.
    request.on("data", onData).on("end", onEnd).on("close", onGone).on("error", ignore);
  });
}

function ignore(): void {}

function lengthOf({ headers }: IncomingMessage): number {
  return Number(headers["content-length"] ?? 0);
}

function encodingOf(request: IncomingMessage): string | undefined {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase();
  return encoding === "" || encoding === "identity" ? undefined : encoding;
}

function tooLarge(limit: number): CodexError {
  const text = limit >= 1024 * 1024 ? `${limit / 1024 / 1024} MiB` : `${limit} bytes`;
  return new CodexError(
    "too_large",
    `The body is larger than ${text}. Send smaller or fewer images and files, or a shorter conversation.`,
  );
}

function noRoom(): CodexError {
  return busyError("the request bodies in memory leave no room for this one");
}
