import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished } from "vitest";
import { type LoadHouse, startLoadHouse } from "./load/processes.js";

/** A built proxy and a simulator, each a process of its own, whose health is asked for all the time. */
export interface UnderLoad extends LoadHouse {
  /** Does something to the proxy, and says how the proxy was all along. */
  during<T>(work: () => Promise<T>): Promise<Health<T>>;
}

export interface Health<T = unknown> {
  /** What the work has resolved with. */
  result: T;
  /** Answers to `GET /healthz`, asked for every 25 ms, in milliseconds. */
  healthz: Latency;
  /** The same of a server beside it that does nothing: how busy the machine itself was. */
  control: Latency;
  /**
   * How many times as long as on an idle machine its main thread took, since others had the processor: the time in which it
   * ran or waited for its turn, over the time in which it ran. 1 where the system does not say.
   */
  slowdown: number;
  /** The most memory that the proxy had, in bytes. */
  peakRss: number;
  /** Whether the process is still there. */
  isAlive: boolean;
}

interface Latency {
  count: number;
  p50: number;
  p99: number;
  max: number;
  /** What came in place of a 200, a few of them. */
  failures: string[];
}

const everyMs = 25;
const timeoutMs = 60_000;
/** Beyond it nothing can be said of how fast a proxy is. */
const maxSlowdown = 4;

/**
 * Starts both, for one test. Needs what `turbo run build` makes.
 * @param settings environment variables of the proxy, e.g. `CODEX_PROXY_API_KEYS`
 */
export async function openUnderLoad(settings: Record<string, string> = {}): Promise<UnderLoad> {
  const load = await startUnderLoad(settings);
  onTestFinished(() => load.close());
  return load;
}

/** The same, to be closed by who has started it. */
export async function startUnderLoad(settings: Record<string, string> = {}): Promise<UnderLoad> {
  const house = await startLoadHouse(settings);
  await warmUp(house.proxyUrl);
  const controlUrl = await house.startControl();
  const urls = [`${house.proxyUrl}/healthz`, controlUrl];
  const asker = new Worker(fileURLToPath(new URL("load/ask-health.mjs", import.meta.url)), {
    workerData: { urls, everyMs, timeoutMs },
  });
  const pid = house.proxy.pid as number;
  return {
    ...house,
    async during(work) {
      const memory = watchMemory(pid);
      const before = turnsOf(pid);
      asker.postMessage("begin");
      try {
        const result = await work();
        // A few answers after the work, too.
        await new Promise((resolve) => setTimeout(resolve, 10 * everyMs));
        const [healthz, control] = (await samplesOf(asker)) as [Latency, Latency];
        const isAlive = house.proxy.exitCode === null && house.proxy.signalCode === null;
        const after = turnsOf(pid);
        const [ran, waited] = [after.ran - before.ran, after.waited - before.waited];
        const slowdown = ran > 0 ? 1 + waited / ran : 1;
        return { result, healthz, control, slowdown, peakRss: memory.peak(), isAlive };
      } catch (error) {
        await samplesOf(asker);
        throw error;
      } finally {
        memory.stop();
      }
    },
    async close() {
      await asker.terminate();
      await house.close();
    },
  };
}

/**
 * Fails unless the proxy has lived, has answered /healthz with a P99 under 250 ms, and has stayed under 1 GB. On a machine that
 * is busy with other things, it may take as many times longer as the proxy had to wait for its turn, and as much longer as
 * the server beside it took; on one that is too busy for any judgement the time is not looked at.
 */
export function expectHealthy(health: Health, { p99Ms = 250, rss = 1e9 } = {}): void {
  const { healthz, control, slowdown, peakRss, isAlive } = health;
  expect(isAlive, "the proxy's process is there").toBe(true);
  expect(healthz.failures).toEqual([]);
  expect(healthz.count).toBeGreaterThan(0);
  expect(peakRss).toBeLessThan(rss);
  // Who waits for his turn three quarters of the time is late by what others do.
  if (slowdown > maxSlowdown) return;
  expect(healthz.p99, describeHealth("too slow", health)).toBeLessThan(p99Ms * slowdown + control.p99);
}

/** One line about it, for those who read figures. */
export function describeHealth(what: string, { healthz, control, slowdown, peakRss }: Health): string {
  const ms = ({ p50, p99, max }: Latency) =>
    `P50 ${p50.toFixed(1)}, P99 ${p99.toFixed(0)}, at most ${max.toFixed(0)} ms`;
  return `${what}: /healthz ${ms(healthz)} of ${healthz.count}; control ${ms(control)}; slowed down ${slowdown.toFixed(1)} times; peak RSS ${(peakRss / 1e6).toFixed(0)} MB`;
}

/** What a proxy does for the first time takes many times as long. */
async function warmUp(url: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", body: "{" });
    await response.text();
    await (await fetch(`${url}/healthz`)).text();
  }
}

function samplesOf(asker: Worker): Promise<Latency[]> {
  return new Promise((resolve) => {
    asker.once("message", (all: { ms: number; failure?: string }[][]) => resolve(all.map(summarize)));
    asker.postMessage("end");
  });
}

function summarize(samples: { ms: number; failure?: string }[]): Latency {
  const sorted = samples.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  const failures = samples.flatMap(({ failure }) => failure ?? []).slice(0, 5);
  return { count: samples.length, p50: at(0.5), p99: at(0.99), max: at(1), failures };
}

/** By the system's own mark of the peak where it has one, else by looking often. */
function watchMemory(pid: number) {
  let most = 0;
  const look = () => {
    most = Math.max(most, rssOf(pid));
  };
  try {
    // proc(5): the peak begins anew.
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // Not on this system.
  }
  look();
  const timer = setInterval(look, 100);
  return {
    peak() {
      look();
      return most;
    },
    stop: () => clearInterval(timer),
  };
}

function rssOf(pid: number): number {
  try {
    if (process.platform !== "linux") {
      return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1024;
    }
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number((/VmHWM:\s+(\d+)/.exec(status) ?? /VmRSS:\s+(\d+)/.exec(status))?.[1] ?? 0) * 1024;
  } catch {
    // It has gone, which is looked at elsewhere.
    return 0;
  }
}

/** How long the main thread has run and has waited for its turn, in nanoseconds. */
function turnsOf(pid: number): { ran: number; waited: number } {
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ").map(Number);
    return { ran, waited };
  } catch {
    return { ran: 0, waited: 0 };
  }
}
