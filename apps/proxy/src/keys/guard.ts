import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isLoopback } from "@codex/auth";
import { CodexError } from "@codex/errors";
import { hashKey, storedHash } from "./key-store.js";

export interface GuardOptions {
  /** What the proxy listens on; a request may be addressed to it, unless it is a wildcard such as `0.0.0.0`. */
  host: string;
  /** Keys, or `sha256:HEX` of them. */
  apiKeys: readonly string[];
  /** Keys of which only the hash is known, each with its name. Default: none. */
  storedKeys?: readonly { name: string; sha256: string }[];
  /** Host names beside loopback; `*` for all. */
  allowedHosts: readonly string[];
  /** Origins in lower case, without a final slash; `*` for all. */
  allowedOrigins: readonly string[];
}

/** Who may come in. Each check returns the refusal, or nothing. */
export interface Guard {
  /**
   * Host and Origin: keeps out web pages, those with a rebound DNS name included.
   * @param rawHeaders names and values in turn, as they came: `headers` does not show that one came twice
   */
  checkSource(headers: IncomingHttpHeaders, rawHeaders?: readonly string[]): CodexError | undefined;
  /**
   * The caller's key, where keys are configured: whose it is, or the refusal.
   * @param shown the key, where the route has a place of its own for it and it stands there
   */
  checkKey(headers: IncomingHttpHeaders, shown?: string): Caller | CodexError;
  /** Whose a request is, in words that do not tell the key: what is kept for one key is not shown to another. */
  ownerOf(headers: IncomingHttpHeaders, shown?: string): string;
  /** CORS headers for an allowed origin; nothing for a caller that is no web page. */
  corsHeaders(headers: IncomingHttpHeaders): Record<string, string> | undefined;
  /**
   * Takes other options, for requests from now on. Where others can reach `host` and no key is left, nobody comes in
   * any more.
   */
  configure(options: GuardOptions): void;
}

/** Who asks. */
export interface Caller {
  /**
   * The name that a key was made with; for one from the settings `key-` and the first eight hex digits of its SHA-256.
   * Undefined where no keys are configured.
   */
  readonly keyName: string | undefined;
}

/** The options, made ready for lookups. */
interface Admission {
  hosts: ReadonlySet<string>;
  origins: ReadonlySet<string>;
  /** Hashes, each with who comes in by it. */
  keys: readonly { hash: Buffer; caller: Caller }[];
  isKeyNeeded: boolean;
}

const anyone: Caller = Object.freeze({ keyName: undefined });

/**
 * Builds the guard. Throws `request_invalid` when `host` can be reached from other machines and there is no key:
 * whoever reached it could use the owner's plan.
 */
export function createGuard(options: GuardOptions): Guard {
  let { hosts, origins, keys, isKeyNeeded } = admit(options);
  if (isKeyNeeded && keys.length === 0) {
    throw new CodexError(
      "request_invalid",
      `Listening on ${options.host} lets other machines in, so callers need a key: make one with \`codex-oauth keys create\`, set CODEX_PROXY_API_KEYS (or --api-key), or listen on 127.0.0.1.`,
    );
  }

  const originAllowed = (origin: string) => origins.has("*") || origins.has(origin.toLowerCase());

  return {
    configure(next) {
      ({ hosts, origins, keys, isKeyNeeded } = admit(next));
    },

    checkSource(headers, rawHeaders = []) {
      if (countHosts(rawHeaders) > 1) {
        return new CodexError("request_invalid", "The request has more than one Host header. Send one.");
      }
      const name = hostName((headers.host ?? "").toLowerCase());
      if (!isLoopback(name) && !hosts.has(name) && !hosts.has("*")) {
        return new CodexError(
          "forbidden",
          `This proxy answers to localhost only, not to the host ${JSON.stringify(name.slice(0, 100))}. To allow that name, start it with --allowed-host or CODEX_PROXY_ALLOWED_HOSTS.`,
        );
      }
      if (headers.origin !== undefined && !originAllowed(headers.origin)) {
        return new CodexError(
          "forbidden",
          `Pages of ${JSON.stringify(headers.origin.slice(0, 100))} may not use this proxy. To allow them, start it with --allowed-origin or CODEX_PROXY_ALLOWED_ORIGINS.`,
        );
      }
      // What a page embeds, an image or a script of ours, comes without an Origin; browsers say so in these two.
      if (headers["sec-fetch-mode"] === "no-cors" && /^(cross|same)-site$/.test(`${headers["sec-fetch-site"]}`)) {
        return new CodexError("forbidden", "Pages of other sites may not embed what this proxy answers.");
      }
      return undefined;
    },

    checkKey(headers, key = shownKey(headers)) {
      if (!isKeyNeeded) return anyone;
      const shown = digest(key ?? "");
      let known: Caller | undefined;
      for (const { hash, caller } of keys) if (timingSafeEqual(hash, shown)) known = caller;
      if (known !== undefined) return known;
      return new CodexError(
        "proxy_key_invalid",
        "This proxy wants one of its own keys (not an OpenAI key): send it as `Authorization: Bearer KEY` or `x-api-key: KEY`. Its owner makes them with `codex-oauth keys create`, or has set them in CODEX_PROXY_API_KEYS or with --api-key.",
      );
    },

    ownerOf(headers, key = shownKey(headers)) {
      return key === undefined ? "" : digest(key).toString("base64url");
    },

    corsHeaders(headers) {
      if (headers.origin === undefined || !originAllowed(headers.origin)) return undefined;
      return {
        "access-control-allow-origin": headers.origin,
        "access-control-expose-headers": "x-request-id, x-codex-adjusted, x-codex-models-source, retry-after",
        vary: "origin",
      };
    },
  };
}

