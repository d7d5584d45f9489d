import { decodeJwt } from "jose/jwt/decode";

/** What a token says about itself. Decoded, never verified: we hold no key, and the backend checks it anyway. */
export interface Claims {
  /** Unix milliseconds. */
  expiresAt?: number | undefined;
  /** Unix milliseconds. */
  issuedAt?: number | undefined;
  email?: string | undefined;
  accountId?: string | undefined;
  planType?: string | undefined;
  isFedramp?: boolean | undefined;
}

const authNamespace = "https://api.openai.com/auth";
const profileNamespace = "https://api.openai.com/profile";

/** Reads the claims of a ChatGPT token. Anything that is not a JWT (an opaque `at-` token, say) has none. */
export function readClaims(token: string | undefined): Claims {
  if (token === undefined) return {};
  let payload: Record<string, unknown>;
  try {
    payload = decodeJwt(token);
  } catch {
    return {};
  }
  const auth = record(payload[authNamespace]);
  const profile = record(payload[profileNamespace]);
  return {
    expiresAt: seconds(payload.exp),
    issuedAt: seconds(payload.iat),
    email: text(payload.email) ?? text(profile.email),
    accountId: text(auth.chatgpt_account_id),
    planType: text(auth.chatgpt_plan_type),
    isFedramp: typeof auth.chatgpt_account_is_fedramp === "boolean" ? auth.chatgpt_account_is_fedramp : undefined,
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function seconds(value: unknown): number | undefined {
  const time = typeof value === "number" ? value * 1000 : Number.NaN;
  return isTime(time) ? time : undefined;
}

/** Whether a number of Unix milliseconds is a time that a Date can hold. */
export function isTime(milliseconds: number): boolean {
  return Math.abs(milliseconds) <= 8.64e15;
}
