import { setTimeout as sleep } from "node:timers/promises";
import type { CodexClient } from "@codex/provider";
import { encodeUsage } from "@codex/proxy";
import type { Terminal } from "../terminal.js";

export interface UsageFlags {
  json?: boolean;
  watch?: boolean;
  /** Seconds between two looks. Default 60. */
  interval?: number;
}

type Usage = ReturnType<typeof encodeUsage>;

const barWidth = 30;
const defaultIntervalSeconds = 60;
const titles: Readonly<Record<string, string>> = { "5h": "5 hours", daily: "Day", weekly: "Week", monthly: "Month" };

/** Prints how much of the plan is used, once, or with `--watch` until the signal aborts; with `--json` one object a line then. */
export async function showUsage(
  client: Pick<CodexClient, "usage">,
  terminal: Terminal,
  options: UsageFlags,
  signal: AbortSignal,
): Promise<number> {
  if (!options.watch) {
    const usage = encodeUsage(await client.usage(signal));
    await terminal.print(
      options.json ? `${JSON.stringify(usage, null, 2)}\n` : describeUsage(usage, terminal, Date.now()),
    );
    return 0;
  }
  const pauseMs = (options.interval ?? defaultIntervalSeconds) * 1000;
  while (!signal.aborted) {
    try {
      const usage = encodeUsage(await client.usage(signal));
      if (!options.json) await terminal.clear();
      const text = options.json ? `${JSON.stringify(usage)}\n` : describeUsage(usage, terminal, Date.now());
      await terminal.print(text);
    } catch (error) {
      if (signal.aborted) break;
      // The network comes and goes; whoever watches goes on watching.
      terminal.note(`${error instanceof Error ? error.message : String(error)}\n`);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
  }
  return 0;
}

/** Bars and reset times for a person, in local time. */
export function describeUsage(usage: Usage, { colors }: Pick<Terminal, "colors">, now: number): string {
  const lines = [`Plan ${colors.bold(usage.plan ?? "unknown")}`];
  for (const { id, name, reached, windows } of usage.limits) {
    if (id !== "codex") lines.push("", colors.bold(name ?? id));
    if (windows.length === 0) lines.push(`  ${reached ? "Nothing is left." : "The backend names no window."}`);
    for (const window of windows) {
      const used = window.used_percent;
      const paint = used >= 90 ? colors.red : used >= 70 ? colors.yellow : colors.green;
      const filled = Math.min(barWidth, Math.round((used / 100) * barWidth));
      const bar = paint("█".repeat(filled)) + colors.dim("░".repeat(barWidth - filled));
      const title = (titles[window.name] ?? window.name).padEnd(8);
      const percent = `${Math.round(used * 10) / 10} %`.padStart(7);
      lines.push(`  ${title} ${bar} ${percent} used${describeReset(window.resets_at, now)}`);
    }
  }
  const { credits, spend_limit: spend } = usage;
  if (credits?.unlimited) lines.push("", "Credits  without limit");
  else if (credits?.has_credits) lines.push("", `Credits  ${credits.balance ?? "some"}`);
  if (spend) {
    const percent = spend.used_percent === null ? "" : `${spend.used_percent} % used`;
    lines.push("", `Spending limit  ${spend.reached ? "reached" : percent}${describeReset(spend.resets_at, now)}`);
  }
  return `${lines.join("\n")}\n`;
}

function describeReset(resetsAt: number | null, now: number): string {
  if (resetsAt === null) return "";
  const date = new Date(resetsAt * 1000);
  const minutes = Math.max(0, Math.round((date.getTime() - now) / 60_000));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60)];
  const span = hours < 1 ? `${minutes} min` : days < 2 ? `${hours} h ${minutes % 60} min` : `${days} days`;
  // The local time, in the one spelling that sorts.
  return `, resets ${date.toLocaleString("sv").slice(0, 16)} (in ${span})`;
}
