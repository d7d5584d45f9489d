import { createHash } from "node:crypto";

/** What stands for a time, and for the hash, until the event goes out: as long as what takes its place. */
const timeMark = "T".repeat(13);
const hashMark = "H".repeat(64);
const anyTime = new RegExp(timeMark, "g");

/** A text of so many words, each its number and the time when it is sent, and a last one with the hash of all before. */
export function tickText(count: number): string {
  const words = Array.from({ length: count }, (_, index) => `${index}:${timeMark}`);
  return [...words, `sha256:${hashMark}`].join(" ");
}

/** Puts times (milliseconds since 1970) and hash into the events of such a text, each at the moment when it goes out. */
export function createTicker(now: () => number): (event: string) => string {
  const hash = createHash("sha256");
  const times: string[] = [];
  let digest: string | undefined;
  return (event) => {
    if (!event.startsWith("event: response.output_text.delta\n")) {
      let at = 0;
      return event.replace(anyTime, () => times[at++] ?? timeMark).replace(hashMark, digest ?? hashMark);
    }
    if (event.includes(timeMark)) {
      const time = String(now());
      hash.update(`${times.length === 0 ? "" : " "}${times.length}:${time}`);
      times.push(time);
      return event.replace(timeMark, time);
    }
    digest ??= hash.digest("hex");
    return event.replace(hashMark, digest);
  };
}
