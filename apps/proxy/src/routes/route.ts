import type { IncomingHttpHeaders } from "node:http";
import type { Dialect, Reply } from "@codex/provider";
import type { Body } from "../http/read-body.js";
import type { Caller } from "../keys/guard.js";
import type { RecordedRequest, RecordedRoute } from "../observe/request-record.js";

/** What the proxy can be asked for: one row of the table from which all that is known of a route follows. */
export interface Route extends RecordedRoute {
  methods: readonly string[];
  /**
   * As callers should write it, e.g. `/v1/responses/{id}`; the base `/v1` may be missing or come twice. `{id}` is one part of
   * the path; at the end `{id+}` is all that is left of it, and `{id*}` the same or nothing.
   */
  path: string;
  /** What a parameter is not: names of other routes, for example. Default: anything. */
  reserved?: readonly string[];
  /** Which of several routes with one path it is, by the request's headers. Default: the one for all others. */
  when?: (headers: IncomingHttpHeaders) => boolean;
  /** Whether a configured key must be shown. */
  guarded: boolean;
  /** Where a key may stand beside `authorization` and `x-api-key`. */
  keyAt?: readonly KeyPlace[];
  /** In whose shape errors are. */
  dialect: Dialect;
  /** What the body is. Default: there is none. */
  body?: BodyKind;
  /** What is said to a caller that wants a WebSocket: `refused` with status 426. Default: as to any other GET. */
  upgrade?: "refused";
  /** Whether the 404 of other paths leaves it out. */
  unlisted?: boolean;
  /** Whether it takes what pages of this proxy ask for with their own origin. */
  ownPages?: boolean;
  /** Which listener serves it. Default `proxy`. */
  listener?: string;
  answer(request: RouteRequest): Reply | Promise<Reply>;
}

export type BodyKind = "json" | "multipart";

export type KeyPlace = { header: string } | { query: string };

/** A request as a route sees it; nothing of node:http. */
export interface RouteRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** Decoded, by their names in the route's path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Who asks; undefined where no key is needed. */
  readonly caller: Caller | undefined;
  /** Whose a request is, in words that do not tell the key. */
  readonly owner: string;
  readonly recorded: RecordedRequest;
  readonly signal: AbortSignal;
  /** The whole body: as bytes of a `multipart` one, else as text. Read once; throws as `BodyReader.read` does. */
  readBody(): Promise<Body>;
}
