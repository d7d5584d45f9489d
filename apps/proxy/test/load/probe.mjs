// Loaded into a proxy before its own code (`node --expose-gc --import`): answers how it is doing, to the process that started it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

process.on("message", ({ collect }) => {
  if (collect) for (let i = 0; i < 4; i++) globalThis.gc();
  const resources = {};
  for (const type of process.getActiveResourcesInfo()) resources[type] = (resources[type] ?? 0) + 1;
  const { rss, heapUsed, external } = process.memoryUsage();
  const [, peakRss] = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
  // proc(5): the peak begins anew.
  writeFileSync("/proc/self/clear_refs", "5");
  const { user, system } = process.cpuUsage();
  process.send({
    rss,
    peakRss: Number(peakRss) * 1024,
    heapUsed,
    external,
    resources,
    files: readdirSync("/proc/self/fd").length,
    cpuMs: (user + system) / 1000,
  });
});
process.channel.unref();
