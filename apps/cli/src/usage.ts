import { isCodexError } from "@codex/errors";
import type { Terminal } from "./terminal.js";

/** The exit code for a command line, or a variable, that is invalid. */
export const usageExitCode = 2;

/** Says what is wrong with how the program was called; any other error is thrown on. */
export function refuseUsage(error: unknown, terminal: Terminal): number {
  if (!isCodexError(error)) throw error;
  terminal.note(`${error.message}\n`);
  return usageExitCode;
}
