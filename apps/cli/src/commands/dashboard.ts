import { CodexError } from "@codex/errors";
import { findForeground, findRunning, type LoadedState, pidFile, type RunningProxyFile } from "@codex/proxy";
import type { Terminal } from "../terminal.js";

/**
 * Prints a link that opens the dashboard of a running proxy once: of the detached one, else of the one that was started
 * last in the foreground. @param openPage opens it too, where a browser is
 */
export async function printDashboardLink(
  { folders }: Pick<LoadedState, "folders">,
  terminal: Terminal,
  openPage: ((url: string) => void) | undefined,
): Promise<number> {
  const detached = await findRunning(pidFile(folders.state));
  const running = [...(detached === undefined ? [] : [detached]), ...(await findForeground(folders.state))];
  const [proxy, ...others] = running.filter(({ dashboardKey }) => dashboardKey !== undefined);
  if (proxy === undefined) {
    terminal.note(`No proxy runs by the state folder ${folders.state}. \`codex-oauth serve\` starts one.\n`);
    return 1;
  }
  const link = await askForLink(proxy);
  if (others.length > 0) {
    const urls = others.map(({ url }) => url).join(", ");
    terminal.note(`This is the dashboard of ${proxy.url}. Others run: ${urls}.\n`);
  }
  await terminal.print(`${link}\n`);
  openPage?.(link);
  return 0;
}

async function askForLink({ url, dashboardKey }: RunningProxyFile): Promise<string> {
  const local = url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:)/, "//127.0.0.1");
  const answer = await fetch(`${local}/dashboard/link`, {
    headers: { authorization: `Bearer ${dashboardKey}` },
    signal: AbortSignal.timeout(5000),
  }).catch((cause: unknown) => {
    throw new CodexError("internal", `The proxy on ${url} does not answer. Stop it and start it again.`, { cause });
  });
  if (!answer.ok) throw new CodexError("internal", `The proxy on ${url} gives no link (${answer.status}).`);
  return ((await answer.json()) as { link: string }).link;
}
