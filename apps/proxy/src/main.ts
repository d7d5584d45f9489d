#!/usr/bin/env node
import { isCodexError } from "@codex/errors";
import { loadConfig } from "./config.js";
import { createLineWriter } from "./observe/line-writer.js";
import { noteForeground } from "./running-file.js";
import { startProxy } from "./server.js";

// It serves whether or not somebody can be told.
const stdout = createLineWriter(process.stdout);
try {
  const loaded = await loadConfig(undefined, undefined, { columns: process.stdout.columns });
  if (loaded.kind === "print") console.log(loaded.text);
  else {
    const proxy = await startProxy(loaded.config, { ownsProcess: true });
    const stopped = proxy.stopOnSignals();
    stdout.print(await proxy.describe({ withLink: process.stdout.isTTY === true }));
    const forget = await noteForeground(loaded.folders.state, proxy);
    await stopped;
    await forget();
  }
} catch (error) {
  if (!isCodexError(error)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
