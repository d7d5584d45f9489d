import { createHash, randomBytes } from "node:crypto";

/** Who may see the dashboard: whoever has opened a link that works once, by the cookie that it gave. */
export interface DashboardAccess {
  /** A new secret for a link. @param lifeMs how long it may be used; default: as long as the proxy runs */
  issue(lifeMs?: number): string;
  /** Takes a link's secret, which then is spent, and gives the secret of a cookie; nothing for one that is not good. */
  redeem(secret: string): string | undefined;
  /** Whether a `Cookie` header holds a good one. */
  admits(cookies: string | undefined): boolean;
  readonly cookieName: string;
}

/** How long a browser may stay away, in milliseconds. */
export const sessionLifeMs = 30 * 24 * 60 * 60_000;
const maxSessions = 50;
const maxLinks = 50;

/**
 * Secrets are kept as hashes, in memory: all of them end with the proxy.
 * @param port is in the cookie's name, since browsers share cookies between the ports of a host
 */
export function createDashboardAccess(port: number, now: () => number = Date.now): DashboardAccess {
  const cookieName = `codex_dashboard_${port}`;
  /** By hash, when each ends. */
  const links = new Map<string, number>();
  const sessions = new Map<string, number>();

  const add = (to: Map<string, number>, endsAt: number, most: number) => {
    const secret = randomBytes(32).toString("base64url");
    to.set(digest(secret), endsAt);
    for (const [hash] of to) if (to.size > most) to.delete(hash);
    return secret;
  };
  const isGood = (endsAt: number | undefined) => endsAt !== undefined && endsAt > now();

  return {
    cookieName,
    issue: (lifeMs = Number.POSITIVE_INFINITY) => add(links, now() + lifeMs, maxLinks),
    redeem(secret) {
      const hash = digest(secret);
      const endsAt = links.get(hash);
      links.delete(hash);
      return isGood(endsAt) ? add(sessions, now() + sessionLifeMs, maxSessions) : undefined;
    },
    admits(cookies) {
      for (const pair of (cookies ?? "").split(";")) {
        const [name = "", value = ""] = pair.trim().split("=");
        if (name !== cookieName) continue;
        const hash = digest(value);
        if (!isGood(sessions.get(hash))) continue;
        sessions.set(hash, now() + sessionLifeMs);
        return true;
      }
      return false;
    },
  };
}

/** A lookup by hash tells nothing of a secret by the time that it takes. */
export function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
