import { request } from "node:http";
import { connect, type Socket } from "node:net";

/** Posts pieces of a body as fast as they are taken, on a connection of its own. Resolves with the status and what was said. */
export function postBytes(
  url: string,
  pieces: readonly Buffer[],
  headers: Record<string, string> = {},
): Promise<string> {
  return new Promise((resolve) => {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const all = { "content-type": "application/json", "content-length": String(length), ...headers };
    const sent = request(url, { method: "POST", agent: false, headers: all }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
      response.on("error", (error) => resolve(String(error)));
    });
    sent.on("error", (error) => resolve(String(error)));
    let at = 0;
    const next = () => {
      while (at < pieces.length) if (!sent.write(pieces[at++])) return void sent.once("drain", next);
      sent.end();
    };
    next();
  });
}

export interface OpenConnections {
  /** Resolves when all of them are open. */
  readonly opened: Promise<void>;
  /** How many still are. */
  count(): number;
  /** What the first of them has been answered so far. */
  first(): Promise<string>;
  close(): void;
}

/** How many connections are opened at a time. */
const atATime = 32;

/** Opens connections, says something on each, and then very little from time to time. */
export function leaveOpen(url: string, count: number, words: string, more: string): OpenConnections {
  const { port, hostname } = new URL(url);
  const open = new Set<Socket>();
  let answer = "";
  let isClosed = false;
  const openOne = () =>
    new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname);
      const isFirst = open.size === 0;
      open.add(socket);
      socket.on("data", (chunk) => {
        if (isFirst) answer += String(chunk);
      });
      socket.on("connect", resolve).on("end", () => socket.destroy());
      socket
        .on("error", () => {})
        .on("close", () => {
          open.delete(socket);
          resolve();
        });
      socket.write(words);
    });
  const openAll = async () => {
    for (let left = count; left > 0 && !isClosed; left -= atATime) {
      await Promise.all(Array.from({ length: Math.min(left, atATime) }, openOne));
    }
  };
  const timer = setInterval(() => {
    if (more !== "") for (const socket of open) socket.write(more);
  }, 500);
  return {
    opened: openAll(),
    count: () => open.size,
    async first() {
      while (answer === "" && open.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      return answer;
    },
    close() {
      isClosed = true;
      clearInterval(timer);
      for (const socket of open) socket.destroy();
    },
  };
}
