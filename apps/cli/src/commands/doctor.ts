import { CodexError, isCodexError } from "@codex/errors";
import { type ClientName, clientNames, describeClient, findRunning, pidFile } from "@codex/proxy";
import type { Settings } from "../config.js";
import type { Check } from "../doctor/check.js";
import { checkBackend, checkClock, checkLogin } from "../doctor/check-backend.js";
import { checkPermissions, checkPort, checkVersions } from "../doctor/check-machine.js";
import type { Terminal } from "../terminal.js";

export interface DoctorFlags {
  json?: boolean;
  client?: string;
}

/** Ways to read the settings: all of them, and those that do not concern a proxy. */
export interface DoctorSources {
  load: () => Promise<Settings>;
  loadForClient: () => Promise<Settings>;
}

/** Looks at everything that may stand in the way; the exit code is 1 when something fails. */
export async function examine(sources: DoctorSources, terminal: Terminal, options: DoctorFlags): Promise<number> {
  const checks = await gather(sources);
  const failed = checks.some(({ outcome }) => outcome === "fail");
  if (options.json) {
    const list = checks.map(({ next, ...check }) => ({ ...check, next: next ?? null }));
    await terminal.print(`${JSON.stringify({ ok: !failed, checks: list }, null, 2)}\n`);
  } else {
    const { colors } = terminal;
    const paint = { pass: colors.green, warn: colors.yellow, fail: colors.red };
    for (const { name, outcome, message, next } of checks) {
      await terminal.say(`${paint[outcome](outcome)}  ${colors.bold(name.padEnd(12))}${message}\n`);
      if (next !== undefined) await terminal.say(`${" ".repeat(18)}${next}\n`);
    }
  }
  return failed ? 1 : 0;
}

/** What does not depend on a setting is looked at in any case. */
async function gather({ load, loadForClient }: DoctorSources): Promise<Check[]> {
  const versions = checkVersions();
  let all: Settings | undefined;
  let config: Check;
  try {
    all = await load();
    const { file } = all;
    config = { name: "config", outcome: "pass", message: file.exists ? file.path : `no ${file.path}: defaults` };
  } catch (error) {
    if (!isCodexError(error)) throw error;
    config = { name: "config", outcome: "fail", message: error.message, next: "codex-oauth config check" };
  }
  const settings = all ?? (await loadForClient().catch(() => undefined));
  if (settings === undefined) return [versions, config];
  try {
    const [permissions, login, backend, clock, port] = await Promise.all([
      checkPermissions(settings),
      checkLogin(settings),
      checkBackend(settings.client),
      checkClock(settings.client),
      all === undefined ? undefined : checkPort(all),
    ]);
    return [versions, config, permissions, login, backend.check, clock, ...(port === undefined ? [] : [port])];
  } finally {
    settings.login.session.close();
  }
}

/**
 * Prints the settings of a client, to be copied: settings to stdout, what to do with them to stderr. Throws
 * `request_invalid` for a client that is not known here.
 */
export async function printClient(settings: Settings, terminal: Terminal, options: DoctorFlags): Promise<number> {
  const name = clientNames.find((known) => known === options.client);
  if (name === undefined) {
    throw new CodexError("request_invalid", `There are settings for: ${clientNames.join(", ")}.`);
  }
  const { config, folders, keys, client } = settings;
  const daemon = await findRunning(pidFile(folders.state));
  const { model } = await checkBackend(client);
  const needsKey = name === ("cursor" satisfies ClientName) || config.apiKeys.length + (await keys.list()).length > 0;
  const facts = {
    baseUrl: `${daemon?.url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:)/, "//127.0.0.1") ?? urlOf(config)}/v1`,
    key: needsKey ? "YOUR_KEY" : "unused",
    model: model ?? "gpt-6.2-sol",
  };
  const { text, notes } = describeClient(name, facts);
  const hint = needsKey ? ["YOUR_KEY is what `codex-oauth keys create` prints, or one of the settings."] : [];
  if (options.json)
    await terminal.print(`${JSON.stringify({ client: name, ...facts, text, notes: [...notes, ...hint] }, null, 2)}\n`);
  else {
    await terminal.print(text);
    terminal.note(`\n${[...notes, ...hint].join("\n")}\n`);
  }
  return 0;
}

function urlOf({ host, port }: Settings["config"]): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
