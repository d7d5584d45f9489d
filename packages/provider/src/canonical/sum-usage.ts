import type { Usage } from "./events.js";

/** What several answers have used together; undefined when none of them tells. */
export function sumUsage(usages: readonly (Usage | null | undefined)[]): Usage | undefined {
  const told = usages.filter((usage): usage is Usage => Boolean(usage));
  if (told.length === 0) return undefined;
  const sum = (read: (usage: Usage) => number | undefined) =>
    told.reduce((total, usage) => total + (read(usage) ?? 0), 0);
  return {
    input_tokens: sum((usage) => usage.input_tokens),
    input_tokens_details: { cached_tokens: sum((usage) => usage.input_tokens_details?.cached_tokens) },
    output_tokens: sum((usage) => usage.output_tokens),
    output_tokens_details: { reasoning_tokens: sum((usage) => usage.output_tokens_details?.reasoning_tokens) },
    total_tokens: sum((usage) => usage.total_tokens ?? (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0)),
    ...(told.some((usage) => usage.estimated === true) && { estimated: true }),
  };
}
