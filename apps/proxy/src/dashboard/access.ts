import { createHash, randomBytes } from "node:crypto";

/** Who may see the dashboard: whoever has opened a link that works once, by the cookie that it gave. */
export interface DashboardAccess {
  /** A new secret for a link, which may be used once, within `linkLifeMs`. */
  issue(): string;
  /** Takes a link's secret, which then is spent, and gives what the browser keeps; nothing for one that is not good. */
  redeem(secret: string): DashboardSession | undefined;
  /** Whether a `Cookie` header holds a good one: enough for the page as such, in which there is no secret. */
  admits(cookies: string | undefined): boolean;
  /**
   * Whether it does, and the page's own secret belongs to it. Browsers show a cookie to every server of the host, whatever
   * its port, and a page's storage to its own port alone.
   */
  admitsPage(cookies: string | undefined, pageKey: string): boolean;
  readonly cookieName: string;
}

/** The two secrets of a browser that has been let in. */
export interface DashboardSession {
  cookie: string;
  /** For the page's own storage; its script sends it with each question. */
  pageKey: string;
}

/** How long a link may be used, in milliseconds. */
export const linkLifeMs = 10 * 60_000;
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
  const sessions = new Map<string, { endsAt: number; pageKey: string }>();

  const add = <T>(to: Map<string, T>, value: T, most: number) => {
    const secret = randomBytes(32).toString("base64url");
    to.set(digest(secret), value);
    for (const [hash] of to) if (to.size > most) to.delete(hash);
    return secret;
  };

  /** The session of a good cookie, which goes on from now. */
  const find = (cookies: string | undefined) => {
    for (const pair of (cookies ?? "").split(";")) {
      const [name = "", value = ""] = pair.trim().split("=");
      const session = name === cookieName ? sessions.get(digest(value)) : undefined;
      if (session === undefined || session.endsAt <= now()) continue;
      session.endsAt = now() + sessionLifeMs;
      return session;
    }
    return undefined;
  };

  return {
    cookieName,
    issue: () => add(links, now() + linkLifeMs, maxLinks),
    redeem(secret) {
      const hash = digest(secret);
      const endsAt = links.get(hash);
      links.delete(hash);
      if (endsAt === undefined || endsAt <= now()) return undefined;
      const pageKey = randomBytes(32).toString("base64url");
      const session = { endsAt: now() + sessionLifeMs, pageKey: digest(pageKey) };
      return { cookie: add(sessions, session, maxSessions), pageKey };
    },
    admits: (cookies) => find(cookies) !== undefined,
    admitsPage: (cookies, pageKey) => find(cookies)?.pageKey === digest(pageKey),
  };
}

/** A lookup by hash tells nothing of a secret by the time that it takes. */
export function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
