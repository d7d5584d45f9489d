import type { Context, Exchange } from "./context.js";
import { answerFault } from "./faults/answer.js";
import { detail, type PlainReply, sendReply } from "./http/reply.js";
import { imagesReply } from "./images.js";
import { answerIssuer, type Issuer, withFault } from "./oauth.js";
import { answerPrompts, notFound } from "./prompts.js";
import { createIds } from "./responses/ids.js";
import { answerResponses, checkBearer } from "./responses.js";
import { accountsReport, usageReport } from "./usage.js";

/** Answers every route but the control surface. */
export async function answerRoute(exchange: Exchange, context: Context, issuer: Issuer): Promise<void> {
  const { request, response, path } = exchange;
  if (path === "/backend-api/codex/responses") return answerResponsesRoute(exchange, context);
  if (await answerIssuer(exchange, context, issuer)) return;
  if (request.method === "GET" || request.method === "HEAD") {
    if (path === "/backend-api/codex/models")
      return signedIn("models", exchange, context, () => modelsReply(exchange, context));
    if (
      path === "/backend-api/wham/usage" ||
      (path === "/backend-api/codex/usage" && context.questions.codexUsagePath)
    ) {
      return signedIn("usage", exchange, context, (account) => ({
        status: 200,
        body: usageReport(context.rateLimits, account, Math.floor(context.now() / 1000)),
      }));
    }
    if (path === "/backend-api/wham/accounts/check") {
      return signedIn("accounts", exchange, context, (account) => ({ status: 200, body: accountsReport(account) }));
    }
    const prompt = answerPrompts(path, request.headers["if-none-match"], context.prompts);
    if (prompt) return withFault("prompts", exchange, context, () => prompt);
  }
  if (request.method === "POST" && /^\/backend-api\/codex\/images\/(generations|edits)$/.test(path)) {
    return signedIn("images", exchange, context, () => imagesReply(exchange, Math.floor(context.now() / 1000)));
  }
  if (
    request.method === "POST" &&
    path === "/backend-api/codex/responses/compact" &&
    context.questions.compactEndpoint
  ) {
    return sendReply(response, checkBearer(exchange, context) ?? compact(exchange));
  }
  sendReply(response, notFound());
}

async function answerResponsesRoute(exchange: Exchange, context: Context): Promise<void> {
  if (exchange.request.method !== "POST") {
    return sendReply(exchange.response, { ...detail(405, "Method Not Allowed"), headers: { allow: "POST" } });
  }
  const early = context.faults.take("responses", "early");
  if (early && (await answerFault(early, context, exchange))) return;
  await answerResponses(exchange, context);
}

function signedIn(
  route: "models" | "usage" | "accounts" | "images",
  exchange: Exchange,
  context: Context,
  answer: (account: NonNullable<Exchange["account"]>) => PlainReply,
): Promise<void> {
  return withFault(route, exchange, context, () => {
    return checkBearer(exchange, context) ?? answer(exchange.account ?? context.account);
  });
}

function modelsReply({ query, request, account }: Exchange, context: Context): PlainReply {
  const plan = (account ?? context.account).plan;
  return context.models.reply(query.client_version, plan, request.headers["if-none-match"], context.questions);
}

/** The unary compaction of older clients: the user's messages, and the rest in an opaque item. */
function compact({ record, body }: Exchange): PlainReply {
  const { input } = (record.body ?? {}) as { input?: unknown };
  if (!Array.isArray(input)) return detail(400, "Input must be a list");
  const kept = (input as { role?: unknown }[]).filter((item) => item.role === "user");
  const encrypted_content = createIds(body).encryptedContent(0);
  return { status: 200, body: { output: [...kept, { type: "compaction", encrypted_content }] } };
}
