import type { IncomingMessage } from "node:http";
import type { CodexClient, Reply } from "@codex/provider";
import type { Dashboard } from "./dashboard/dashboard.js";
import type { Caller } from "./guard.js";
import type { Metrics } from "./observe/metrics.js";
import type { QuotaPolicy } from "./quota/policy.js";
import type { Quota } from "./quota/quota.js";
import { reportUsage } from "./quota/usage-report.js";
import type { RouteName } from "./routes.js";

/** Answers what concerns the proxy itself; nothing for other routes. */
export type AnswerOwn = (
  route: RouteName,
  request: IncomingMessage,
  about: { id: string | undefined; caller: Caller | undefined },
) => Promise<Reply | undefined> | undefined;

export interface OwnParts {
  client: CodexClient;
  quota: Quota;
  policy: () => QuotaPolicy;
  metrics: Metrics;
  dashboard: Dashboard;
  isStopping: () => boolean;
}

export function createAnswerOwn({ client, quota, policy, metrics, dashboard, isStopping }: OwnParts): AnswerOwn {
  return (route, request, { id, caller }) => {
    switch (route) {
      case "ready":
        return answerReady(client, isStopping());
      case "metrics":
        return metrics.render().then(({ contentType, text }) => reply(200, text, contentType));
      case "usage":
        return answerUsage(quota, policy(), request, caller);
      case "dashboard":
        return dashboard.answer(request, id ?? "");
      default:
        return undefined;
    }
  };
}

async function answerUsage(quota: Quota, policy: QuotaPolicy, { url = "" }: IncomingMessage, caller?: Caller) {
  const fresh = /[?&]fresh=(?:1|true)(?:&|$)/.test(url);
  return json(200, await reportUsage(quota, policy, { fresh, caller: caller?.keyName }));
}

/**
 * Whether a request would have a chance: somebody is signed in, the backend does not count as down, and the proxy is not
 * about to stop. 503 when not, so that a load balancer or a container knows; the reasons name nobody.
 */
async function answerReady(client: CodexClient, isStopping: boolean): Promise<Reply> {
  const { state, problem } = await client.session.status();
  const isSignedIn = state === "signed_in" && problem === undefined;
  const { state: circuit } = client.circuit;
  const ready = isSignedIn && circuit !== "open" && !isStopping;
  const body = { status: ready ? "ready" : "not_ready", login: state, backend: circuit, stopping: isStopping };
  return json(ready ? 200 : 503, body);
}

function json(status: number, value: object): Reply {
  return reply(status, JSON.stringify(value), "application/json");
}

function reply(status: number, body: string, type: string): Reply {
  return { status, headers: { "content-type": type, "cache-control": "no-store" }, body };
}
