import {
  answerStored,
  type CodexClient,
  chatDialect,
  completionsDialect,
  type Dialect,
  responsesDialect,
  type StoredAction,
} from "@codex/provider";
import type { Dashboard } from "../dashboard/dashboard.js";
import type { Ask } from "../http/ask.js";
import type { Metrics } from "../observe/metrics.js";
import type { QuotaPolicy } from "../quota/policy.js";
import type { Quota } from "../quota/quota.js";
import { reportUsage } from "../quota/usage-report.js";
import { describeModel, listModels } from "./list-models.js";
import { answerReady } from "./ready.js";
import { jsonReply, noStore, textReply } from "./reply.js";
import type { Route, RouteRequest } from "./route.js";

export interface RouteParts {
  client: CodexClient;
  ask: Ask;
  quota: Quota;
  policy: () => QuotaPolicy;
  metrics: Metrics;
  dashboard: Dashboard;
  /** Whether each effort of a model is listed as a model. */
  effortVariants: () => boolean;
  /** The text of `GET /`. */
  greeting: () => string;
  /** Whether the server is on its way out. */
  isStopping: () => boolean;
}

const read = ["GET", "HEAD"];

/** Every route of the proxy. What is known of one stands here, and nowhere else. */
export function createRoutes(parts: RouteParts): Route[] {
  const { client, ask, quota, policy, metrics, dashboard } = parts;
  const openai = { guarded: true, dialect: chatDialect };
  const own = { methods: read, dialect: chatDialect };
  const exchanging = (dialect: Dialect, operation: string) => ({
    ...{ methods: ["POST"], guarded: true, dialect, body: "json" as const, exchange: { operation } },
    answer: (request: RouteRequest) => ask(request, dialect),
  });
  const stored = (actionOf: (method: string) => StoredAction) => ({
    ...{ guarded: true, dialect: responsesDialect, reserved: ["compact", "input_tokens"] },
    async answer({ method, params, owner, headers, query }: RouteRequest) {
      const asked = { action: actionOf(method), id: params.id ?? "", owner, query };
      return jsonReply(
        await answerStored(client, { ...asked, headers: headers as Record<string, string | undefined> }),
      );
    },
  });
  return [
    { name: "chat", path: "/v1/chat/completions", ...exchanging(chatDialect, "chat") },
    { name: "responses", path: "/v1/responses", upgrade: "refused", ...exchanging(responsesDialect, "chat") },
    { name: "completions", path: "/v1/completions", ...exchanging(completionsDialect, "text_completion") },
    {
      ...{ name: "response", path: "/v1/responses/{id}", methods: [...read, "DELETE"] },
      ...stored((method) => (method === "DELETE" ? "delete" : "retrieve")),
    },
    { name: "input_items", path: "/v1/responses/{id}/input_items", methods: read, ...stored(() => "input_items") },
    {
      ...{ name: "cancel", path: "/v1/responses/{id}/cancel", methods: ["POST"], unlisted: true },
      ...stored(() => "cancel"),
    },
    {
      ...{ name: "models", path: "/v1/models", methods: read, ...openai },
      answer: ({ signal }) => listModels(client, parts.effortVariants(), signal),
    },
    {
      ...{ name: "model", path: "/v1/models/{id+}", methods: read, ...openai },
      answer: ({ params, signal }) => describeModel(client, params.id ?? "", signal),
    },
    {
      ...{ name: "usage", path: "/v1/usage", methods: read, ...openai },
      async answer({ query, caller }) {
        const fresh = /^(1|true)$/.test(query.get("fresh") ?? "");
        return jsonReply(await reportUsage(quota, policy(), { fresh, caller: caller?.keyName }), { headers: noStore });
      },
    },
    {
      ...{ name: "metrics", path: "/metrics", guarded: true, quiet: true, ...own },
      async answer() {
        const { contentType, text } = await metrics.render();
        return textReply(text, contentType, { headers: noStore });
      },
    },
    {
      // It has a lock of its own.
      ...{ name: "dashboard", path: "/dashboard/{part*}", guarded: false, quiet: true, ownPages: true, ...own },
      answer: dashboard.answer,
    },
    {
      ...{ name: "ready", path: "/readyz", guarded: false, quiet: true, ...own },
      answer: () => answerReady(client, parts.isStopping()),
    },
    {
      ...{ name: "health", path: "/healthz", guarded: false, quiet: true, ...own },
      answer: () => jsonReply({ status: "ok" }),
    },
    {
      ...{ name: "root", path: "/", guarded: false, quiet: true, unlisted: true, ...own },
      answer: () => textReply(parts.greeting()),
    },
  ];
}
