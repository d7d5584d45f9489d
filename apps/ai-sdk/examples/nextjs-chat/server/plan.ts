import type { PlanUsage } from "@codex/ai-sdk";
import type { Plan } from "../chat/account";

/** The plan's own limit, as the page shows it; those of single models are left out. */
export function toPlan(usage: PlanUsage | undefined): Plan | undefined {
  const main = usage?.limits.find(({ limitId }) => limitId === "codex");
  if (usage === undefined || main === undefined) return undefined;
  return { windows: main.windows, ...(usage.planType !== undefined && { planType: usage.planType }) };
}
