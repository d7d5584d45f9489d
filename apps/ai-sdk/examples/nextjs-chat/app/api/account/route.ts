import type { Account } from "../../../chat/account";
import { codex } from "../../../server/codex";
import { guarded } from "../../../server/guard";
import { toPlan } from "../../../server/plan";
import { describeError, toFailure } from "../../../server/to-failure";

export const runtime = "nodejs";

/** What may be picked, and how much of the plan is used; without a login, why there is none. */
export const GET = guarded(async ({ signal }) => {
  const [models, usage] = await Promise.allSettled([codex.models(signal), codex.usage(signal)]);
  const account: Account = { models: [] };
  if (models.status === "fulfilled") {
    account.models = models.value.map(({ id, name, description, efforts, defaultEffort }) => ({
      id,
      name,
      efforts,
      ...(description !== undefined && { description }),
      ...(defaultEffort !== undefined && { defaultEffort }),
    }));
  }
  if (usage.status === "fulfilled") {
    const plan = toPlan(usage.value);
    if (plan !== undefined) account.plan = plan;
  } else {
    account.failure = toFailure(usage.reason);
    if (!signal.aborted) console.error(describeError(usage.reason));
  }
  return Response.json(account, { headers: { "cache-control": "no-store" } });
});
