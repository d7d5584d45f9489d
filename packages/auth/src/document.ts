import * as z from "zod/mini";
import { AuthError, loginHint } from "./auth-error.js";
import { isTime, readClaims } from "./claims.js";
import { type Credentials, describeTokens, type Layout, type NewLogin, type Tokens } from "./credentials.js";

/** The parsed JSON of a login file, with whatever other programs keep in it. */
export type Document = Record<string, unknown>;

/** A login, and the document that it was found in. */
export interface StoredLogin {
  credentials: Credentials & { layout: Layout };
  document: Document;
}

// A token goes into a header: anything beyond printable ASCII would fail there, with the token in the message.
const token = z.string().check(z.regex(/^[\x21-\x7e]+$/));
// An empty refresh token is tolerated, as the Codex CLI does, and means: cannot be renewed.
const refreshToken = z.nullish(z.string().check(z.regex(/^[\x21-\x7e]*$/)));
const moment = z.nullish(z.union([z.number(), z.string()]));

const tokenFields = z.looseObject({
  access_token: token,
  refresh_token: refreshToken,
  id_token: z.nullish(z.string()),
  account_id: z.nullish(z.string()),
  expires_at: moment,
  last_refresh: moment,
});

/**
 * Reads the text of a login file, in any of its three layouts. `location` names it in messages.
 * Throws an AuthError: `broken` (empty, cut off, not JSON), `unknown_layout`, `api_key_only`.
 */
export function parseLogin(text: string, location: string): StoredLogin {
  const document = parseDocument(text, location);
  const layout = findLayout(document, location);
  const parsed = tokenFields.safeParse(fieldsOf(document, layout));
  if (!parsed.success) {
    const at = [...prefixes[layout], ...(parsed.error.issues[0]?.path ?? [])].join(".");
    throw new AuthError(
      "unknown_layout",
      `${location} holds no usable login: \`${at}\` is missing or is not what it should be. ${loginHint}`,
    );
  }
  const fields = parsed.data;
  const credentials = describeTokens({
    accessToken: fields.access_token,
    refreshToken: fields.refresh_token || undefined,
    idToken: fields.id_token || undefined,
    accountId: fields.account_id || undefined,
    expiresAt: parseMoment(fields.expires_at),
    lastRefresh: parseMoment(document.last_refresh) ?? parseMoment(fields.last_refresh),
  });
  return { credentials: { ...credentials, layout }, document };
}

/** Parses the text of a login file to an object. Throws an AuthError (`broken` or `unknown_layout`). */
export function parseDocument(text: string, location: string): Document {
  const clean = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (clean.trim() === "") throw new AuthError("broken", `${location} is empty. ${loginHint}`);
  let value: unknown;
  try {
    value = JSON.parse(clean);
  } catch {
    // The cause is withheld: a SyntaxError quotes the text around it.
    throw new AuthError("broken", `${location} is cut off or is not JSON. ${loginHint}`);
  }
  if (isRecord(value)) return value;
  throw new AuthError("unknown_layout", `${location} is JSON, but not a login file. ${loginHint}`);
}

const prefixes: Record<Layout, string[]> = { codex: ["tokens"], chatgpt: ["chatgpt"], flat: [] };

function findLayout(document: Document, location: string): Layout {
  if (document.tokens !== undefined && document.tokens !== null) return "codex";
  if (document.chatgpt !== undefined && document.chatgpt !== null) return "chatgpt";
  if ("access_token" in document) return "flat";
  if (isFilled(document.OPENAI_API_KEY) || isFilled(document.personal_access_token)) {
    throw new AuthError(
      "api_key_only",
      `${location} holds an API key or a personal access token, but no ChatGPT login. ${loginHint}`,
    );
  }
  throw new AuthError(
    "unknown_layout",
    `${location} holds no login in a layout that is known (tokens, chatgpt, or flat keys). ${loginHint}`,
  );
}

function fieldsOf(document: Document, layout: Layout): unknown {
  if (layout === "codex") return document.tokens;
  return layout === "chatgpt" ? document.chatgpt : document;
}

/**
 * Puts new tokens into a document, in the layout that it has; every other key stays. Always with `last_refresh`,
 * and, where the Codex CLI reads the document, with a lower-case `auth_mode`.
 */
