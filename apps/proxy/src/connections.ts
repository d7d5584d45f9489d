import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { CodexError } from "@codex/errors";

/** Knows which connections are at work, so that a server can stop without cutting an answer. */
export interface Connections {
  /**
   * Notes a request, until its response is closed.
   * @returns aborts when the caller goes away before its answer is complete, and, with an error of ours as the reason, when
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
 * `server.close()` alone would not do: it destroys a connection whose answer is complete but not yet sent, and leaves
 * one open that gets idle later.
 */
export function trackConnections(server: Server): Connections {
  const requestsBySocket = new Map<Socket, number>();
  const running = new Set<AbortController>();
  let stopped: Promise<void> | undefined;

  server.on("connection", (socket: Socket) => {
    requestsBySocket.set(socket, 0);
    socket.on("close", () => requestsBySocket.delete(socket));
  });

  const change = (socket: Socket, by: 1 | -1) => {
    const before = requestsBySocket.get(socket);
    if (before === undefined) return;
    requestsBySocket.set(socket, before + by);
    if (stopped !== undefined && before + by === 0) socket.end();
  };

  return {
    begin(request, response) {
      const { socket } = request;
      const controller = new AbortController();
      running.add(controller);
      change(socket, 1);
      response.on("close", () => {
        running.delete(controller);
        if (!response.writableFinished) controller.abort();
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

function stoppedError(): CodexError {
  const message = "The proxy is being stopped, and this answer took longer than it could wait. Try again in a moment.";
  return new CodexError("stream_interrupted", message, { status: 503 });
}
