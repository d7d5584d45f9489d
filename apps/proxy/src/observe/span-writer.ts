import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { RequestRecord } from "./request-record.js";
import type { TraceSettings } from "./trace-settings.js";

/** Turns requests into spans with the GenAI names of OpenTelemetry, and posts them in batches. */
export interface SpanWriter {
  write(record: RequestRecord): void;
  close(): Promise<void>;
}

export function createSpanWriter(settings: TraceSettings, version: string): SpanWriter {
  const { url, headers, serviceName, attributes } = settings;
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ ...attributes, "service.name": serviceName, "service.version": version }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url, headers: { ...headers } }))],
  });
  const tracer = provider.getTracer("@codex/proxy", version);
  const propagator = new W3CTraceContextPropagator();
  const getter = { get: (carrier: Record<string, string>, key: string) => carrier[key], keys: Object.keys };

  const parentOf = ({ traceparent }: RequestRecord): Context =>
    traceparent === undefined ? ROOT_CONTEXT : propagator.extract(ROOT_CONTEXT, { traceparent }, getter);

  return {
    write(record) {
      const operation = record.route?.exchange?.operation;
      if (operation === undefined) return;
      const { outcome, error, startedAt, durationMs = 0, firstTokenMs } = record;
      const model = outcome?.model ?? "";
      const span = tracer.startSpan(
        `${operation} ${model}`.trim(),
        { kind: SpanKind.SERVER, startTime: startedAt, attributes: describe(record, operation) },
        parentOf(record),
      );
      if (firstTokenMs !== undefined) span.addEvent("gen_ai.first_token", startedAt + firstTokenMs);
      if (error !== undefined && error.code !== "aborted") {
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      }
      span.end(startedAt + durationMs);
    },
    // A collector that is not there is no reason for a stop to fail.
    close: () => provider.shutdown().catch(() => {}),
  };
}

function describe(record: RequestRecord, operation: string) {
  const { outcome, error, status, method, path, keyName } = record;
  const usage = outcome?.usage;
  return {
    "gen_ai.operation.name": operation,
    "gen_ai.provider.name": "openai",
    ...(outcome?.model !== undefined && { "gen_ai.request.model": outcome.model }),
    ...(outcome?.backendModel !== undefined && { "gen_ai.response.model": outcome.backendModel }),
    ...(usage && {
      "gen_ai.usage.input_tokens": usage.input_tokens,
      "gen_ai.usage.output_tokens": usage.output_tokens,
      "gen_ai.usage.cache_read.input_tokens": usage.input_tokens_details?.cached_tokens ?? 0,
      "gen_ai.usage.reasoning.output_tokens": usage.output_tokens_details?.reasoning_tokens ?? 0,
    }),
    "http.request.method": method,
    "http.response.status_code": status,
    "url.path": path,
    "codex.request.id": record.id,
    "codex.stream": outcome?.stream ?? false,
    ...(keyName !== undefined && { "codex.key": keyName }),
    ...(error !== undefined && { "error.type": error.code }),
  };
}
