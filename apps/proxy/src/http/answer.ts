import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { CodexError, toCodexError, withoutFrames } from "@codex/errors";
import { chatDialect, errorReply } from "@codex/provider";
import { checkContentType, forgiveOwnOrigin, type Guard, preflightHeaders } from "../keys/guard.js";
import { type Observer, pathOf, type RecordedRequest, recordRequest } from "../observe/request-record.js";
import { createMatcher, listRoutes, type RouteMatch } from "../routes/match.js";
import type { KeyPlace, Route, RouteRequest } from "../routes/route.js";
import type { ProxyLimits } from "../settings/limits.js";
import type { Admission, Leave } from "./admission.js";
import { type Body, type BodyReader, checkBody } from "./read-body.js";
import { writeRefusal, writeReply } from "./write-reply.js";

export interface AnswerOptions {
  guard: Guard;
  routes: readonly Route[];
  limits: () => Pick<ProxyLimits, "maxBodyBytes" | "readTimeoutMs">;
  /** Takes in bodies, of which so many bytes are in memory at a time. */
  bodies: BodyReader;
  /** Lets requests to the backend, so many at a time. */
  admission: Admission;
  /** Called with every request as it begins and as it ends. */
  observer: Required<Observer>;
  /** The refusal of a request that would use more of the plan than it may. Default: none. */
  checkQuota?: (keyName: string | undefined) => Promise<CodexError | undefined> | undefined;
  /** Whether the server is on its way out, so that connections are not kept. */
  isStopping: () => boolean;
}

/** What a caller waits for before it sends its body: nothing, `100 Continue`, or something that there is not. */
export type Expectation = "nothing" | "continue" | "unknown";

/** Answers one request, until `signal` aborts. Never rejects. */
export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
  expectation: Expectation,
) => Promise<void>;

/** An unread body of at most this size is taken in, so that the connection can be kept after a refusal. */
const smallBodyBytes = 1024 * 1024;

/** The status on record when the caller has gone before one was sent. */
const callerGone = 499;

/** Composes guard, routes and limits into the one function that the server calls. */
export function createAnswer(options: AnswerOptions): Answer {
  const { guard, admission, bodies, observer, routes } = options;
  const find = createMatcher(routes);
  const explainMissing = createExplainMissing(routes);

  return async (request, response, signal, expectation) => {
    const requestId = chooseRequestId(request);
    const match = find(request.url ?? "/", request.headers);
    const recorded = recordRequest(request, requestId, match?.route);
    const { record } = recorded;
    observer.begin(record);
    const dialect = match?.route.dialect ?? chatDialect;
    let headers: OutgoingHttpHeaders = { "x-request-id": requestId };
    if (options.isStopping()) response.shouldKeepAlive = false;
    // Without a listener a write to a socket that has just gone would end the process.
    response.on("error", ignore);
    let leave: Leave | undefined;
    let body: Body | undefined;
    try {
      const source = match?.route.ownPages ? forgiveOwnOrigin(request.headers) : request.headers;
      const refusal = guard.checkSource(source, request.rawHeaders);
      if (refusal !== undefined) throw refusal;
      if (request.headers.origin !== undefined) headers = { ...headers, ...guard.corsHeaders(request.headers) };
      if (expectation === "unknown") throw unknownExpectation(request);
      if (isPreflight(request)) {
        response.writeHead(204, {
          ...headers,
          ...preflightHeaders(request.headers, match?.route.methods.join(", ") ?? "GET, POST"),
        });
        response.end();
        return;
      }
      const { route, params } = checkRoute(request, match ?? explainMissing(request), headers);
      const key = findKey(request, route.keyAt);
      const caller = route.guarded ? guard.checkKey(request.headers, key) : undefined;
      if (caller instanceof CodexError) throw caller;
      record.keyName = caller?.keyName;

      const { maxBodyBytes, readTimeoutMs } = options.limits();
      if (route.body !== undefined) {
        const wrong = checkContentType(request.headers["content-type"], route.body) ?? checkBody(request, maxBodyBytes);
        if (wrong !== undefined) throw wrong;
      }
      const readBody = async () => {
        const from = caller?.keyName ?? request.socket.remoteAddress ?? "";
        const onBegin = expectation === "continue" ? () => response.writeContinue() : undefined;
        body ??= await bodies.read(request, from, signal, {
          onBegin,
          as: route.body === "multipart" ? "bytes" : "text",
        });
        return body;
      };
      if (route.exchange !== undefined) {
        const spent = await options.checkQuota?.(record.keyName);
        if (spent !== undefined) throw spent;
        // The body before the place: who sends one slowly takes no place from others. Of memory there is a budget.
        if (route.body !== undefined) await readBody();
        const place = admission.enter(caller?.keyName, signal);
        leave = typeof place === "function" ? place : await place;
      }
      const ownerOf = () => (route.guarded ? guard.ownerOf(request.headers, key) : "");
      const asked = new RequestView(request, { params, caller, ownerOf, recorded, signal, readBody });
      await writeReply(response, await route.answer(asked), headers, readTimeoutMs);
    } catch (thrown) {
      const error = toCodexError(thrown);
      record.error = withoutFrames(error);
      // Something failed while an answer was under way: all that is left to say is that it is not whole.
      if (response.headersSent) return void response.destroy();
      if (response.destroyed) return;
      const reply = errorReply(dialect, error);
      if (leavesMuchUnread(request, error, expectation)) writeRefusal(response, reply, headers);
      else await writeReply(response, reply, headers);
    } finally {
      leave?.();
      body?.share.release();
      recorded.end(response.headersSent ? response.statusCode : (record.error?.status ?? callerGone));
      observer.end(record);
    }
  };
}

