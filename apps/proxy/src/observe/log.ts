import { describeRecord, encodeRecord } from "./describe-record.js";
import { createLineWriter } from "./line-writer.js";
import type { Observer, RequestRecord } from "./request-record.js";

/** From nothing at all to everything. */
export const logLevels = ["silent", "error", "warn", "info", "debug"] as const;

export type LogLevel = (typeof logLevels)[number];

/** What the proxy has to say to its owner: a line for each request, and what else happens. Tokens are never in it. */
export interface Log extends Observer {
  /** @param level default `info` */
  write(message: string, level?: EntryLevel, fields?: object): void;
  isOn(level: EntryLevel): boolean;
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

/** A log in the format that is asked for. Whatever `print` throws is lost with its line: a log is no reason to fail. */
export function createLog({ print: printLine, format, level, withTime = false }: LogOptions): Log {
  const isOn = (wanted: EntryLevel) => logLevels.indexOf(level()) >= logLevels.indexOf(wanted);
  const isJson = format === "json";
  const print = (line: string) => {
    try {
      printLine(line);
    } catch {
      // Nobody is left to be told.
    }
  };
  const printPretty = (message: string) => {
    const line = message.replace(/\p{Cc}+/gu, " ");
    print(withTime ? `${new Date().toLocaleTimeString("sv")} ${line}` : line);
  };
  return {
    isOn,
    write(message, wanted = "info", fields = {}) {
      if (!isOn(wanted)) return;
      if (isJson) print(encodeLine(wanted, message, fields));
      else printPretty([message, ...Object.values(fields).map(String)].join(" "));
    },
    end(record) {
      const wanted = levelOf(record);
      if (!isOn(wanted)) return;
      if (isJson) print(encodeLine(wanted, "request", encodeRecord(record)));
      else printPretty(describeRecord(record));
    },
  };
}

function levelOf({ status, error, route }: RequestRecord): EntryLevel {
  // A caller that goes away is no failure.
  if (error?.code === "aborted") return "info";
  if (error !== undefined) return error.status >= 500 ? "error" : "warn";
  if (route?.quiet) return "debug";
  return status >= 500 ? "error" : "info";
}

let lastTime = { at: 0, text: "" };

/** Put into words once a millisecond. */
function isoTime(): string {
  const at = Date.now();
  if (at !== lastTime.at) lastTime = { at, text: new Date(at).toISOString() };
  return lastTime.text;
}

/**
 * One JSON object on a line. A library for it would be a file to load when the first line is written, which may be when no
 * file can be opened any more.
 */
function encodeLine(level: EntryLevel, message: string, fields: object): string {
  const told = JSON.stringify(fields).slice(1, -1);
  const msg = `"msg":${JSON.stringify(message)}`;
  return `{"level":"${level}","time":"${isoTime()}",${told === "" ? msg : `${told},${msg}`}}`;
}

/** Where a log goes and how, by the settings of a proxy. */
export function openLog(
  live: () => { logLevel?: LogLevel; logFormat?: "auto" | "pretty" | "json"; verbose: boolean },
  parts: { log?: (line: string) => void; isTerminal?: boolean },
): Log {
  const { logFormat = "auto" } = live();
  const isTerminal = parts.isTerminal ?? (parts.log === undefined && process.stderr.isTTY === true);
  const log = createLog({
    print:
      parts.log ??
      printToStderr((count) => log.write(`${count} lines of this log are lost: nobody took them.`, "warn")),
    format: (logFormat === "auto" ? isTerminal : logFormat === "pretty") ? "pretty" : "json",
    level: () => (live().verbose ? "debug" : (live().logLevel ?? "info")),
    withTime: isTerminal,
  });
  return log;
}

/** What is still waiting when the process ends is written then. */
function printToStderr(onLost: (count: number) => void): (line: string) => void {
  const { print, flush } = createLineWriter(process.stderr, onLost);
  process.once("exit", flush);
  return print;
}
