import { tool } from "ai";
import { z } from "zod";

const day = z.iso.date().describe("A day, as YYYY-MM-DD.");

/** What the model may call. Both answer what models are bad at: what time it is, and counting days. */
export const tools = {
  current_time: tool({
    description: "Tells the date and the time of day at a place.",
    inputSchema: z.object({
      timeZone: z.string().describe("The place's IANA time zone, e.g. Europe/Lisbon."),
    }),
    execute: ({ timeZone }) => tellTime(new Date(), timeZone),
  }),
  days_between: tool({
    description: "Counts the days from one date to another; negative when the second one is earlier.",
    inputSchema: z.object({ from: day, to: day }),
    execute: ({ from, to }) => ({
      days: (Date.parse(to) - Date.parse(from)) / 86_400_000,
      from: weekdayOf(from),
      to: weekdayOf(to),
    }),
  }),
};

function tellTime(now: Date, timeZone: string) {
  const format = (options: Intl.DateTimeFormatOptions) => {
    try {
      return new Intl.DateTimeFormat("en-GB", { timeZone, ...options });
    } catch {
      throw new ToolInputError(`${JSON.stringify(timeZone)} is no IANA time zone.`);
    }
  };
  const offset = format({ timeZoneName: "longOffset" }).formatToParts(now);
  return {
    timeZone,
    date: format({ dateStyle: "full" }).format(now),
    time: format({ timeStyle: "short" }).format(now),
    utcOffset: offset.find(({ type }) => type === "timeZoneName")?.value.replace(/^GMT$/, "GMT+00:00"),
  };
}

function weekdayOf(date: string): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" }).format(new Date(date));
}

/** Told to the model and to the page, so that the model can try again with something better. */
export class ToolInputError extends Error {
  readonly code = "tool_input";
  readonly retryable = false;
}
