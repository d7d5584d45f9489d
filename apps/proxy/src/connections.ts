import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";

/** Knows which connections are at work, so that a server can stop without cutting an answer. */
export interface Connections {
  /** Notes a request, until its response is closed. */
  begin(request: IncomingMessage, response: ServerResponse): void;
  /** Requests under way. */
  readonly running: number;
  readonly stopping: boolean;
  /** Takes no more connections, closes idle ones, and ends what still runs after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/**
 * `server.close()` alone would not do: it destroys a connection whose answer is complete but not yet sent, and leaves
 * one open that gets idle later.
 */
export function trackConnections(server: Server): Connections {
  const requestsBySocket = new Map<Socket, number>();
  let running = 0;
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
      running++;
      change(socket, 1);
      response.on("close", () => {
        running--;
        change(socket, -1);
      });
    },
    get running() {
      return running;
    },
    get stopping() {
      return stopped !== undefined;
    },
    stop(graceMs) {
      stopped ??= new Promise((resolve) => {
        const timer = setTimeout(() => {
          for (const socket of requestsBySocket.keys()) socket.destroy();
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
