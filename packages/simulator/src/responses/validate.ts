import type { Context, Exchange } from "../context.js";
import { detail, modelError, type PlainReply } from "../http/reply.js";
import type { ModelEntry } from "../models/catalog.js";
import { compareVersions } from "../models.js";
import type { ResponsesBody } from "./plan.js";
import { validateFrontEnd } from "./validate-front-end.js";
import { validateInput } from "./validate-input.js";
import { validateSettings } from "./validate-settings.js";
import { validateTools } from "./validate-tools.js";

/** Checks a request as the real service does, from the front end to the model layer. The first refusal wins. */
export function validateRequest(
  exchange: Exchange,
  context: Context,
): PlainReply | { valid: ResponsesBody; model: ModelEntry } {
  const { headers } = exchange.request;
  const { questions } = context;
  const { body } = exchange.record;
  if (typeof body === "string") return detail(400, "Request body is not valid JSON");
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return detail(400, "Request body must be an object");
  }
  const request = body as Record<string, unknown>;
  if (questions.accountHeader === "required" && headers["chatgpt-account-id"] === undefined) {
    return detail(400, "Missing chatgpt-account-id header");
  }
  if (questions.sessionHeader === "required" && headers["session-id"] === undefined) {
    return detail(400, "Missing session-id header");
  }
  const refused = validateFrontEnd(request, questions, () => [
    ...context.models.instructions,
    ...context.prompts.values(),
  ]);
  if (refused) return refused;
  const plan = (exchange.account ?? context.account).plan;
  const model = findModel(request.model, headers.version, plan, context);
  if (!("slug" in model)) return model;
  const valid = request as ResponsesBody;
  const lite = headers["x-openai-internal-codex-responses-lite"] === "true";
  return (
    validateSettings(valid, model, lite, questions) ??
    validateTools(valid, lite, questions) ??
    validateInput(valid, questions) ?? { valid, model }
  );
}

function findModel(
  slug: unknown,
  version: string | string[] | undefined,
  plan: string,
  { models, questions }: Context,
): ModelEntry | PlainReply {
  if (typeof slug !== "string" || slug === "")
    return modelError("Missing required parameter: 'model'.", "model", "missing_required_parameter");
  const message = `The '${slug}' model is not supported when using Codex with a ChatGPT account.`;
  const notSupported =
    questions.modelRefusal === "detail"
      ? detail(400, message)
      : { status: 400, body: { type: "error", status: 400, error: { type: "invalid_request_error", message } } };
  const model = models.find(slug, plan);
  if (!model) return notSupported;
  if (version === undefined && questions.versionHeader === "optional") return model;
  const sent = typeof version === "string" && /^\d+(\.\d+){0,2}/.test(version) ? version : "0.0.0";
  if (compareVersions(sent, model.minimal_client_version) >= 0) return model;
  return questions.clientTooOld === "not_supported" ? notSupported : detail(404, `Model not found ${slug}`);
}
