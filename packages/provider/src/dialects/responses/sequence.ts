import { requireShallowEvent } from "../../canonical/depth.js";

const key = '"sequence_number":';

/**
 * The text of an event with the sequence number that it has in our answer. Nearly always it has that number already
 * and is copied; the backend's own events that callers don't get, and events that a transform took out or put in,
 * would else leave a gap. The key is looked for at the top level only: before any nested object, or as the last one.
 */
export function withSequenceNumber(raw: string, sequence: number): string {
  const first = raw.indexOf(key);
  if (first === -1) return appended(raw, sequence);
  const nested = raw.indexOf("{", 1);
  const at = nested === -1 || first < nested ? first : lastKey(raw);
  if (at !== -1) {
    const start = at + key.length;
    const end = endOfDigits(raw, start);
    if (end > start) {
      const digits = String(sequence);
      return raw.length > end && raw.slice(start, end) === digits ? raw : raw.slice(0, start) + digits + raw.slice(end);
    }
  }
  const data = JSON.parse(raw) as Record<string, unknown>;
  requireShallowEvent(data, raw.length);
  return JSON.stringify({ ...data, sequence_number: sequence });
}

function appended(raw: string, sequence: number): string {
  const close = raw.lastIndexOf("}");
  const isEmpty = raw.slice(1, close).trim() === "";
  return `${raw.slice(0, close)}${isEmpty ? "" : ","}${key}${sequence}}`;
}

/** Where the key is when it is the very last of the event, else -1. */
function lastKey(raw: string): number {
  const at = raw.lastIndexOf(key);
  return endOfDigits(raw, at + key.length) === raw.length - 1 ? at : -1;
}

function endOfDigits(raw: string, start: number): number {
  let end = start;
  while (raw.charCodeAt(end) >= 48 && raw.charCodeAt(end) <= 57) end++;
  return end;
}
