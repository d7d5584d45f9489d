import { randomUUID } from "node:crypto";

/** Whom a token speaks for. All made up. */
export interface Account {
  /** The ChatGPT account (workspace) id. */
  accountId: string;
  userId: string;
  email: string;
  /** A raw plan name, e.g. `plus` or `pro`. */
  plan: string;
  fedramp: boolean;
}

const header = encode({ alg: "none", typ: "JWT" });
const signature = Buffer.from("made-up-by-the-codex-simulator").toString("base64url");

/** A three-part JWT with the claims that the Codex CLI reads. Its signature is a fixed word: nobody here checks one. */
export function createJwt(
  kind: "id" | "access",
  account: Account,
  issuer: string,
  times: { iat: number; exp: number },
): string {
  const auth = {
    chatgpt_account_id: account.accountId,
    chatgpt_user_id: account.userId,
    user_id: account.userId,
    chatgpt_account_user_id: `${account.userId}__${account.accountId}`,
    chatgpt_plan_type: account.plan,
    ...(account.fedramp ? { chatgpt_account_is_fedramp: true } : {}),
  };
  const claims = {
    iss: issuer,
    sub: account.userId,
    ...times,
    jti: randomUUID(),
    ...(kind === "id"
      ? {
          aud: ["app_EMoamEEZ73f0CkXaXp7hrann"],
          email: account.email,
          email_verified: true,
          "https://api.openai.com/auth": {
            ...auth,
            organizations: [{ id: "org-simulator", title: "Personal", role: "owner", is_default: true }],
          },
        }
      : {
          aud: ["https://api.openai.com/v1"],
          client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
          "https://api.openai.com/auth": auth,
          scp: ["openid", "profile", "email", "offline_access"],
          "https://api.openai.com/profile": { email: account.email, email_verified: true },
        }),
  };
  return `${header}.${encode(claims)}.${signature}`;
}

/** The claims of a token, or undefined when it is not a three-part JWT. */
export function readJwt(token: string): Record<string, unknown> | undefined {
  const parts = token.split(".");
  if (parts.length !== 3 || !parts[1]) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1], "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
