import type { Context, Exchange } from "./context.js";
import { answerFault, sendWithFault } from "./faults/answer.js";
import { type PlainReply, sendReply } from "./http/reply.js";
import { decideAuthorize, showAuthorize } from "./oauth/authorize.js";
import { decideDevice, pollDevice, showDevice, startDevice } from "./oauth/device.js";
import type { GrantStore } from "./oauth/grants.js";
import { answerToken } from "./oauth/token.js";

/** What the issuer's routes need besides the context. */
export interface Issuer {
  grants: GrantStore;
  accessLifetimeSeconds: number;
  deviceIntervalSeconds: number;
}

/** Answers the issuer's routes. False when the path is none of them. */
export async function answerIssuer(exchange: Exchange, context: Context, issuer: Issuer): Promise<boolean> {
  const { request, response, path, query, record } = exchange;
  const form = (typeof record.body === "object" && record.body !== null ? record.body : {}) as Record<string, string>;
  switch (`${request.method} ${path}`) {
    case "POST /oauth/token":
      await answerTokenRoute(exchange, context, issuer);
      return true;
    case "GET /oauth/authorize":
      sendReply(response, showAuthorize(query, context));
      return true;
    case "POST /oauth/authorize":
      sendReply(response, decideAuthorize(form, context, issuer.grants));
      return true;
    case "GET /codex/device":
      sendReply(response, showDevice(query));
      return true;
    case "POST /codex/device":
      sendReply(response, decideDevice(form, context, issuer.grants));
      return true;
    case "POST /oauth/revoke":
      await withFault("revoke", exchange, context, () => {
        if (typeof form.token === "string") context.tokens.revoke(form.token);
        return { status: 200, body: {} };
      });
      return true;
    case "POST /api/accounts/deviceauth/usercode":
      await withFault("device", exchange, context, () =>
        startDevice(record.body, context, issuer.grants, issuer.deviceIntervalSeconds),
      );
      return true;
    case "POST /api/accounts/deviceauth/token":
      await withFault("device", exchange, context, () => pollDevice(record.body, context, issuer.grants));
      return true;
    default:
      return false;
  }
}

/** Answers a route with a whole answer, and with what a fault does to it. */
export async function withFault(
  route: "revoke" | "device" | "models" | "usage" | "accounts" | "prompts" | "images",
  exchange: Exchange,
  context: Context,
  answer: () => PlainReply,
): Promise<void> {
  const early = context.faults.take(route, "early");
  if (early && (await answerFault(early, context, exchange))) return;
  const fault = early ?? context.faults.take(route, "late");
  await sendWithFault(answer(), fault, exchange);
}

/** The token route: a fault can come before the rotation, or after it, when the answer is lost and the token is spent. */
async function answerTokenRoute(exchange: Exchange, context: Context, issuer: Issuer): Promise<void> {
  const early = context.faults.take("token", "early");
  if (early && (await answerFault(early, context, exchange))) return;
  const fault = early ?? context.faults.take("token", "late");
  const reply = answerToken(exchange, context, issuer.grants, issuer.accessLifetimeSeconds);
  if (fault?.afterRotation && (await answerFault(fault, context, exchange))) return;
  if (fault?.omit && typeof reply.body === "object" && reply.body !== null) {
    const { omit } = fault;
    reply.body = Object.fromEntries(Object.entries(reply.body).filter(([name]) => !omit.includes(name)));
  }
  await sendWithFault(reply, fault, exchange);
}
