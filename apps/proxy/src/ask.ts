import type { IncomingMessage } from "node:http";
import {
  type CodexClient,
  type Dialect,
  type ExchangeRequest,
  exchange,
  type Outcome,
  type Reply,
} from "@codex/provider";
import type { Guard } from "./guard.js";
import type { RecordedRequest, RequestRecord } from "./observe/request-record.js";
import { type BodyLimits, readBody } from "./read-body.js";

export interface AskOptions {
  client: CodexClient;
  guard: Guard;
  limits: () => BodyLimits;
  /** Shown a request's body and its reply, of which it may give back a copy to be sent in its place. Default: nobody. */
  showBodies?: (record: RequestRecord, body: Buffer, reply: Reply) => Reply;
  /** Told in one sentence what went wrong without failing a request. */
  warn: (message: string) => void;
}

/**
 * Reads a request's body and has the backend answer it; never rejects for what the backend does. It is over when the
 * answer begins, so that nobody holds the body while the answer streams.
 */
export type Ask = (
  request: IncomingMessage,
  dialect: Dialect,
  recorded: RecordedRequest,
  signal: AbortSignal,
) => Promise<Reply>;

export function createAsk({ client, guard, limits, showBodies, warn }: AskOptions): Ask {
  const onStoreFailure = (error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    warn(`A response could not be kept: ${why}`);
  };

  return async (request, dialect, { record, noteFirstToken }, signal) => {
    const body = await readBody(request, limits());
    const onRead = (outcome: Outcome) => {
      record.outcome = outcome;
    };
    const onOutcome = (outcome: Outcome) => {
      record.outcome = outcome;
      record.error = outcome.error;
    };
    const inbound = request.headers as Record<string, string | undefined>;
    const asked: ExchangeRequest = { body, headers: inbound, signal };
    if (dialect.keepsResponses) asked.owner = guard.ownerOf(request.headers);
    const hooks = { onRead, onOutcome, onFirstToken: noteFirstToken, onStoreFailure };
    const reply = await exchange(client, dialect, asked, hooks);
    record.isStreaming = typeof reply.body !== "string";
    return showBodies?.(record, body, reply) ?? reply;
  };
}
