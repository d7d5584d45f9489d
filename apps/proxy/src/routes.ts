/** What the proxy can be asked for. */
export type RouteName =
  | "chat"
  | "completions"
  | "responses"
  | "response"
  | "input_items"
  | "cancel"
  | "models"
  | "model"
  | "usage"
  | "metrics"
  | "dashboard"
  | "ready"
  | "health"
  | "root";

export interface Route {
  name: RouteName;
  methods: readonly string[];
  /** Whether a configured key must be shown. */
  guarded: boolean;
}

export interface RouteMatch {
  route: Route;
  /** The decoded id in the path: of a model, of a response, or of a part of the dashboard. */
  id?: string;
}

const reading = ["GET", "HEAD"];
const chat: Route = { name: "chat", methods: ["POST"], guarded: true };
const completions: Route = { name: "completions", methods: ["POST"], guarded: true };
const responses: Route = { name: "responses", methods: ["POST"], guarded: true };
const response: Route = { name: "response", methods: ["GET", "HEAD", "DELETE"], guarded: true };
const inputItems: Route = { name: "input_items", methods: reading, guarded: true };
const cancel: Route = { name: "cancel", methods: ["POST"], guarded: true };
const models: Route = { name: "models", methods: reading, guarded: true };
const model: Route = { name: "model", methods: reading, guarded: true };

/** Has a lock of its own. */
const dashboard: Route = { name: "dashboard", methods: reading, guarded: false };

const exact: ReadonlyMap<string, RouteMatch> = new Map([
  ["/chat/completions", { route: chat }],
  ["/completions", { route: completions }],
  ["/responses", { route: responses }],
  ["/models", { route: models }],
  ["/usage", { route: { name: "usage", methods: reading, guarded: true } }],
  ["/metrics", { route: { name: "metrics", methods: reading, guarded: true } }],
  ["/readyz", { route: { name: "ready", methods: reading, guarded: false } }],
  ["/healthz", { route: { name: "health", methods: reading, guarded: false } }],
  ["/", { route: { name: "root", methods: reading, guarded: false } }],
]);

/** The spellings that well-kept clients send, found without any work on the text. */
const common: ReadonlyMap<string, RouteMatch> = new Map([
  ["/v1/chat/completions", { route: chat }],
  ["/v1/responses", { route: responses }],
  ["/v1/models", { route: models }],
]);

/**
 * The route of a request target, or nothing. Tolerates what base URLs are given as: with `/v1`, without it or with it
 * twice, doubled slashes, a slash at the end, a query.
 */
export function findRoute(target: string): RouteMatch | undefined {
  const known = common.get(target);
  if (known !== undefined) return known;
  const path = plainPath(target);
  const match = exact.get(path);
  if (match !== undefined) return match;
  if (path === "/dashboard" || path.startsWith("/dashboard/")) {
    return { route: dashboard, id: path.slice("/dashboard/".length) };
  }
  if (path.startsWith("/responses/")) return findResponseRoute(path.slice("/responses/".length));
  const id = path.startsWith("/models/") ? decode(path.slice("/models/".length)) : undefined;
  return id === undefined ? undefined : { route: model, id };
}

/** Routes of OpenAI's API below `/responses` that are not here: they are no ids of responses. */
const missing: ReadonlySet<string> = new Set(["compact", "input_tokens"]);

/** What is asked about a kept response: it stands behind the id. */
function findResponseRoute(rest: string): RouteMatch | undefined {
  const [name = "", what, ...more] = rest.split("/");
  const route = what === undefined ? response : what === "input_items" ? inputItems : cancel;
  const id = decode(name);
  if (id === undefined || missing.has(id) || more.length > 0 || (route === cancel && what !== "cancel"))
    return undefined;
  return { route, id };
}

/** Every route as callers should write it, for the message of a 404. */
export const routeList =
  "POST /v1/chat/completions, POST /v1/responses, POST /v1/completions, GET and DELETE /v1/responses/{id}, GET /v1/responses/{id}/input_items, GET /v1/models, GET /v1/models/{id}, GET /v1/usage, GET /metrics, GET /dashboard, GET /readyz and GET /healthz";

function plainPath(target: string): string {
  const query = target.search(/[?#]/);
  const path = (query === -1 ? target : target.slice(0, query)).replace(/\/{2,}/g, "/");
  const bare = path.replace(/^(?:\/v1(?=\/|$))+/, "").replace(/\/$/, "");
  return bare === "" ? "/" : bare;
}

/** Percent-decodes, or gives nothing for text that is not well formed. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
