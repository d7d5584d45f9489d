/** Where traces go, by OpenTelemetry's own variables. */
export interface TraceSettings {
  /** Where spans are posted, with the path, e.g. `http://127.0.0.1:4318/v1/traces`. */
  url: string;
  /** Sent along, e.g. for a key. */
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  attributes: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, the two `_HEADERS`, OTEL_SERVICE_NAME,
 * OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_EXPORTER and OTEL_SDK_DISABLED. Undefined where traces are not asked for.
 */
export function readTraceSettings(env: Environment): TraceSettings | undefined {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim();
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim();
  const url = own || (base ? `${base.replace(/\/+$/, "")}/v1/traces` : undefined);
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === "true" || env.OTEL_TRACES_EXPORTER === "none";
  if (url === undefined || isOff || !URL.canParse(url)) return undefined;
  const attributes = readPairs(env.OTEL_RESOURCE_ATTRIBUTES);
  return {
    url,
    headers: { ...readPairs(env.OTEL_EXPORTER_OTLP_HEADERS), ...readPairs(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS) },
    serviceName: env.OTEL_SERVICE_NAME || attributes["service.name"] || "codex-oauth-proxy",
    attributes,
  };
}

/** `a=b,c=d`, percent-encoded. */
function readPairs(text = ""): Record<string, string> {
  const pairs = text.split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decode(pair.slice(at + 1).trim())]];
  });
  return Object.fromEntries(pairs);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
