import type { Registry } from "prom-client";
import type { RequestRecord } from "./request-record.js";

export type MetricSet = Awaited<ReturnType<typeof createMetricSet>>;

/**
 * Loads prom-client and makes every metric, in a registry of its own.
 * @param nameModel what a model is called in a label; one of a limited number of names
 */
export async function createMetricSet(version: string, nameModel: (model: string) => string) {
  const { default: prom } = await import("prom-client");
  const registry = new prom.Registry();
  const registers = [registry];
  const seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 300, 900];
  const model = ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_response_model"] as const;

  const http = new prom.Histogram({
    name: "http_server_request_duration_seconds",
    help: "Time from a request to the end of its answer, of every route.",
    labelNames: ["http_request_method", "http_route", "http_response_status_code", "error_type"],
    buckets: seconds,
    registers,
  });
  const duration = new prom.Histogram({
    name: "gen_ai_server_request_duration_seconds",
    help: "Time from a request for a model to the end of its answer.",
    labelNames: [...model, "error_type"],
    buckets: seconds,
    registers,
  });
  const firstToken = new prom.Histogram({
    name: "gen_ai_server_time_to_first_token_seconds",
    help: "Time to the first token of a stream.",
    labelNames: model,
    buckets: [0.05, 0.1, 0.25, 0.5, 0.75, 1, 2, 3, 5, 7.5, 10, 15, 30, 60, 120, 300],
    registers,
  });
  const perToken = new prom.Histogram({
    name: "gen_ai_server_time_per_output_token_seconds",
    help: "Time between two output tokens of a stream, after the first.",
    labelNames: model,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.5, 1, 2.5],
    registers,
  });
  const usage = new prom.Histogram({
    name: "gen_ai_client_token_usage",
    help: "Tokens of an answer: input with what was cached of it, output with the reasoning in it.",
    labelNames: [...model, "gen_ai_token_type"],
    buckets: [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576],
    registers,
  });
  const tokens = new prom.Counter({
    name: "codex_tokens_total",
    help: "Tokens by type: input, cached (a part of the input), output, reasoning (a part of the output).",
    labelNames: ["type", "gen_ai_response_model"],
    registers,
  });
  const errors = new prom.Counter({
    name: "codex_errors_total",
    help: "Failed requests by code, those that failed inside a stream too.",
    labelNames: ["code", "http_route"],
    registers,
  });
  const leftOut = new prom.Counter({
    name: "codex_items_left_out_total",
    help: "Items of answers that callers did not get, since OpenAI's public API does not have them.",
    registers,
  });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new prom.Gauge({ name, help, labelNames, registers });
  const gauges = {
    activeRequests: gauge("http_server_active_requests", "Requests under way."),
    activeStreams: gauge("codex_active_streams", "Streams that are being sent."),
    backendUp: gauge("codex_backend_up", "0 while the backend counts as down."),
    planUsed: gauge("codex_plan_used_ratio", "Used part of a window of the plan, 0 to 1.", ["limit", "window"]),
    planResets: gauge("codex_plan_reset_timestamp_seconds", "When a window of the plan ends.", ["limit", "window"]),
    planObserved: gauge("codex_plan_observed_timestamp_seconds", "When the backend last spoke of the plan."),
    keyUsed: gauge("codex_key_used_ratio", "Part of a window that is put down to a key, 0 to 1.", ["key", "window"]),
  };
  gauge("codex_build_info", "Always 1.", ["version"]).set({ version }, 1);
  addProcessMetrics(prom, registry);

  return {
    registry,
    gauges,
    count(record: RequestRecord): void {
      const { outcome, error, status, method, durationMs = 0, firstTokenMs } = record;
      const took = durationMs / 1000;
      const route = record.route?.name ?? "none";
      const failed = error === undefined ? {} : { error_type: error.code };
      // A method is the caller's word, of which there is no end.
      const known = { http_request_method: /^(GET|HEAD|POST|DELETE|OPTIONS)$/.test(method) ? method : "_OTHER" };
      http.observe({ ...known, http_route: route, http_response_status_code: status, ...failed }, took);
      if (error !== undefined) errors.inc({ code: error.code, http_route: route });
      const operation = record.route?.exchange?.operation;
      if (operation === undefined) return;
      // The backend may name a model as the caller has spelled it, for which there are endless ways.
      const gen_ai_response_model = outcome?.backendModel === undefined ? "none" : nameModel(outcome.backendModel);
      const labels = { gen_ai_operation_name: operation, gen_ai_provider_name: "openai", gen_ai_response_model };
      duration.observe({ ...labels, ...failed }, took);
      if (firstTokenMs !== undefined) firstToken.observe(labels, firstTokenMs / 1000);
      leftOut.inc(outcome?.itemsLeftOut ?? 0);
      const used = outcome?.usage;
      if (used === undefined) return;
      const { input_tokens: input, output_tokens: output } = used;
      usage.observe({ ...labels, gen_ai_token_type: "input" }, input);
      usage.observe({ ...labels, gen_ai_token_type: "output" }, output);
      tokens.inc({ type: "input", gen_ai_response_model }, input);
      tokens.inc({ type: "output", gen_ai_response_model }, output);
      tokens.inc({ type: "cached", gen_ai_response_model }, used.input_tokens_details?.cached_tokens ?? 0);
      tokens.inc({ type: "reasoning", gen_ai_response_model }, used.output_tokens_details?.reasoning_tokens ?? 0);
      if (firstTokenMs !== undefined && output > 1)
        perToken.observe(labels, (took - firstTokenMs / 1000) / (output - 1));
    },
  };
}

/** Of prom-client's own set what can be read when it is asked for: the rest measures all the time. */
function addProcessMetrics(prom: typeof import("prom-client"), registry: Registry): void {
  const registers = [registry];
  const startedAt = Date.now() / 1000 - process.uptime();
  const add = (name: string, help: string, read: () => number) =>
    new prom.Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  add("process_resident_memory_bytes", "Memory of the process.", () => process.memoryUsage.rss());
  add("process_start_time_seconds", "When the process was started.", () => startedAt);
  add("nodejs_heap_size_used_bytes", "Used part of the heap.", () => process.memoryUsage().heapUsed);
  add(
    "nodejs_active_resources",
    "Sockets, timers and files that are open.",
    () => process.getActiveResourcesInfo().length,
  );
  const cpu = new prom.Counter({
    name: "process_cpu_seconds_total",
    help: "CPU time of the process.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  void cpu;
}
