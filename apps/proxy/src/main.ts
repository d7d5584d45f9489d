#!/usr/bin/env node
import { isCodexError } from "@codex/errors";
import { loadConfig } from "./config.js";
import { startProxy } from "./server.js";

try {
  const loaded = await loadConfig();
  if (loaded.kind === "print") console.log(loaded.text);
  else {
    const proxy = await startProxy(loaded.config, { ownsProcess: true });
    const stopped = proxy.stopOnSignals();
    console.log(await proxy.describe());
    await stopped;
  }
} catch (error) {
  if (!isCodexError(error)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
