import { type CodexError, isUpstreamError, UpstreamError } from "@codex/errors";
import { type AccountModels, closestModels } from "@codex/models";
import { defaultModelList, type RequestContext } from "../canonical/context.js";
import { sentence } from "./failure.js";

/**
 * A model that the backend refuses becomes a 404 that names the closest ones of the account; where its name is one of those
 * with an unknown effort, a 400 that names the efforts. Other errors pass.
 */
export async function nameClosestModels(
  error: CodexError,
  slug: string,
  models: AccountModels,
  { signal, modelList = defaultModelList }: Pick<RequestContext, "signal" | "modelList">,
): Promise<CodexError> {
  if (error.code !== "model_not_found" || !isUpstreamError(error)) return error;
  const list = await models.list(signal).catch(() => []);
  const noEffort = describeUnknownEffort(slug, models);
  if (noEffort !== undefined) {
    return new UpstreamError("request_invalid", noEffort, { ...upstreamFacts(error), param: "model" });
  }
  const shown = list.filter((model) => model.visibility === "list");
  const close = closestModels(slug, shown);
  const names = (close.length > 0 ? close : shown.slice(0, 3).map((model) => model.slug)).join(", ");
  const hint = names === "" ? "" : ` Closest models of this account: ${names}.`;
  const message = `${sentence(error.message)} ${modelList} lists the models of this account.${hint}`;
  return new UpstreamError("model_not_found", message, { ...upstreamFacts(error), param: "model" });
}

/**
 * What is wrong with a name such as `gpt-6-sol-extreme`, a model of the account with a word that is no effort. Asked only
 * once the backend has refused it: a new model may have such a name.
 */
function describeUnknownEffort(slug: string, models: AccountModels): string | undefined {
  const [, base = "", word] = /^(.+)-([a-z]+)$/.exec(slug) ?? [];
  const resolved = word === undefined ? undefined : models.peek(base);
  if (resolved === undefined || !resolved.listed) return undefined;
  // The name of a generation says nothing: `gpt-6-soll` is a slip of `gpt-6-sol`.
  if (resolved.info.slug !== base && !Object.hasOwn(models.aliases(), base)) return undefined;
  const { slug: model, efforts } = resolved.info;
  return `The backend has no model \`${slug}\`, and \`${word}\` is no reasoning effort: ${model} takes ${efforts.join(", ")}.`;
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
