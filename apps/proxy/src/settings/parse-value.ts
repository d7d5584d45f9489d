import { isLoopback } from "@codex/auth";
import { CodexError } from "@codex/errors";
import { hashKey, hashPrefix, storedHash } from "../keys/key-store.js";
import { type LogLevel, logLevels } from "../observe/log.js";

/** Each parser takes a text and the name that its setting has where the text stands, and throws `request_invalid`. */
export function parsePort(text: string, name: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw wrong(`${name} is a number from 0 to 65535, not ${quote(text)}; 0 takes a free port.`);
}

/** A whole number within bounds. */
export function parseWhole(text: string, name: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw wrong(`${name} is a whole number from ${least} to ${most}, not ${quote(text)}.`);
}

/** A key, as its SHA-256: nothing of it is kept. One that is given as `sha256:HEX` is that already. */
export function parseKey(text: string): string {
  return storedHash(text) === undefined ? `${hashPrefix}${hashKey(text)}` : text.toLowerCase();
}

/** A name or an address, in brackets or not; given back without. */
export function parseHost(text: string, name: string): string {
  const host = text.replace(/^\[(.*)\]$/, "$1");
  if (/^[\w.:%-]+$/.test(host)) return host;
  throw wrong(`${name} is a name or an address such as 127.0.0.1, not ${quote(host)}.`);
}

export function parseLogLevel(text: string, name: string): LogLevel {
  const level = logLevels.find((known) => known === text);
  if (level !== undefined) return level;
  throw wrong(`${name} is one of ${logLevels.join(", ")}, not ${quote(text)}.`);
}

export function parseLogFormat(text: string, name: string): "auto" | "pretty" | "json" {
  if (text === "auto" || text === "pretty" || text === "json") return text;
  throw wrong(`${name} is auto, pretty or json, not ${quote(text)}.`);
}

export function parseReasoning(text: string, name: string): "field" | "think" | "none" {
  if (text === "field" || text === "think" || text === "none") return text;
  throw wrong(`${name} is field, think or none, not ${quote(text)}.`);
}

/** An address that a token may be sent to: https, or http on this machine. */
export function parseUrl(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname))) {
    return text.replace(/\/+$/, "");
  }
  throw wrong(`${name} is an https address, or http on this machine (your token is sent there), not ${quote(text)}.`);
}

/** An origin in lower case, without a final slash, or `*`. */
export function parseOrigin(text: string, name: string): string {
  const origin = text.replace(/\/+$/, "").toLowerCase();
  if (origin === "*" || /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*$/.test(origin)) return origin;
  throw wrong(`${name} is an origin such as http://localhost:3000, not ${quote(text)}.`);
}

/** `name=model`, each with at least a letter on both sides. */
export function parsePair(text: string, name: string): [name: string, model: string] {
  const [key = "", model = "", ...more] = text.split("=").map((part) => part.trim());
  if (key !== "" && model !== "" && more.length === 0) return [key, model];
  throw wrong(`${name} is a pair such as fast=gpt-6-luna-low, not ${quote(text)}.`);
}

/** A text that is passed on as it is. */
export function parseText(text: string): string {
  return text;
}

/** Takes a list apart at commas; empty parts don't count. */
export function splitList(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(",")).flatMap((value) => value.trim() || []);
}

/** The error for an invalid setting. */
export function wrong(message: string): CodexError {
  return new CodexError("request_invalid", message);
}

/** As it may stand in a message: in quotes, and not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
