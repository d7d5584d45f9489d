import type { LoginStatus } from "@codex/auth";

/**
 * Where the proxy listens and how to point a client at it.
 * @param link to the dashboard, for its owner's eyes alone; default: how to come by one
 */
export function describeProxy(url: string, link?: string): string {
  return [
    `codex-oauth proxy, listening on ${url}`,
    "",
    `  Clients   OPENAI_BASE_URL=${url}/v1  OPENAI_API_KEY=any`,
    `  Try it    curl ${url}/v1/models`,
    `  Dashboard ${link === undefined ? "`codex-oauth dashboard` prints a link" : `${link}   (opens once, within ten minutes)`}`,
  ].join("\n");
}

/** Who is signed in, or what to do when nobody is; one line, in the shape of the block above it. */
export function describeLogin(status: LoginStatus): string {
  if (status.problem !== undefined) return `  Login     ${status.problem}`;
  const who = status.email ?? status.accountId ?? "someone";
  const plan = status.planType === undefined ? "" : `, plan ${status.planType}`;
  return `  Login     ${who}${plan} (${status.location})`;
}
