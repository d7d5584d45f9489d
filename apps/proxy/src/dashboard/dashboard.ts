import { randomBytes } from "node:crypto";
import { CodexError } from "@codex/errors";
import type { CodexClient, Reply } from "@codex/provider";
import { clientNames, describeClient } from "../clients/client-settings.js";
import { noStore, textReply } from "../routes/reply.js";
import type { RouteRequest } from "../routes/route.js";
import { type DashboardAccess, type DashboardSession, digest, sessionLifeMs } from "./access.js";
import { assetNames, readAsset } from "./assets.js";
import { describeState, type StateParts } from "./state.js";

/** One page about the proxy, for its owner. */
export interface Dashboard {
  /** Its parameter `part` is the path behind `/dashboard/`. */
  answer(request: Pick<RouteRequest, "params" | "query" | "headers">): Promise<Reply>;
  /** A link that opens the page once, within ten minutes. */
  link(): string;
  /** Whoever has it may ask for links. */
  readonly key: string;
}

export interface DashboardParts extends StateParts {
  access: () => DashboardAccess;
  folder: URL;
  /** Whether callers need a key. */
  needsKey: () => boolean;
}

/** Nothing but what comes from here: no other site, no script or style inside of the page, no frame around it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function createDashboard(parts: DashboardParts): Dashboard {
  const { folder } = parts;
  const link = () => `${parts.url()}/dashboard?open=${parts.access().issue()}`;

  const page = async (name: string, status = 200) => {
    const { text, type } = await readAsset(name, folder);
    return reply(status, text, type);
  };
  /** The page with its own secret in it, for its script to put into its storage. */
  const firstPage = async ({ cookie, pageKey }: DashboardSession, cookieName: string) => {
    const { text, type } = await readAsset("index.html", folder);
    const set = `${cookieName}=${cookie}; Path=/dashboard; HttpOnly; SameSite=Strict; Max-Age=${sessionLifeMs / 1000}`;
    return reply(200, text.replace("<head>", `<head>\n    <meta name="page-key" content="${pageKey}">`), type, {
      "set-cookie": set,
    });
  };
  const json = (value: object) => reply(200, JSON.stringify(value), "application/json");

  const key = randomBytes(32).toString("base64url");
  const isOwner = (authorization = "") => digest(authorization) === digest(`Bearer ${key}`);

  return {
    link,
    key,
    async answer({ params: { part: path = "" }, query, headers }) {
      const access = parts.access();
      const secret = path === "" ? query.get("open") : null;
      const isIn = dataParts.has(path)
        ? access.admitsPage(headers.cookie, String(headers["x-dashboard-key"])) ||
          (path === "link" && isOwner(headers.authorization))
        : access.admits(headers.cookie);
      if (secret !== null) {
        const session = access.redeem(secret);
        if (session !== undefined) return firstPage(session, access.cookieName);
        // A link that was opened before still leads to the page in the browser that has opened it.
        return isIn ? page("index.html") : page("locked.html", 401);
      }
      // The page that says how to get in needs its looks; there is no secret in them.
      if (path === "style.css" || path === "icon.svg") return page(path);
      if (!isIn || path === "locked") return page("locked.html", 401);
      switch (path) {
        case "":
          return page("index.html");
        case "state":
          return json(await describeState(parts, query.get("range") === "day" ? "day" : "hour"));
        case "clients":
          return json(await describeClients(parts.client, parts.url(), parts.needsKey()));
        case "link":
          return json({ link: link() });
        default:
          if (assetNames.has(path)) return page(path);
          throw new CodexError("not_found", "There is no such part of the dashboard.");
      }
    },
  };
}

/** What tells something; all else of the dashboard is the same for everybody. */
const dataParts: ReadonlySet<string> = new Set(["state", "clients", "link"]);

async function describeClients(client: CodexClient, url: string, needsKey: boolean) {
  const models = await client.models.list();
  const model = models.find(({ visibility }) => visibility === "list")?.slug ?? "gpt-6.2-sol";
  return clientNames.map((name) => {
    const key = needsKey || name === "cursor" ? "YOUR_KEY" : "unused";
    return { name, ...describeClient(name, { baseUrl: `${url}/v1`, key, model }) };
  });
}

function reply(status: number, body: string, type: string, more: Record<string, string> = {}): Reply {
  const headers = {
    ...noStore,
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    ...more,
  };
  return textReply(body, type, { status, headers });
}
