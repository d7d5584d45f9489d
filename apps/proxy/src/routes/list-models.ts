import { CodexError } from "@codex/errors";
import { closestModels, encodeResolvedEntry, listModelEntries, type ModelEntry } from "@codex/models";
import type { CodexClient, Reply } from "@codex/provider";
import { jsonReply } from "./reply.js";

/**
 * `GET /v1/models`: the models that the account may pick, best first, then the user's own names for them. The header
 * `x-codex-models-source` says where it is from: `account`, `stale` (the account's, but out of date), or `bundled` (ours).
 * @param effortVariants whether each effort of a model is listed too
 */
export async function listModels(client: CodexClient, effortVariants: boolean, signal: AbortSignal): Promise<Reply> {
  return reply(client, { object: "list", data: await listEntries(client, effortVariants, signal) });
}

/**
 * `GET /v1/models/{id}`: what a name means, prefixes, suffixes, aliases, retired and hidden models included. The entry
 * carries the name that was asked for, as clients compare it. Throws `model_not_found` with the closest names.
 */
export async function describeModel(client: CodexClient, name: string, signal: AbortSignal): Promise<Reply> {
  const resolved = await client.models.resolve(name, signal);
  if (resolved.listed) return reply(client, encodeResolvedEntry(resolved, name));
  const listed = await listEntries(client, false, signal);
  const closest = closestModels(
    name,
    listed.map(({ id }) => ({ slug: id })),
  ).join(", ");
  const where =
    client.models.source() === "bundled"
      ? "known, and your account's own list could not be fetched to look it up"
      : "in your account's list";
  throw new CodexError(
    "model_not_found",
    `The model ${JSON.stringify(name.slice(0, 100))} is not ${where}. Closest: ${closest}. GET /v1/models lists all.`,
    { param: "model" },
  );
}

async function listEntries(client: CodexClient, effortVariants: boolean, signal: AbortSignal): Promise<ModelEntry[]> {
  const models = await client.models.list(signal);
  return listModelEntries(models, { aliases: client.models.aliases(), resolve: client.models.peek, effortVariants });
}

function reply(client: CodexClient, body: object): Reply {
  return jsonReply(body, { headers: { "x-codex-models-source": client.models.source() } });
}
