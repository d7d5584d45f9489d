import type { CodexError } from "@codex/errors";
import { type Adjustment, type CodexClient, exchange, responsesDialect } from "@codex/provider";
import { toResponse } from "./response.js";

/** One call of a model: the `fetch` that the SDK's own model makes it with, and what became of it. */
export interface Call {
  fetch: typeof globalThis.fetch;
  /** What was changed about the request; complete once `fetch` has settled. */
  readonly adjustments: readonly Adjustment[];
  /** Why it failed, before or in the middle of its answer. */
  readonly error: CodexError | undefined;
}

/** What goes with a call beside the body that the SDK makes. */
export interface CallParts {
  /** Changes the body. */
  amend: (body: Record<string, unknown>) => Record<string, unknown>;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
}

/** A call by `exchange`: the SDK takes its reply for the answer of OpenAI's Responses API. */
export function openCall(open: () => CodexClient, { amend, headers }: CallParts): Call {
  let adjustments: readonly Adjustment[] = [];
  let error: CodexError | undefined;

  async function send(_url: unknown, init?: RequestInit): Promise<Response> {
    const outer = init?.signal ?? undefined;
    outer?.throwIfAborted();
    const aborter = new AbortController();
    const abort = () => aborter.abort(outer?.reason);
    outer?.addEventListener("abort", abort, { once: true });
    const settle = () => outer?.removeEventListener("abort", abort);
    const body = amend(JSON.parse(init?.body as string) as Record<string, unknown>);
    const reply = await exchange(
      open(),
      responsesDialect,
      { body, headers, signal: aborter.signal },
      {
        onCommit: (committed) => {
          adjustments = committed.adjustments;
        },
        onOutcome: (outcome) => {
          error = outcome.error;
          settle();
        },
      },
    );
    // The SDK knows an abort by its reason, not by a status.
    outer?.throwIfAborted();
    return toResponse(reply, () => aborter.abort());
  }

  return {
    fetch: send,
    get adjustments() {
      return adjustments;
    },
    get error() {
      return error;
    },
  };
}
