import type { Context, Exchange } from "./context.js";
import type { FaultLike, FaultRoute } from "./faults.js";
import { type PlainReply, sendReply } from "./http/reply.js";
import type { CredentialOptions, Simulator } from "./simulator.js";

/** Answers the control surface under `/__simulator/`, for other processes. False for other paths. */
export function answerControl(exchange: Exchange, context: Context, simulator: Simulator): boolean {
  const { request, response, path, record } = exchange;
  if (!path.startsWith("/__simulator/")) return false;
  try {
    const body = (record.body ?? {}) as Record<string, unknown>;
    sendReply(response, control(`${request.method} ${path}`, body, exchange, context, simulator));
  } catch (error) {
    sendReply(response, { status: 400, body: { error: (error as Error).message } });
  }
  return true;
}

function control(
  route: string,
  body: Record<string, unknown>,
  exchange: Exchange,
  context: Context,
  simulator: Simulator,
): PlainReply {
  switch (route) {
    case "POST /__simulator/fault": {
      const { fault, mode = "next", times = 1 } = body as { fault?: FaultLike; mode?: string; times?: number };
      if (fault === undefined)
        throw new TypeError('The body must be {"fault": ..., "mode"?: "next" | "always", "times"?: n}.');
      if (mode === "always") simulator.faults.always(fault);
      else simulator.faults.next(fault, times);
      return { status: 200, body: { waiting: simulator.faults.waiting } };
    }
    case "DELETE /__simulator/fault":
      simulator.faults.clear(exchange.query.route as FaultRoute | undefined);
      return { status: 200, body: { waiting: simulator.faults.waiting } };
    case "GET /__simulator/requests":
      return { status: 200, body: { requests: selectRequests(exchange.query, simulator) } };
    case "DELETE /__simulator/requests":
      context.log.clear();
      return { status: 200, body: { requests: [] } };
    case "GET /__simulator/stats":
      return { status: 200, body: { ...context.stats, requests: context.log.list.length } };
    case "POST /__simulator/credentials": {
      const credentials = simulator.issueCredentials(body as CredentialOptions);
      return { status: 200, body: { credentials, auth_json: simulator.authJson(credentials) } };
    }
    case "POST /__simulator/expire":
      simulator.expireAccessTokens();
      return { status: 200, body: {} };
    case "GET /__simulator/questions":
      return { status: 200, body: context.questions };
    case "PATCH /__simulator/questions":
      Object.assign(context.questions, body);
      return { status: 200, body: context.questions };
    default:
      return { status: 404, body: { error: "The simulator has no such control route." } };
  }
}

/** `?path=` keeps the requests to that path, `?last=` the last so many. */
function selectRequests(query: Record<string, string>, simulator: Simulator) {
  const chosen = simulator.requests.filter((request) => query.path === undefined || request.path === query.path);
  return query.last === undefined ? chosen : chosen.slice(-Number(query.last));
}
