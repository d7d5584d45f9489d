import type { IncomingMessage } from "node:http";
import type { CodexError } from "@codex/errors";
import type { Outcome } from "@codex/provider";

/** What observers know of a route: a part of its row. */
export interface RecordedRoute {
  /** In logs and metrics; one row has it. */
  name: string;
  /**
   * Of a route that asks the backend, with `gen_ai.operation.name` of OpenTelemetry: it is counted, limited by quotas and
   * places, and shown on the dashboard.
   */
  exchange?: { operation: string };
  /** Whether it is asked all day by machines, and of interest in the log only when it fails. */
  quiet?: boolean;
}

/** Whether a request is one to the backend. */
export function asksBackend({ route }: Pick<RequestRecord, "route">): boolean {
  return route?.exchange !== undefined;
}

/** What is known of one request; filled in as it goes, whole at its end. */
export interface RequestRecord {
  readonly id: string;
  readonly method: string;
  /** Without its query, where some clients put keys. At most 200 letters. */
  readonly path: string;
  /** Absent where there is no such route. */
  readonly route: RecordedRoute | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The caller's place in a trace, as it came (W3C Trace Context). */
  readonly traceparent: string | undefined;
  /** By which key the caller came in, where keys are configured. */
  keyName: string | undefined;
  /** What became of an exchange with the backend; absent for other routes, and until it is over. */
  outcome: Outcome | undefined;
  /** What it failed with, before the answer or inside of it; without its frames, since records are kept for a while. */
  error: CodexError | undefined;
  /** As it was sent; 0 as long as none was, 499 when the caller went away before. */
  status: number;
  /** Whether its answer is a stream, as far as is known. */
  isStreaming: boolean;
  /** From the start to the first token of a stream, in milliseconds; absent for plain answers. */
  firstTokenMs: number | undefined;
  /** From the start to the end, in milliseconds; absent until then. */
  durationMs: number | undefined;
}

/** Follows requests as they come and go. Called for each of them, so it has to be quick. */
export interface Observer {
  begin?(record: RequestRecord): void;
  end(record: RequestRecord): void;
}

/**
 * Tells several. One that fails fails alone: no request ends, and no process, because something could not be counted.
 * @param onFailure told what was thrown
 */
export function observeAll(
  observers: readonly Observer[],
  onFailure: (error: unknown) => void = () => {},
): Required<Observer> {
  const tell = (what: "begin" | "end", record: RequestRecord) => {
    for (const observer of observers) {
      try {
        observer[what]?.(record);
      } catch (error) {
        onFailure(error);
      }
    }
  };
  return {
    begin: (record) => tell("begin", record),
    end: (record) => tell("end", record),
  };
}

/** A record with its own stopwatch, which a change of the clock does not disturb. */
export interface RecordedRequest {
  record: RequestRecord;
  noteFirstToken(): void;
  /** Writes down the end. */
  end(status: number): void;
}

export function recordRequest(request: IncomingMessage, id: string, route: RecordedRoute | undefined): RecordedRequest {
  const began = performance.now();
  const { method = "GET", url = "/", headers } = request;
  const record: RequestRecord = {
    id,
    method,
    path: pathOf(url),
    route,
    startedAt: Date.now(),
    traceparent: headers.traceparent as string | undefined,
    keyName: undefined,
    outcome: undefined,
    error: undefined,
    status: 0,
    isStreaming: false,
    firstTokenMs: undefined,
    durationMs: undefined,
  };
  return {
    record,
    noteFirstToken() {
      record.firstTokenMs = performance.now() - began;
    },
    end(status) {
      record.status = status;
      record.durationMs = performance.now() - began;
    },
  };
}

/** The query stays out of messages and logs: some clients put keys there. */
export function pathOf(url: string): string {
  const query = url.indexOf("?");
  return (query === -1 ? url : url.slice(0, query)).slice(0, 200);
}
