import { CodexError } from "@codex/errors";
import type { LoadedSettings } from "@codex/proxy";
import { findDaemon, pidFile } from "../daemon/pid-file.js";
import type { Terminal } from "../terminal.js";

/** Prints a link that opens the detached proxy's dashboard once. @param openPage opens it too, where a browser is */
export async function printDashboardLink(
  { folders }: Pick<LoadedSettings, "folders">,
  terminal: Terminal,
  openPage: ((url: string) => void) | undefined,
): Promise<number> {
  const daemon = await findDaemon(pidFile(folders.state));
  if (daemon?.dashboardKey === undefined) {
    terminal.note("No detached proxy runs. `codex-oauth serve` prints a link of its own when it starts.\n");
    return 1;
  }
  const { url, dashboardKey } = daemon;
  const answer = await fetch(`${url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:)/, "//127.0.0.1")}/dashboard/link`, {
    headers: { authorization: `Bearer ${dashboardKey}` },
    signal: AbortSignal.timeout(5000),
  }).catch((cause: unknown) => {
    throw new CodexError("internal", `The proxy on ${url} does not answer. \`codex-oauth stop\` and start it again.`, {
      cause,
    });
  });
  if (!answer.ok) throw new CodexError("internal", `The proxy on ${url} gives no link (${answer.status}).`);
  const { link } = (await answer.json()) as { link: string };
  await terminal.print(`${link}\n`);
  openPage?.(link);
  return 0;
}
