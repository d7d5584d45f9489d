import type { Observer } from "./request-record.js";
import type { SpanWriter } from "./span-writer.js";
import type { TraceSettings } from "./trace-settings.js";

export interface Traces extends Observer {
  close(): Promise<void>;
}

/** Writes a span for each request that asks the backend, by OpenTelemetry's SDK, which is loaded for the first of them. */
export function openTraces(settings: TraceSettings, version: string, warn: (message: string) => void): Traces {
  let writer: Promise<SpanWriter | undefined> | undefined;
  let pending = Promise.resolve();
  return {
    end(record) {
      writer ??= import("./span-writer.js")
        .then(({ createSpanWriter }) => createSpanWriter(settings, version))
        .catch((error: Error) => {
          warn(`There are no traces: ${error.message}`);
          return undefined;
        });
      pending = writer
        .then((ready) => ready?.write(record))
        .catch((error: Error) => warn(`A trace could not be written: ${error.message}`));
    },
    async close() {
      await pending;
      await (await writer)?.close();
    },
  };
}
