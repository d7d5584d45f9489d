/** An error and what caused it, outermost first: clients wrap the system's errors, some of them several times. */
export function* causesOf(error: unknown): Generator<Record<string, unknown>> {
  let current = error;
  for (let depth = 0; depth < 6 && typeof current === "object" && current !== null; depth += 1) {
    yield current as Record<string, unknown>;
    const { cause, errors } = current as { cause?: unknown; errors?: unknown };
    current = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
}

/** The code of a failed request for messages, e.g. `ECONNREFUSED` or `timeout`; never a client's own words. */
export function findNetworkCode(error: unknown): string | undefined {
  for (const { code, name } of causesOf(error)) {
    if (name === "TimeoutError") return "timeout";
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code;
  }
  return undefined;
}