function admit(options: GuardOptions): Admission {
  const hosts = new Set(options.allowedHosts.map((name) => hostName(name.toLowerCase())));
  if (!isWildcard(options.host)) hosts.add(options.host.toLowerCase());
  const configured = options.apiKeys.map((key) => {
    const hash = Buffer.from(storedHash(key) ?? hashKey(key), "hex");
    return { hash, caller: { keyName: `key-${hash.toString("hex", 0, 4)}` } };
  });
  const stored = (options.storedKeys ?? []).map(({ name, sha256 }) => ({
    hash: Buffer.from(sha256, "hex"),
    caller: { keyName: name },
  }));
  const keys = [...configured, ...stored];
  const isKeyNeeded = keys.length > 0 || !isLoopback(options.host);
  return { hosts, origins: new Set(options.allowedOrigins), keys, isKeyNeeded };
}

/** What a preflight asks to hear, beside the headers that every answer to an allowed origin has. */
export function preflightHeaders(headers: IncomingHttpHeaders, methods: string): Record<string, string> {
  return {
    "access-control-allow-methods": methods,
    "access-control-allow-headers": headers["access-control-request-headers"] ?? "authorization, content-type",
    "access-control-max-age": "600",
    ...(headers["access-control-request-private-network"] && { "access-control-allow-private-network": "true" }),
  };
}

/**
 * Refuses a body that is not declared as what the route takes: JSON in UTF-8, or a multipart form. A page's form cannot send
 * JSON without a preflight, so this is a fence as well as a courtesy; a multipart route needs another one, a key.
 */
export function checkContentType(
  contentType: string | undefined,
  kind: "json" | "multipart" = "json",
): CodexError | undefined {
  if (kind === "multipart") return checkMultipart(contentType);
  if (contentType === "application/json") return undefined;
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const charset = parameters.map((p) => p.trim()).find((p) => p.startsWith("charset="));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (type.trim() === "application/json" && isUtf8) return undefined;
  return new CodexError(
    "media_type_unsupported",
    `Send the body as JSON in UTF-8, with the header \`content-type: application/json\`${contentType === undefined ? "; it is missing." : `, not ${JSON.stringify(contentType.slice(0, 100))}.`}`,
  );
}

function checkMultipart(contentType = ""): CodexError | undefined {
  if (/^multipart\/form-data\s*;\s*(?:.*;\s*)?boundary=\S/i.test(contentType)) return undefined;
  return new CodexError(
    "media_type_unsupported",
    "Send the body as a form, with the header `content-type: multipart/form-data; boundary=...`.",
  );
}

/** Browsers name the origin of a page when it loads its own scripts; for the dashboard's that is this proxy itself. */
export function forgiveOwnOrigin(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { origin, host } = headers;
  const isOwn = origin === `http://${host}` || origin === `https://${host}`;
  return isOwn ? { ...headers, origin: undefined } : headers;
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** `example.test:80` -> `example.test`; `[::1]:80` and `[::1]` -> `::1`; what is no host and port stays as it is. */
function hostName(host: string): string {
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d*)?$/.exec(host);
  if (bracketed?.[1] !== undefined) return bracketed[1];
  return /^[^:]*:\d*$/.test(host) ? host.slice(0, host.indexOf(":")) : host;
}

function shownKey(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^bearer +(\S+)\s*$/i.exec(headers.authorization ?? "")?.[1];
  const own = headers["x-api-key"];
  return bearer ?? (typeof own === "string" ? own : undefined);
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (/^host$/i.test(rawHeaders[at] ?? "")) count++;
  return count;
}

/** Of equal length whatever the key, so that comparing takes equal time. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
