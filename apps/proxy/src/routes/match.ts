import type { IncomingHttpHeaders } from "node:http";
import type { Route } from "./route.js";

export interface RouteMatch {
  route: Route;
  params: Readonly<Record<string, string>>;
}

/** The route of a request target, or nothing. */
export type FindRoute = (target: string, headers?: IncomingHttpHeaders) => RouteMatch | undefined;

const noParams = {};

/**
 * Finds routes by target, and by headers where several have one path. Tolerates what base URLs are given as: with `/v1`,
 * without it or with it twice, doubled slashes, a slash at the end, a query.
 * @param listener whose routes they are
 */
export function createMatcher(routes: readonly Route[], listener = "proxy"): FindRoute {
  const served = routes.filter((route) => (route.listener ?? "proxy") === listener);
  /** Paths without parameters, as `plainPath` has them; those that well-kept clients send are found as they are, too. */
  const exact = new Map<string, Route[]>();
  const patterns: Pattern[] = [];
  for (const route of served) {
    if (route.path.includes("{")) patterns.push(toPattern(route));
    else for (const path of new Set([plainPath(route.path), route.path])) group(exact, path).push(route);
  }
  return (target, headers = {}) => {
    const known = pick(exact.get(target), headers);
    if (known !== undefined) return { route: known, params: noParams };
    const path = plainPath(target);
    const found = pick(exact.get(path), headers);
    if (found !== undefined) return { route: found, params: noParams };
    for (const { route, read } of patterns) {
      if (route.when?.(headers) === false) continue;
      const params = read(path);
      if (params !== undefined) return { route, params };
    }
    return undefined;
  };
}

/** Routes as callers should write them, for the message of a 404. */
export function listRoutes(routes: readonly Route[]): string {
  const listed = routes.filter(({ unlisted }) => unlisted !== true);
  const words = listed.map(({ methods, path }) => {
    const names = methods.filter((method) => method !== "HEAD").join(" and ");
    return `${names} ${path.replace(/\/\{\w+\*\}$/, "").replace("+}", "}")}`;
  });
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function pick(routes: readonly Route[] = [], headers: IncomingHttpHeaders): Route | undefined {
  return routes.find(({ when }) => when?.(headers)) ?? routes.find(({ when }) => when === undefined);
}

function group(map: Map<string, Route[]>, path: string): Route[] {
  const found = map.get(path) ?? [];
  map.set(path, found);
  return found;
}

interface Pattern {
  route: Route;
  /** The parameters of a plain path; nothing for a path of another shape. */
  read(path: string): Record<string, string> | undefined;
}

function toPattern(route: Route): Pattern {
  const names: string[] = [];
  const source = plainPath(route.path)
    .split("/")
    .map((part) => {
      const [, name, rest] = /^\{(\w+)([*+]?)\}$/.exec(part) ?? [];
      if (name === undefined) return part.replace(/[^\w-]/g, "\\$&");
      names.push(name);
      return rest ? `(.${rest})` : "([^/]+)";
    })
    .join("/")
    // What is left may be nothing, and then the slash before it is missing, too.
    .replace(/\/\(\.\*\)$/, "(?:/(.*))?");
  const shape = new RegExp(`^${source}$`);
  return {
    route,
    read(path) {
      const found = shape.exec(path);
      if (found === null) return undefined;
      const values = found.slice(1).map((text = "") => decode(text));
      const isNone = values.some((value) => value === undefined || route.reserved?.includes(value));
      return isNone ? undefined : Object.fromEntries(names.map((name, index) => [name, values[index] as string]));
    },
  };
}

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
