import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { CodexError } from "@codex/errors";
import { probeCaller } from "./probe-caller.js";

/**
 * Knows which connections are at work, so that a server can stop without cutting an answer, and can make room for new
 * connections among those that are not.
 */
export interface Connections {
  /**
   * Notes a request, until its response is closed.
   * @returns aborts when the caller goes away before its answer is complete (one that has only ended its own side is still
   * there), and, with an error of ours as the reason, when
   * the answer has to end because the server stops
   */
  begin(request: IncomingMessage, response: ServerResponse): AbortSignal;
  /** Requests under way. */
  readonly running: number;
  readonly stopping: boolean;
  /**
   * Takes no more connections, closes idle ones, and after `graceMs` has what still runs end with an error of its own
   * dialect. Destroys what is left after `lastWordsMs` more, default 2,000: who does not read them is cut off.
   */
  stop(graceMs: number, lastWordsMs?: number): Promise<void>;
}

/**
 * @param maxIdle how many connections without a request may be open; of more the longest idle is closed. Default: any number.
 *
 * `server.close()` alone would not do: it destroys a connection whose answer is complete but not yet sent, and leaves
 * one open that gets idle later.
 */
export function trackConnections(server: Server, maxIdle = Number.POSITIVE_INFINITY): Connections {
  const requestsBySocket = new Map<Socket, number>();
  /** Without a request under way: kept ones, and those whose request has not come yet. Longest in this state first. */
  const idle = new Set<Socket>();
  /** Those that have brought a request before, and may bring another at any moment. */
  const served = new WeakSet<Socket>();
  const answering = new Map<Socket, ServerResponse>();
  const running = new Set<AbortController>();
  let stopped: Promise<void> | undefined;

  server.on("connection", (socket: Socket) => {
    requestsBySocket.set(socket, 0);
    idle.add(socket);
    if (idle.size > maxIdle) chooseIdle(idle, served)?.destroy();
    socket.on("close", () => {
      requestsBySocket.delete(socket);
      idle.delete(socket);
      answering.delete(socket);
    });
    socket.on("end", () => {
      const response = answering.get(socket);
      if (response !== undefined) probeCaller(response);
    });
  });

  const change = (socket: Socket, by: 1 | -1) => {
    const before = requestsBySocket.get(socket);
    if (before === undefined) return;
    requestsBySocket.set(socket, before + by);
    if (before + by > 0) return void idle.delete(socket);
    idle.add(socket);
    if (stopped !== undefined) socket.end();
  };

  return {
    begin(request, response) {
      const { socket } = request;
      const controller = new AbortController();
      running.add(controller);
      answering.set(socket, response);
      served.add(socket);
      change(socket, 1);
      response.on("close", () => {
        running.delete(controller);
        if (!response.writableFinished) controller.abort();
        if (answering.get(socket) === response) answering.delete(socket);
        change(socket, -1);
      });
      return controller.signal;
    },
    get running() {
      return running.size;
    },
    get stopping() {
      return stopped !== undefined;
    },
    stop(graceMs, lastWordsMs = 2000) {
      stopped ??= new Promise((resolve) => {
        let timer = setTimeout(() => {
          for (const controller of running) controller.abort(stoppedError());
          timer = setTimeout(() => {
            for (const socket of requestsBySocket.keys()) socket.destroy();
          }, lastWordsMs);
        }, graceMs);
        NetServer.prototype.close.call(server, () => {
          clearTimeout(timer);
          resolve();
        });
        for (const [socket, requests] of requestsBySocket) if (requests === 0) socket.destroy();
      });
      return stopped;
    },
  };
}

/**
 * Of the address that has most idle connections the one that has been idle longest, among those first that never brought a
 * request: one that did may be used again at this very moment. Whoever opens a thousand and sends nothing, or the letters of
 * a header one by one, takes places from himself alone.
 */
function chooseIdle(idle: ReadonlySet<Socket>, served: WeakSet<Socket>): Socket | undefined {
  const first = new Map<string | undefined, { socket: Socket; count: number }>();
  let most: { socket: Socket; count: number } | undefined;
  for (const socket of idle) {
    const of = first.get(socket.remoteAddress) ?? { socket, count: 0 };
    of.count++;
    if (served.has(of.socket) && !served.has(socket)) of.socket = socket;
    first.set(socket.remoteAddress, of);
    if (most === undefined || of.count > most.count) most = of;
  }
  return most?.socket;
}

function stoppedError(): CodexError {
  const message = "The proxy is being stopped, and this answer took longer than it could wait. Try again in a moment.";
  return new CodexError("stream_interrupted", message, { status: 503 });
}
