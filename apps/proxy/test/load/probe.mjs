// Loaded into a proxy before its own code (`node --expose-gc --import`): answers how it is doing, to the process that started it.
import { readdirSync } from "node:fs";

process.on("message", ({ collect }) => {
  if (collect) for (let i = 0; i < 4; i++) globalThis.gc();
  const resources = {};
  for (const type of process.getActiveResourcesInfo()) resources[type] = (resources[type] ?? 0) + 1;
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  process.send({
    rss,
    heapUsed,
    external,
    resources,
    files: readdirSync("/proc/self/fd").length,
    cpuMs: (user + system) / 1000,
  });
});
process.channel.unref();
