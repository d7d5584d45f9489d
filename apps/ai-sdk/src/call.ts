import type { CodexError } from "@codex/errors";
import { type Adjustment, type CodexClient, exchange, responsesDialect } from "@codex/provider";
import { toResponse } from "./response.js";

/** What became of one call of a model. */
export interface CallOutcome {
  /** What was changed about the request; complete once `fetch` has settled. */
  adjustments: Adjustment[];
  /** Why it failed, before or in the middle of its answer. */
  error: CodexError | undefined;
}

/** One call of a model, with the `fetch` that the SDK's own model makes it by. */
export interface Call extends CallOutcome {
  fetch: typeof globalThis.fetch;
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
      { body, headers, signal: aborter.signal, modelList: "`codex.models()`" },
      {
        onCommit: (committed) => {
          call.adjustments = [...committed.adjustments];
        },
        onOutcome: (outcome) => {
          call.error = outcome.error;
          settle();
        },
      },
    );
    // The SDK knows an abort by its reason, not by a status.
    outer?.throwIfAborted();
    return toResponse(reply, () => aborter.abort());
  }

  const call: Call = { fetch: send, adjustments: [], error: undefined };
  return call;
}
