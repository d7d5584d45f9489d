import type { Quota } from "../quota/quota.js";
import { limitWindows } from "../quota/windows.js";
import type { LiveRequests } from "./live-requests.js";
import { createMetricSet, type MetricSet } from "./metric-set.js";
import type { Observer, RequestRecord } from "./request-record.js";

/** Numbers for Prometheus. */
export interface Metrics extends Observer {
  /** The text format, version 0.0.4. */
  render(): Promise<{ contentType: string; text: string }>;
}

export interface MetricsParts {
  live: LiveRequests;
  quota: Pick<Quota, "known" | "keys">;
  /** Whether the backend counts as up. */
  isBackendUp: () => boolean;
  version: string;
  /** What a model is called in a label; one of a limited number of names. */
  nameModel: (model: string) => string;
}

/** How many ended requests are kept for the first reader. */
const maxWaiting = 1000;

/**
 * Counts requests by prom-client, which is loaded for the first reader: it takes 12 MB, 70 ms and 5 % of the CPU of a
 * stream that a proxy which nobody reads need not spend. The counters begin with the last thousand requests before that.
 */
export function createMetrics(parts: MetricsParts): Metrics {
  let waiting: RequestRecord[] = [];
  let set: MetricSet | undefined;
  let loading: Promise<MetricSet> | undefined;
  const load = () => {
    loading ??= createMetricSet(parts.version, parts.nameModel).then(
      (made) => {
        for (const record of waiting) made.count(record);
        waiting = [];
        set = made;
        return made;
      },
      (error: unknown) => {
        // No descriptor was left, for example: the next reader tries again.
        loading = undefined;
        throw error;
      },
    );
    return loading;
  };
  return {
    end(record) {
      if (set !== undefined) return set.count(record);
      waiting.push(record);
      if (waiting.length > maxWaiting) waiting.shift();
    },
    async render() {
      const { gauges, registry } = await load();
      const { live, quota } = parts;
      gauges.activeRequests.set(live.count());
      gauges.activeStreams.set(live.streams());
      gauges.backendUp.set(parts.isBackendUp() ? 1 : 0);
      for (const gauge of [gauges.planUsed, gauges.planResets, gauges.planObserved, gauges.keyUsed]) gauge.reset();
      const known = quota.known();
      if (known !== undefined) gauges.planObserved.set(known.observedAt / 1000);
      for (const { limitId: limit, name: window, usedPercent, resetsAt } of limitWindows(known)) {
        gauges.planUsed.set({ limit, window }, usedPercent / 100);
        if (resetsAt !== undefined) gauges.planResets.set({ limit, window }, resetsAt);
      }
      for (const { name: key, windows } of quota.keys()) {
        for (const { name: window, usedPercent } of windows) gauges.keyUsed.set({ key, window }, usedPercent / 100);
      }
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
