import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A tap between an app and its backend: passes everything on, and notes when the first text of an answer goes by. */
export interface Tap {
  url: string;
  /** When the last answer's first piece of text went by, in milliseconds since 1970. */
  firstTextAt(): number | undefined;
  forget(): void;
  close(): void;
}

export async function openTap(backend: string): Promise<Tap> {
  let at: number | undefined;
  const server = createServer((incoming, outgoing) => {
    const options = { method: incoming.method, headers: incoming.headers };
    const onward = request(`${backend}${incoming.url}`, options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on("data", (bytes: Buffer) => {
        if (at === undefined && bytes.includes("response.output_text.delta")) at = now();
        outgoing.write(bytes);
      });
      answer.on("end", () => outgoing.end());
    });
    incoming.pipe(onward);
    outgoing.on("close", () => onward.destroy());
    onward.on("error", () => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    firstTextAt: () => at,
    forget: () => {
      at = undefined;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** As a page has it, too: finer than a millisecond, on the clock that all processes share. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
