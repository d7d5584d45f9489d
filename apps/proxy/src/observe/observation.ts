import type { CodexClient } from "@codex/provider";
import { createDashboardAccess } from "../dashboard/access.js";
import { createDashboard, type Dashboard } from "../dashboard/dashboard.js";
import { dashboardFolder } from "../dashboard-folder.js";
import type { OpenQuota } from "../quota/open-quota.js";
import type { QuotaPolicy } from "../quota/policy.js";
import { createNameBound } from "./bound-names.js";
import { createHistory } from "./history.js";
import { trackLiveRequests } from "./live-requests.js";
import type { Log } from "./log.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { type Observer, observeAll } from "./request-record.js";
import type { TraceSettings } from "./trace-settings.js";
import { openTraces } from "./traces.js";

/** Everything that watches the requests of a proxy and tells of them. */
export interface Observation {
  observer: Required<Observer>;
  metrics: Metrics;
  dashboard: Dashboard;
  /** Sends what has not been sent yet. */
  close(): Promise<void>;
}

export interface ObservationParts {
  client: CodexClient;
  log: Log;
  quota: OpenQuota;
  policy: () => QuotaPolicy;
  /** Without a slash at the end; known when the proxy listens, as the port is. */
  url: () => string;
  port: () => number;
  needsKey: () => boolean;
  version: string;
  /** Where traces go. Default: nowhere. */
  traces: TraceSettings | undefined;
}

export function createObservation(parts: ObservationParts): Observation {
  const { client, log, quota, policy, url, version } = parts;
  const live = trackLiveRequests();
  const nameModel = createNameBound((name) => {
    const model = client.models.peek(name);
    return model?.listed ? model.info.slug : undefined;
  });
  const history = createHistory(nameModel);
  const metrics = createMetrics({
    live,
    quota,
    version,
    nameModel,
    isBackendUp: () => client.circuit.state !== "open",
  });
  const traces = parts.traces && openTraces(parts.traces, version, (message) => log.write(message, "warn"));
  let hasFailed = false;
  const onFailure = (error: unknown) => {
    if (!hasFailed) log.write(`Some requests cannot be counted: ${String(error)}`, "warn");
    hasFailed = true;
  };
  let access: ReturnType<typeof createDashboardAccess> | undefined;
  const dashboard = createDashboard({
    ...{ client, quota, policy, live, history, url, version },
    now: Date.now,
    folder: dashboardFolder,
    needsKey: parts.needsKey,
    access: () => {
      access ??= createDashboardAccess(parts.port());
      return access;
    },
  });
  return {
    observer: observeAll([live, quota, history, metrics, ...(traces ? [traces] : []), log], onFailure),
    metrics,
    dashboard,
    async close() {
      await Promise.all([quota.close(), traces?.close()]);
    },
  };
}
