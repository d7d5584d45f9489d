import { describeRecord, encodeRecord } from "./describe-record.js";
import { gatherLines } from "./gather-lines.js";
import type { Observer, RequestRecord } from "./request-record.js";

/** From nothing at all to everything. */
export const logLevels = ["silent", "error", "warn", "info", "debug"] as const;

export type LogLevel = (typeof logLevels)[number];

/** What the proxy has to say to its owner: a line for each request, and what else happens. Tokens are never in it. */
export interface Log extends Observer {
  /** @param level default `info` */
  write(message: string, level?: EntryLevel, fields?: object): void;
  isOn(level: EntryLevel): boolean;
  /** Resolves when all is written. */
  flush(): Promise<void>;
}

type EntryLevel = Exclude<LogLevel, "silent">;

export interface LogOptions {
  /** Takes one line without its end. */
  print: (line: string) => void;
  /** `pretty` for a person, `json` for programs. */
  format: "pretty" | "json";
  /** Asked each time, since it may change. */
  level: () => LogLevel;
  /** Whether a pretty line begins with the time. Default: no. */
  withTime?: boolean;
}

/** A log in the format that is asked for. */
export function createLog({ print, format, level, withTime = false }: LogOptions): Log {
  const isOn = (wanted: EntryLevel) => logLevels.indexOf(level()) >= logLevels.indexOf(wanted);
  const json = format === "json" ? createJsonLog(print) : undefined;
  const printPretty = (message: string) => {
    const line = message.replace(/\p{Cc}+/gu, " ");
    print(withTime ? `${new Date().toLocaleTimeString("sv")} ${line}` : line);
  };
  return {
    isOn,
    write(message, wanted = "info", fields = {}) {
      if (!isOn(wanted)) return;
      if (json !== undefined) json.write(wanted, message, fields);
      else printPretty([message, ...Object.values(fields).map(String)].join(" "));
    },
    end(record) {
      const wanted = levelOf(record);
      if (!isOn(wanted)) return;
      if (json === undefined) printPretty(describeRecord(record));
      else json.write(wanted, "request", encodeRecord(record));
    },
    flush: async () => json?.flush(),
  };
}

/** Routes that are asked all day by machines: of interest only when they fail. */
const quietRoutes: ReadonlySet<string> = new Set(["health", "ready", "metrics", "dashboard", "root"]);

function levelOf({ status, error, route }: RequestRecord): EntryLevel {
  // A caller that goes away is no failure.
  if (error?.code === "aborted") return "info";
  if (error !== undefined) return error.status >= 500 ? "error" : "warn";
  if (route !== undefined && quietRoutes.has(route)) return "debug";
  return status >= 500 ? "error" : "info";
}

let lastTime = { at: 0, field: "" };

/** The time as pino wants it, put into words once a millisecond. */
function isoTime(): string {
  const at = Date.now();
  if (at !== lastTime.at) lastTime = { at, field: `,"time":"${new Date(at).toISOString()}"` };
  return lastTime.field;
}

/** One JSON object a line, by pino, which is loaded for the first of them: what comes before it is there waits. */
function createJsonLog(print: (line: string) => void) {
  let waiting: [EntryLevel, string, object][] = [];
  let write: ((level: EntryLevel, message: string, fields: object) => void) | undefined;
  let loading: Promise<void> | undefined;
  const load = async () => {
    const { pino } = await import("pino");
    const logger = pino(
      {
        base: null,
        level: "debug",
        timestamp: isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      { write: (line) => print(line.slice(0, -1)) },
    );
    write = (level, message, fields) => logger[level](fields, message);
    for (const entry of waiting) write(...entry);
    waiting = [];
  };
  return {
    write(level: EntryLevel, message: string, fields: object) {
      if (write !== undefined) return write(level, message, fields);
      waiting.push([level, message, fields]);
      loading ??= load();
    },
    flush: () => loading,
  };
}

/** Where a log goes and how, by the settings of a proxy. */
export function openLog(
  live: () => { logLevel?: LogLevel; logFormat?: "auto" | "pretty" | "json"; verbose: boolean },
  parts: { log?: (line: string) => void; isTerminal?: boolean },
): Log {
  const { logFormat = "auto" } = live();
  const isTerminal = parts.isTerminal ?? (parts.log === undefined && process.stderr.isTTY === true);
  return createLog({
    print: parts.log ?? printToStderr(),
    format: (logFormat === "auto" ? isTerminal : logFormat === "pretty") ? "pretty" : "json",
    level: () => (live().verbose ? "debug" : (live().logLevel ?? "info")),
    withTime: isTerminal,
  });
}

/** What is still waiting when the process ends is written then. */
function printToStderr(): (line: string) => void {
  const { print, flush } = gatherLines((text) => process.stderr.write(text));
  process.once("exit", flush);
  return print;
}
