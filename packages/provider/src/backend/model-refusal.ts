import { type CodexError, UpstreamError } from "@codex/errors";
import { type AccountModels, closestModels } from "@codex/models";

/** A model that the backend refuses becomes a 404 that names the closest ones of the account. Other errors pass. */
export async function nameClosestModels(
  error: CodexError,
  slug: string,
  models: AccountModels,
  signal: AbortSignal,
): Promise<CodexError> {
  if (error.code !== "model_not_found" || !(error instanceof UpstreamError)) return error;
  const list = await models.list(signal).catch(() => []);
  const shown = list.filter((model) => model.visibility === "list");
  const close = closestModels(slug, shown);
  const names = (close.length > 0 ? close : shown.slice(0, 3).map((model) => model.slug)).join(", ");
  const hint = names === "" ? "" : ` Closest models of this account: ${names}.`;
  return new UpstreamError("model_not_found", `${error.message}${hint}`, { ...upstreamFacts(error), param: "model" });
}

function upstreamFacts(error: UpstreamError) {
  return {
    cause: error,
    body: error.body,
    limitHeaders: error.limitHeaders,
    ...(error.upstreamStatus === undefined ? {} : { upstreamStatus: error.upstreamStatus }),
    ...(error.upstreamCode === undefined ? {} : { upstreamCode: error.upstreamCode }),
    ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
  };
}
