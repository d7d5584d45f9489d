import type { Session } from "@codex/auth";
import { createCodexClient, type Dialect, exchange, type Reply } from "@codex/provider";
import type { Transport } from "@codex/transport";
import type { RecordedEvent } from "./recording.js";

/** How the bytes of a replayed stream come. */
export interface Cuts {
  /** Positions at which the bytes are cut into reads. */
  at: readonly number[];
}

/** The bytes of a recording as the backend would send them. */
export function toBytes(events: readonly RecordedEvent[], withEventLine = true): Uint8Array {
  return Buffer.from(
    events.map(({ type, line }) => `${withEventLine ? `event: ${type}\n` : ""}data: ${line}\n\n`).join(""),
  );
}

/** One exchange against a backend that answers with exactly these bytes. */
export async function replay(
  dialect: Dialect,
  body: object,
  bytes: Uint8Array,
  cuts: Cuts,
): Promise<{ reply: Reply; text: string }> {
  const points = [0, ...cuts.at, bytes.length];
  const transport: Transport = {
    post: async () => ({ status: 200, headers: { "content-type": "text/event-stream" }, body: reads(bytes, points) }),
    fetch: () => Promise.reject(new Error("no network in a replay")),
    close: async () => {},
  };
  // No second attempts: a recording that fails would fail each time, after a delay.
  const client = createCodexClient({ transport, session, baseUrl: "https://backend.invalid", backoff: { baseMs: 0 } });
  const reply = await exchange(client, dialect, { body });
  let text = "";
  if (typeof reply.body === "string") text = reply.body;
  else for await (const piece of reply.body) text += piece;
  return { reply, text };
}

async function* reads(bytes: Uint8Array, points: readonly number[]): AsyncGenerator<Uint8Array[]> {
  for (let i = 1; i < points.length; i++) {
    const piece = bytes.subarray(points[i - 1], points[i]);
    if (piece.length > 0) yield [piece];
  }
}

const access = { accessToken: "made-up" };
const session: Session = {
  current: async () => access,
  refresh: async () => access,
  reread: async () => access,
  onChange: () => () => {},
  status: () => Promise.reject(new Error("a replay has no login")),
  close: () => {},
};
