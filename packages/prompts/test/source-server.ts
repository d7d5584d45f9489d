import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { InstructionSources } from "@codex/prompts";

/** A stand-in for GitHub on a real socket: one release, and a made-up text for every file of it. */
export interface SourceServer {
  sources: InstructionSources;
  /** Every request: its path, with the etag that it sent. */
  seen: string[];
  tag: string;
  /** Part of every text; etags follow it. */
  version: string;
  /** The entries of the release's model list. */
  models: unknown[];
  /** Answers in place of the usual one while set. */
  fault: ((path: string, response: ServerResponse) => boolean) | undefined;
  close(): Promise<void>;
}

export async function startSourceServer(): Promise<SourceServer> {
  const http = createServer((request, response) => {
    const path = request.url ?? "";
    const etag = request.headers["if-none-match"];
    state.seen.push(etag === undefined ? path : `${path} ${etag}`);
    if (state.fault?.(path, response)) return;
    const isRelease = path === "/releases/latest";
    const text = isRelease
      ? JSON.stringify({ tag_name: state.tag })
      : path.endsWith("/models.json")
        ? JSON.stringify({ models: state.models })
        : `Text of ${path}, ${state.version}`;
    const current = isRelease ? `"${state.tag}"` : `"${state.version}"`;
    if (etag === current) return void response.writeHead(304, { etag: current }).end();
    response.writeHead(200, { etag: current, "content-type": "text/plain; charset=utf-8" }).end(text);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const state: SourceServer = {
    sources: { releasesUrl: `${base}/releases/latest`, rawUrl: `${base}/raw` },
    seen: [],
    tag: "rust-v0.99.0",
    version: "v1",
    models: [],
    fault: undefined,
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections();
        http.close(() => resolve());
      }),
  };
  return state;
}
