import { CodexError } from "@codex/errors";
import type { ProxyLimits } from "../settings/limits.js";
import { weigh } from "./body-budget.js";
import { busyError } from "./waiting-line.js";

export interface UploadLimits
  extends Pick<ProxyLimits, "minBodyRate" | "maxSlowUploads" | "maxRequests" | "queueSize"> {
  /** How often the rate is looked at, in milliseconds. Default 10,000. */
  rateWindowMs?: number;
}

/** A body that is on its way. */
export interface Upload {
  /** Bytes that have come so far; counted by who reads them. */
  bytes: number;
  /** Bytes of the budget that it has taken; told by who has taken them. */
  holds: number;
  /** It is there, or has been given up. */
  end(): void;
}

/**
 * The bodies that are on their way. They take no place among the requests that run, and those that are slow have a
 * limited number of places of their own: who sends a thousand bodies a byte at a time keeps nobody out.
 */
export interface Uploads {
  /**
   * @param caller whose it is: the name of a key, or an address
   * @param giveUp called, at most once, when the upload has to end
   */
  begin(caller: string, giveUp: (error: CodexError) => void): Upload;
  /** Gives up slow ones, the slowest first, until so many bytes of the budget are free for others. */
  shed(bytes: number): void;
  readonly size: number;
}

/** An upload that lasts longer is a slow one. */
const slowAfterMs = 2000;

/** A slow upload that brings as much as this a second, in bytes, is only a large one: it is not shed. */
const fairRate = 128 * 1024;

/** Nor is one that holds less than this of the budget. */
const worthShedding = 64 * 1024;

/** The part of all places for slow uploads that one caller may have. */
const partOfCaller = 1 / 4;

const sweepMs = 1000;

/** How many are given up at a time: each of them is answered, and others wait for their turn meanwhile. */
const maxGivenUp = 32;
const nextMs = 20;

interface Entry extends Upload {
  caller: string;
  beganAt: number;
  /** Where its rate was looked at before. */
  lookedAt: number;
  bytesThen: number;
  giveUp(error: CodexError): void;
}

export function createUploads(limits: () => UploadLimits): Uploads {
  // In the order in which they began.
  const uploads = new Set<Entry>();
  let timer: NodeJS.Timeout | undefined;

  const rateOf = ({ bytes, beganAt }: Entry, now: number) => (bytes / Math.max(1, now - beganAt)) * 1000;

  function giveUp(entry: Entry, error: CodexError): void {
    uploads.delete(entry);
    entry.giveUp(error);
  }

  /** One timer for all of them, which ends when there are none. */
  function sweep(): void {
    if (uploads.size === 0) {
      clearInterval(timer);
      timer = undefined;
      return;
    }
    const now = performance.now();
    const { minBodyRate, maxSlowUploads, rateWindowMs = 10_000 } = limits();
    const ending: [Entry, CodexError][] = [];
    for (const entry of uploads) {
      if (now - entry.lookedAt < rateWindowMs) continue;
      const came = entry.bytes - entry.bytesThen;
      if (came < (minBodyRate * (now - entry.lookedAt)) / 1000) {
        ending.push([entry, tooSlow(minBodyRate)]);
        continue;
      }
      entry.lookedAt = now;
      entry.bytesThen = entry.bytes;
    }
    for (const entry of tooMany(maxSlowUploads, now)) ending.push([entry, busyError("too many bodies come slowly")]);
    for (const [entry, error] of ending.slice(0, maxGivenUp)) if (uploads.has(entry)) giveUp(entry, error);
    if (ending.length > maxGivenUp) setTimeout(sweep, nextMs).unref();
  }

  /** The fastest of the slow ones keep their places, of each caller and of all; the others. */
  function tooMany(places: number, now: number): Entry[] {
    const slow = slowOnes(now);
    const without: Entry[] = [];
    const ofCaller = new Map<string, number>();
    const most = Math.max(1, Math.floor(places * partOfCaller));
    let kept = 0;
    for (const entry of slow.sort((a, b) => rateOf(b, now) - rateOf(a, now))) {
      const own = ofCaller.get(entry.caller) ?? 0;
      if (own >= most || kept >= places) {
        without.push(entry);
        continue;
      }
      ofCaller.set(entry.caller, own + 1);
      kept++;
    }
    return without;
  }

  function slowOnes(now: number): Entry[] {
    const slow: Entry[] = [];
    for (const entry of uploads) {
      // Those that follow have begun later.
      if (now - entry.beganAt < slowAfterMs) break;
      slow.push(entry);
    }
    return slow;
  }

  return {
    begin(caller, onGiveUp) {
      const { maxRequests, queueSize, rateWindowMs } = limits();
      // A body is there within milliseconds as a rule: among so many the first has taken longest.
      if (uploads.size >= maxRequests + queueSize) {
        const [first] = uploads;
        if (first !== undefined) giveUp(first, busyError(`${uploads.size} bodies come at once`));
      }
      timer ??= setInterval(sweep, Math.min(sweepMs, rateWindowMs ?? sweepMs)).unref();
      const now = performance.now();
      const entry: Entry = {
        caller,
        bytes: 0,
        holds: 0,
        beganAt: now,
        lookedAt: now,
        bytesThen: 0,
        giveUp: onGiveUp,
        end: () => void uploads.delete(entry),
      };
      uploads.add(entry);
      return entry;
    },
    shed(bytes) {
      const now = performance.now();
      const idle = slowOnes(now).filter((entry) => entry.holds >= worthShedding && rateOf(entry, now) < fairRate);
      let freed = 0;
      for (const entry of idle.sort((a, b) => rateOf(a, now) - rateOf(b, now))) {
        if (freed >= bytes) return;
        freed += weigh(entry.holds);
        giveUp(entry, busyError("others wait for the room that this slow upload takes"));
      }
    },
    get size() {
      return uploads.size;
    },
  };
}

function tooSlow(minBodyRate: number): CodexError {
  return new CodexError("request_invalid", `The body came at less than ${minBodyRate} bytes a second. Send it again.`, {
    status: 408,
  });
}
