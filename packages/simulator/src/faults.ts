import { type ErrorName, isErrorName } from "./faults/errors.js";

/** The places where a fault can be put. */
export type FaultRoute =
  | "responses"
  | "images"
  | "models"
  | "token"
  | "usage"
  | "accounts"
  | "device"
  | "revoke"
  | "prompts";

/** Where in an answer: before its headers, after them, or after this many events of the stream. */
export type FaultPoint = "before-headers" | "after-headers" | number;

/** What goes wrong. The fields can be combined, e.g. `split` with `slowMs`; without any of them nothing does. */
export interface Fault {
  /** Default: `responses`. */
  route?: FaultRoute;

  /** Answer with an error by name instead. */
  error?: ErrorName;
  /** Answer with this status instead, with `body` (an object is sent as JSON) and `headers`. */
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;

  /** End the stream with `response.failed` of this code, e.g. `server_is_overloaded`, in a 200. */
  failed?: string | { code: string; message?: string; [field: string]: unknown };
  /** When: before the first output (default), right after it, or after this many events. */
  failedAt?: "start" | "output" | number;
  /** Send an `error` event as well, or alone: top-level fields, or wrapped in `error`. Default: none. */
  errorEvent?: "wrapped" | "top-level" | "wrapped-alone" | "top-level-alone";
  /** End the stream with `response.incomplete` and this reason, e.g. `max_output_tokens`, after its output. */
  incomplete?: string;

  /** Close the connection there; the stream never completes. */
  cut?: FaultPoint;
  /** With `cut` after events: half of the next event is sent before. */
  midEvent?: boolean;
  /** With `cut`: a TCP reset instead of an orderly end. */
  reset?: boolean;
  /** With `cut: "after-headers"` or a number: end the body properly, so that only `response.completed` is missing. */
  endProperly?: boolean;
  /** Fall silent there, for `stallMs` (default: for ever). */
  stall?: FaultPoint;
  stallMs?: number;

  /** Write the bytes in pieces of this size, each its own write. */
  split?: number;
  /** Wait this long before every event. */
  slowMs?: number;
  /** Send lines that are no events, comments and broken JSON between the events. */
  garbage?: boolean;
  /** Send event types and item types that nobody knows. */
  unknown?: boolean;
  /** Send one event with this many bytes of text more. */
  hugeBytes?: number;
  /** Send another content type than text/event-stream. */
  contentType?: string;

  /** On `token`: leave these fields out of the answer. */
  omit?: string[];
  /** On `token`: rotate first, then do what the rest says: the answer is lost, the old token is spent. */
  afterRotation?: boolean;
}

/** A fault by name, or in full. A name of a stream failure code (`failed:<code>`) makes a failure inside a 200. */
export type FaultLike = Fault | ErrorName | `failed:${string}`;

/** Faults on demand. Those for `next` are used up one a request, in order; then those for `always` apply. */
export class Faults {
  #next: Fault[] = [];
  #always: Fault[] = [];

  /** Puts a fault on the next request of its route, or on the next `times` of them. */
  next(fault: FaultLike, times = 1): void {
    const full = toFault(fault);
    for (let i = 0; i < times; i++) this.#next.push(full);
  }

  /** Puts a fault on every request of its route until cleared. Returns a function that takes just this one away. */
  always(fault: FaultLike): () => void {
    const full = toFault(fault);
    this.#always.push(full);
    return () => {
      this.#always = this.#always.filter((other) => other !== full);
    };
  }

  /** Takes all faults away, or those of one route. */
  clear(route?: FaultRoute): void {
    const others = (fault: Fault) => route !== undefined && (fault.route ?? "responses") !== route;
    this.#next = this.#next.filter(others);
    this.#always = this.#always.filter(others);
  }

  /** How many faults wait to be used. */
  get waiting(): number {
    return this.#next.length;
  }

  /**
   * The fault for a request of this route; one for `next` is used up by asking. Faults that replace the whole answer
   * come at the door (`early`), the others only once a request has been found good.
   */
  take(route: FaultRoute, stage: "early" | "late"): Fault | undefined {
    const matches = (fault: Fault) => (fault.route ?? "responses") === route;
    const index = this.#next.findIndex(matches);
    const fault = index === -1 ? this.#always.find(matches) : this.#next[index];
    if (!fault || replacesAnswer(fault) !== (stage === "early")) return undefined;
    if (index !== -1) this.#next.splice(index, 1);
    return fault;
  }
}

/** Whether a fault needs no request to be looked at: it answers, cuts or stalls before the headers. */
export function replacesAnswer(fault: Fault): boolean {
  if (fault.afterRotation) return false;
  return (
    fault.error !== undefined ||
    fault.status !== undefined ||
    fault.cut === "before-headers" ||
    fault.stall === "before-headers"
  );
}

/** A fault in full. Throws a TypeError for a name that is not known. */
export function toFault(fault: FaultLike): Fault {
  if (typeof fault !== "string") return fault;
  if (isErrorName(fault)) return { error: fault };
  if (fault.startsWith("failed:")) return { failed: fault.slice("failed:".length) };
  throw new TypeError(`No fault is called ${JSON.stringify(fault)}.`);
}