export function mergeTokens(document: Document, layout: Layout, tokens: Tokens, now: number): Document {
  const old = (fieldsOf(document, layout) ?? {}) as Document;
  const fields: Document = { ...old };
  if (tokens.idToken !== undefined) fields.id_token = tokens.idToken;
  if (tokens.accessToken !== undefined) fields.access_token = tokens.accessToken;
  if (tokens.refreshToken !== undefined) fields.refresh_token = tokens.refreshToken;
  if (tokens.accessToken !== undefined) Object.assign(fields, endOf(tokens, old.expires_at));
  const last_refresh = new Date(now).toISOString();
  if (layout === "flat") return { ...fields, last_refresh };
  if (layout === "chatgpt") return { ...document, chatgpt: fields, last_refresh };
  return { ...document, ...authMode(document), tokens: fields, last_refresh };
}

/**
 * The document of a new login, which replaces the one in `old`: in the layout found there, else as the Codex CLI
 * writes it. What other programs keep in the document stays.
 */
export function replaceLogin(old: Document, login: NewLogin, now: number): Document {
  const { accessToken, refreshToken, idToken, accountId } = login;
  const fields = { id_token: idToken ?? "", access_token: accessToken, refresh_token: refreshToken ?? "" };
  const account_id = accountId ?? null;
  const last_refresh = new Date(now).toISOString();
  if (isRecord(old.chatgpt) && !isRecord(old.tokens)) {
    const expires_at = endOf(login, old.chatgpt.expires_at);
    return { ...old, chatgpt: { ...old.chatgpt, ...fields, account_id, ...expires_at }, last_refresh };
  }
  if ("access_token" in old && !isRecord(old.tokens)) {
    return { ...old, ...fields, account_id, ...endOf(login, old.expires_at), last_refresh };
  }
  const tokens = { ...(isRecord(old.tokens) ? old.tokens : {}), ...fields, account_id };
  return { OPENAI_API_KEY: null, ...old, auth_mode: "chatgpt", tokens, last_refresh };
}

/** What is left of a document when its login is taken out, or `undefined` when nothing worth keeping is. */
export function withoutLogin(document: Document): Document | undefined {
  const kept = ["OPENAI_API_KEY", "personal_access_token", "bedrock_api_key", "agent_identity"];
  if (!kept.some((key) => document[key] !== undefined && document[key] !== null)) return undefined;
  const { tokens: _tokens, chatgpt: _chatgpt, last_refresh: _last, auth_mode: _mode, ...rest } = document;
  const { access_token: _access, refresh_token: _refresh, id_token: _id, account_id: _account, ...left } = rest;
  return left;
}

/** The text of a document as the Codex CLI writes it: pretty, without a final newline. */
export function formatDocument(document: Document): string {
  return JSON.stringify(document, null, 2);
}

// The Codex CLI refuses any other spelling; where the mode is absent it must not turn an API key login into another.
function authMode(document: Document): Document {
  const mode = document.auth_mode;
  if (typeof mode === "string") return mode.toLowerCase() === "chatgpt" ? { auth_mode: "chatgpt" } : {};
  if (mode !== undefined && mode !== null) return {};
  const other = ["OPENAI_API_KEY", "personal_access_token", "bedrock_api_key"].some((key) => isFilled(document[key]));
  return other ? {} : { auth_mode: "chatgpt" };
}

function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

function isRecord(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The key `expires_at`, only where there was one. */
function endOf(tokens: Tokens, old: unknown): Document {
  if (old === undefined) return {};
  const end = readClaims(tokens.accessToken).expiresAt ?? tokens.expiresAt;
  return { expires_at: end === undefined ? null : formatMoment(end, old) };
}

const millisecondsFrom = 100_000_000_000;

/** Unix milliseconds from seconds, milliseconds or a date text. */
function parseMoment(value: unknown): number | undefined {
  if (typeof value === "number") {
    const time = value < millisecondsFrom ? value * 1000 : value;
    return isTime(time) ? time : undefined;
  }
  if (typeof value !== "string" || value === "") return undefined;
  const number = Number(value);
  const parsed = Number.isFinite(number) ? parseMoment(number) : Date.parse(value);
  return parsed === undefined || Number.isNaN(parsed) ? undefined : parsed;
}

/** Writes a time the way the old one was written. */
function formatMoment(time: number, old: unknown): number | string {
  if (typeof old === "string")
    return Number.isFinite(Number(old)) && old !== "" ? String(Math.floor(time / 1000)) : new Date(time).toISOString();
  return typeof old === "number" && old >= millisecondsFrom ? time : Math.floor(time / 1000);
}
