import { randomUUID } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { CodexError, toCodexError } from "@codex/errors";
import {
  answerStored,
  type CodexClient,
  chatDialect,
  completionsDialect,
  type Dialect,
  type ExchangeRequest,
  errorReply,
  exchange,
  type Outcome,
  responsesDialect,
  type StoredAction,
} from "@codex/provider";
import type { Admission, Leave } from "./admission.js";
import { checkContentType, type Guard, preflightHeaders } from "./guard.js";
import type { ProxyLimits } from "./limits.js";
import { describeModel, listModels } from "./list-models.js";
import { checkBody, readBody } from "./read-body.js";
import { findRoute, type RouteMatch, type RouteName, routeList } from "./routes.js";
import { writeRefusal, writeReply } from "./write-reply.js";

export interface AnswerOptions {
  client: CodexClient;
  guard: Guard;
  /** Lets requests to the backend, so many at a time. */
  admission: Admission;
  limits: () => Pick<ProxyLimits, "maxBodyBytes" | "minBodyRate">;
  /** The text of `GET /`. */
  greeting: () => string;
  /** Told one line without line breaks; the caller's words may be in it, tokens never. */
  log: (line: string) => void;
  /** Whether to log what went well too. */
  isVerbose: () => boolean;
  /** Whether each effort of a model is listed as a model. Default: no. */
  effortVariants?: () => boolean;
  /** Whether the server is on its way out, so that connections are not kept. */
  isStopping: () => boolean;
}

/**
 * Answers one request, until `signal` aborts; `awaitsContinue` when the caller sends its body only after `100 Continue`.
 * Never rejects.
 */
export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
  awaitsContinue: boolean,
) => Promise<void>;

/** An unread body of at most this size is taken in, so that the connection can be kept after a refusal. */
const smallBodyBytes = 1024 * 1024;

/** Composes guard, routes and exchange into the one function that the server calls. */
export function createAnswer(options: AnswerOptions): Answer {
  const { client, guard, admission, isVerbose } = options;

  return async (request, response, signal, awaitsContinue) => {
    const requestId = chooseRequestId(request);
    const match = findRoute(request.url ?? "/");
    const dialect = dialectOf(match?.route.name);
    let headers: OutgoingHttpHeaders = { "x-request-id": requestId };
    if (options.isStopping()) response.shouldKeepAlive = false;
    // Without a listener a write to a socket that has just gone would end the process.
    response.on("error", ignore);
    let leave: Leave | undefined;
    try {
      const refusal = guard.checkSource(request.headers, request.rawHeaders);
      if (refusal !== undefined) throw refusal;
      if (request.headers.origin !== undefined) headers = { ...headers, ...guard.corsHeaders(request.headers) };
      if (isPreflight(request)) {
        response.writeHead(204, {
          ...headers,
          ...preflightHeaders(request.headers, match?.route.methods.join(", ") ?? "GET, POST"),
        });
        response.end();
        return;
      }
      const { route, id } = checkRoute(request, match, headers);
      const caller = route.guarded ? guard.checkKey(request.headers) : undefined;
      if (caller instanceof CodexError) throw caller;

      if (route.name === "health") return await writeReply(response, json({ status: "ok" }), headers);
      if (route.name === "root") return await writeReply(response, text(options.greeting()), headers);

      if (route.name === "models") {
        const list = await listModels(client, options.effortVariants?.() ?? false, signal);
        return await writeReply(response, list, headers);
      }
      if (route.name === "model") {
        return await writeReply(response, await describeModel(client, id ?? "", signal), headers);
      }
      const action = storedActionOf(route.name, request.method);
      if (action !== undefined) {
        const asked = { action, id: id ?? "", owner: guard.ownerOf(request.headers), query: queryOf(request) };
        return await writeReply(response, jsonText(await answerStored(client, asked)), headers);
      }

      const limits = options.limits();
      const wrong = checkContentType(request.headers["content-type"]) ?? checkBody(request, limits.maxBodyBytes);
      if (wrong !== undefined) throw wrong;
      // Before the body is read: those who wait take no memory.
      const place = admission.enter(caller?.keyName, signal);
      leave = typeof place === "function" ? place : await place;
      if (awaitsContinue) response.writeContinue();
      const body = await readBody(request, limits);
      const onOutcome = (outcome: Outcome) => logOutcome(request, requestId, outcome, caller?.keyName);
      const inbound = request.headers as Record<string, string | undefined>;
      const asked: ExchangeRequest = { body, headers: inbound, signal };
      if (dialect.keepsResponses) asked.owner = guard.ownerOf(request.headers);
      const reply = await exchange(client, dialect, asked, { onOutcome, onStoreFailure });
      await writeReply(response, reply, headers);
    } catch (thrown) {
      const error = toCodexError(thrown);
      logFailure(request, requestId, error);
      // Something failed while an answer was under way: all that is left to say is that it is not whole.
      if (response.headersSent) return void response.destroy();
      if (response.destroyed) return;
      const reply = errorReply(dialect, error);
      if (leavesMuchUnread(request, error, awaitsContinue)) writeRefusal(response, reply, headers);
      else await writeReply(response, reply, headers);
    } finally {
      leave?.();
    }
  };

  function onStoreFailure(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    options.log(`A response could not be kept: ${why}`.replace(/\p{Cc}+/gu, " "));
  }

  function logOutcome(request: IncomingMessage, requestId: string, outcome: Outcome, keyName?: string): void {
    if (outcome.error !== undefined) logFailure(request, requestId, outcome.error);
    if (outcome.error !== undefined || !isVerbose()) return;
    const used = outcome.usage === undefined ? "" : `, ${outcome.usage.total_tokens} tokens`;
    const who = keyName === undefined ? "" : `, key ${keyName}`;
    const what = `${outcome.status} ${outcome.backendModel ?? outcome.model ?? ""}${used}${who}`;
    options.log(logLine(request, requestId, what));
  }

  function logFailure(request: IncomingMessage, requestId: string, error: CodexError): void {
    // A caller that goes away is no failure.
    if (error.code === "aborted" && !isVerbose()) return;
    const cause = error.code === "internal" && error.cause instanceof Error ? ` ${error.cause.stack}` : "";
    options.log(logLine(request, requestId, `${error.status} ${error.code}: ${error.message}${cause}`));
  }
}

