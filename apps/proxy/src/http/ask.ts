import { withoutFrames } from "@codex/errors";
import {
  type CodexClient,
  type Dialect,
  type ExchangeRequest,
  exchange,
  type Outcome,
  type Reply,
} from "@codex/provider";
import type { BodyLog } from "../observe/show-bodies.js";
import type { RouteRequest } from "../routes/route.js";

export interface AskOptions {
  client: CodexClient;
  /** Shown a request's body and its reply. Default: nobody. */
  showBodies?: BodyLog;
  /** Told in one sentence what went wrong without failing a request. */
  warn: (message: string) => void;
}

/**
 * Has the backend answer a request; never rejects for what the backend does. It is over when the answer begins, so that
 * nobody holds the body while the answer streams.
 */
export type Ask = (request: RouteRequest, dialect: Dialect) => Promise<Reply>;

export function createAsk({ client, showBodies, warn }: AskOptions): Ask {
  const onStoreFailure = (error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    warn(`A response could not be kept: ${why}`);
  };

  return async (request, dialect) => {
    const { headers, recorded, signal } = request;
    const { record, noteFirstToken } = recorded;
    const body = await request.readBody();
    const onRead = (outcome: Outcome) => {
      record.outcome = outcome;
    };
    const onOutcome = (outcome: Outcome) => {
      record.outcome = outcome;
      record.error = withoutFrames(outcome.error);
    };
    const asked: ExchangeRequest = {
      body: body.text,
      headers: headers as Record<string, string | undefined>,
      signal,
      ownsSignal: true,
      modelList: "GET /v1/models",
    };
    if (dialect.readKeptInput) asked.owner = request.owner;
    showBodies?.request(record, body.text);
    const hooks = { onRead, onOutcome, onFirstToken: noteFirstToken, onStoreFailure };
    try {
      const replied = exchange(client, dialect, asked, hooks);
      // It has been parsed by now: nobody needs the text for as long as the backend thinks.
      body.text = "";
      asked.body = undefined;
      const reply = await replied;
      record.isStreaming = typeof reply.body !== "string";
      return showBodies?.reply(record, reply) ?? reply;
    } finally {
      body.share.release();
    }
  };
}
