import { adjust, type RequestContext } from "../canonical/context.js";
import type { InputItem } from "../canonical/request.js";

/**
 * Reasoning of earlier turns travels encrypted, and only the account whose answer it was can send it back. Without it the
 * model thinks anew, so that it is left out where it would be refused.
 */
export interface ReasoningFilter {
  drops(item: InputItem): boolean;
  /** Why, in a few words. */
  detail: string;
}

/** Leaves all of it in. */
export const keepsAll: ReasoningFilter = { drops: () => false, detail: "" };

/** Leaves all of it out, after a refusal: the backend does not say of every blob what it thinks of it. */
export const refusedReasoning: ReasoningFilter = {
  drops: isEncryptedReasoning,
  detail: "encrypted reasoning that the backend refused",
};

/** Leaves out what is known to be another account's. */
export function foreignReasoning({ recalled }: RequestContext, account: string | undefined): ReasoningFilter {
  const accounts = recalled?.accounts;
  return {
    drops(item) {
      const owner = isEncryptedReasoning(item) ? accounts?.get(item.encrypted_content as string) : undefined;
      return owner !== undefined && account !== undefined && owner !== account;
    },
    detail: "encrypted reasoning of another account",
  };
}

export function hasForeignReasoning(
  input: readonly InputItem[],
  context: RequestContext,
  account: string | undefined,
): boolean {
  if (!context.recalled?.accounts?.size) return false;
  return input.some(foreignReasoning(context, account).drops);
}

export function isEncryptedReasoning(item: InputItem): boolean {
  return item.type === "reasoning" && typeof item.encrypted_content === "string" && item.encrypted_content !== "";
}

/** The input without what the filter drops, which is noted once; the same array where it drops nothing. */
export function withoutReasoning(
  input: readonly InputItem[],
  { drops, detail }: ReasoningFilter,
  context: RequestContext,
): readonly InputItem[] {
  const kept = input.filter((item) => !drops(item));
  if (kept.length === input.length) return input;
  adjust(context, { field: "input", action: "dropped", detail });
  return kept;
}
