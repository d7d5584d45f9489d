import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Context, Exchange } from "../context.js";
import { wasCut } from "../responses/send.js";
import { BodyError } from "./decode-body.js";
import { maxBodyBytes, parseBody, readBody } from "./read-body.js";
import { detail, sendReply } from "./reply.js";
import type { ReceivedRequest } from "./request-log.js";

const responsesPath = "/backend-api/codex/responses";
/** The largest body of a route that takes no conversation: 1 MiB. */
const maxSmallBodyBytes = 1024 * 1024;

/** Makes the listener that reads a request, notes it, has it answered, and keeps the counts. */
export function createListener(context: Context, answer: (exchange: Exchange) => Promise<void>): RequestListener {
  return (request, response) => {
    void serve(request, response, context, answer);
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  context: Context,
  answer: (exchange: Exchange) => Promise<void>,
): Promise<void> {
  const record = createRecord(request, context);
  const gone = new AbortController();
  const isResponses = record.path === responsesPath && record.method === "POST";
  const isControl = record.path.startsWith("/__simulator/");
  if (isResponses) {
    context.stats.responses++;
    context.stats.activeResponses++;
  }
  response.once("close", () => {
    gone.abort();
    if (isResponses) context.stats.activeResponses--;
    if (response.headersSent) record.status = response.statusCode;
    const left = !response.writableFinished && !wasCut(response);
    if (left) context.stats.disconnects++;
    if (!isControl) context.emit(left ? "disconnect" : "answered", record);
  });
  try {
    const isLarge = record.path.startsWith(responsesPath);
    const body = await readBody(request, isLarge ? maxBodyBytes : maxSmallBodyBytes);
    record.body = parseBody(body, request.headers["content-type"]);
    const { account } = context.tokens.check(request.headers.authorization);
    if (account) record.account = account.accountId;
    if (!isControl) {
      context.log.add(record, body.length);
      context.emit("request", record);
    }
    const { path, query } = record;
    await answer({ request, response, path, query, body, record, account, signal: gone.signal });
  } catch (error) {
    refuse(error, request, response, context, record);
  }
}

function refuse(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  context: Context,
  record: ReceivedRequest,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (error instanceof BodyError) {
    context.log.add(record, 0);
    // The rest of an oversized upload is not read: the connection ends with the answer.
    sendReply(response, { ...detail(error.status, error.message), headers: { connection: "close" } });
    request.resume();
    return;
  }
  sendReply(response, { status: 500, body: { error: { message: `The simulator failed: ${String(error)}` } } });
}

function createRecord(request: IncomingMessage, context: Context): ReceivedRequest {
  const url = new URL(request.url ?? "/", "http://localhost");
  return {
    method: request.method ?? "GET",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
    body: undefined,
    at: context.now(),
  };
}

/** Refuses every WebSocket: 426 on `/responses`, after which the official client posts instead; 404 elsewhere. */
export function refuseUpgrade(context: Context) {
  return (request: IncomingMessage, socket: Duplex): void => {
    const record = createRecord(request, context);
    record.upgrade = true;
    record.status = record.path === responsesPath ? 426 : 404;
    context.log.add(record, 0);
    context.emit("request", record);
    socket.on("error", () => socket.destroy());
    const text = record.status === 426 ? "Upgrade Required" : "Not Found";
    socket.end(`HTTP/1.1 ${record.status} ${text}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  };
}