interface Known extends Pick<RouteRequest, "params" | "caller" | "recorded" | "signal" | "readBody"> {
  ownerOf: () => string;
}

/** A request as routes see it. What only some of them ask for is worked out when they do. */
class RequestView implements RouteRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: RouteRequest["params"];
  readonly caller: RouteRequest["caller"];
  readonly recorded: RecordedRequest;
  readonly signal: AbortSignal;
  readonly readBody: RouteRequest["readBody"];
  readonly #url: string;
  readonly #ownerOf: () => string;

  constructor({ method = "GET", url = "/", headers }: IncomingMessage, known: Known) {
    this.method = method;
    this.headers = headers;
    this.params = known.params;
    this.caller = known.caller;
    this.recorded = known.recorded;
    this.signal = known.signal;
    this.readBody = known.readBody;
    this.#url = url;
    this.#ownerOf = known.ownerOf;
  }

  get path(): string {
    return pathOf(this.#url);
  }

  get query(): URLSearchParams {
    return queryOf(this.#url);
  }

  get owner(): string {
    return this.#ownerOf();
  }
}

/** A key where the route alone looks for one; nothing where none stands there. */
function findKey({ url = "/", headers }: IncomingMessage, places: readonly KeyPlace[] = []): string | undefined {
  for (const place of places) {
    const found = "header" in place ? headers[place.header] : queryOf(url).get(place.query);
    if (typeof found === "string" && found !== "") return found;
  }
  return undefined;
}

/** Throws the 404 of a path that there is not. */
function createExplainMissing(routes: readonly Route[]): (request: IncomingMessage) => never {
  const list = listRoutes(routes);
  return ({ method = "GET", url = "/" }) => {
    const path = pathOf(url);
    const where = path.startsWith("/") ? path : "an address of another server";
    throw new CodexError("not_found", `There is no ${method} ${where} here. There is ${list}.`);
  };
}

function checkRoute(request: IncomingMessage, match: RouteMatch, headers: OutgoingHttpHeaders): RouteMatch {
  const { method = "GET", url = "/" } = request;
  const path = pathOf(url);
  if (match.route.methods.includes(method)) return match;
  if (match.route.upgrade === "refused" && isWebSocket(request)) {
    Object.assign(headers, { upgrade: "HTTP/1.1", connection: "upgrade, close" });
    const message = `${path} is not served over a WebSocket. Send the request by POST, with \`stream: true\` for events.`;
    throw new CodexError("method_not_allowed", message, { status: 426 });
  }
  headers.allow = match.route.methods.join(", ");
  throw new CodexError("method_not_allowed", `${path} takes ${headers.allow}, not ${method}.`);
}

/** The Codex CLI tries one first, and goes on by HTTP when it is answered with 426. */
function isWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && /(?:^|[\s,])websocket(?:[\s,]|$)/i.test(headers.upgrade ?? "");
}

function unknownExpectation({ headers }: IncomingMessage): CodexError {
  const expected = JSON.stringify(`${headers.expect}`.slice(0, 100));
  return new CodexError(
    "request_invalid",
    `The header \`expect\` is ${expected}, and only 100-continue can be expected here. Leave it out.`,
    { status: 417 },
  );
}

function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers.origin !== undefined;
}

/** Whether so much of a body may still be coming that the connection is better given up. */
function leavesMuchUnread(request: IncomingMessage, error: CodexError, expectation: Expectation): boolean {
  if (request.complete) return false;
  // Nor is it waited for what came too slowly, or for what there was no room.
  if (expectation !== "nothing" || error.code === "too_large" || error.code === "busy" || error.status === 408)
    return true;
  if (request.headers["transfer-encoding"] !== undefined) return true;
  return Number(request.headers["content-length"] ?? 0) > smallBodyBytes;
}

/** The caller's own id where it is short and printable, else a new one. */
function chooseRequestId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && /^[\x21-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}

function queryOf(url: string): URLSearchParams {
  const start = url.indexOf("?");
  return new URLSearchParams(start === -1 ? "" : url.slice(start + 1));
}

function ignore(): void {}
