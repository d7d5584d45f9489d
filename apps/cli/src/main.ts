#!/usr/bin/env node
import { isCodexError } from "@codex/errors";
import { readEnvironment } from "./config.js";
import { runProgram } from "./program.js";
import { openTerminal } from "./terminal.js";

const terminal = openTerminal();
try {
  process.exitCode = await runProgram(process.argv.slice(2), readEnvironment(), terminal);
} catch (error) {
  if (!isCodexError(error)) throw error;
  terminal.note(`${error.message}\n`);
  process.exitCode = 1;
}