/** The dialect in which a route is answered, its errors included. */
function dialectOf(name: RouteName | undefined): Dialect {
  switch (name) {
    case "completions":
      return completionsDialect;
    case "responses":
    case "response":
    case "input_items":
    case "cancel":
      return responsesDialect;
    default:
      return chatDialect;
  }
}

/** What a route asks about a kept response; nothing for other routes. */
function storedActionOf(name: RouteName, method: string | undefined): StoredAction | undefined {
  switch (name) {
    case "response":
      return method === "DELETE" ? "delete" : "retrieve";
    case "input_items":
    case "cancel":
      return name;
    default:
      return undefined;
  }
}

function checkRoute(request: IncomingMessage, match: RouteMatch | undefined, headers: OutgoingHttpHeaders): RouteMatch {
  const { method = "GET", url = "/" } = request;
  const path = pathOf(url);
  if (match === undefined) {
    const where = path.startsWith("/") ? path : "an address of another server";
    throw new CodexError("not_found", `There is no ${method} ${where} here. There is ${routeList}.`);
  }
  if (match.route.methods.includes(method)) return match;
  headers.allow = match.route.methods.join(", ");
  throw new CodexError("method_not_allowed", `${path} takes ${headers.allow}, not ${method}.`);
}

function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers.origin !== undefined;
}

/** Whether so much of a body may still be coming that the connection is better given up. */
function leavesMuchUnread(request: IncomingMessage, error: CodexError, awaitsContinue: boolean): boolean {
  if (request.complete) return false;
  if (awaitsContinue || error.code === "too_large" || error.status === 408) return true;
  if (request.headers["transfer-encoding"] !== undefined) return true;
  return Number(request.headers["content-length"] ?? 0) > smallBodyBytes;
}

/** The caller's own id where it is short and printable, else a new one. */
function chooseRequestId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && /^[\x21-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}

function json(value: object) {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function jsonText(body: string) {
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

function text(body: string) {
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

function queryOf({ url = "" }: IncomingMessage): URLSearchParams {
  const start = url.indexOf("?");
  return new URLSearchParams(start === -1 ? "" : url.slice(start + 1));
}

/** The query stays out of messages and logs: some clients put keys there. */
function pathOf(url: string): string {
  return (url.split("?", 1)[0] ?? "").slice(0, 200);
}

function logLine({ method, url }: IncomingMessage, requestId: string, what: string): string {
  return `${method} ${pathOf(url ?? "/")} ${what} (${requestId})`.replace(/\p{Cc}+/gu, " ");
}

function ignore(): void {}
