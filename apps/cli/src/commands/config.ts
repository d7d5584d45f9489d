import { isCodexError } from "@codex/errors";
import type { ConfigProblem, EffectiveSetting, LoadedSettings } from "@codex/proxy";
import type { Terminal } from "../terminal.js";

/** The exit code of `config check` for a file, or a variable, that is invalid. */
const badConfigExitCode = 1;

/**
 * Checks the settings: one line for each that is invalid: `file:line: what is right`.
 * @param load reads all of them, those of a proxy too
 */
export async function checkConfig(load: () => Promise<LoadedSettings>, terminal: Terminal): Promise<number> {
  try {
    const { file, settings, login } = await load();
    login.session.close();
    const said = settings.filter(({ source }) => source === "file").length;
    const count = `${said} ${said === 1 ? "setting" : "settings"}`;
    await terminal.say(
      file.exists ? `${file.path} is right: ${count}.\n` : `There is no ${file.path}; nothing is wrong with that.\n`,
    );
    return 0;
  } catch (error) {
    if (!isCodexError(error)) throw error;
    const { file, problems } = error as Partial<{ file: string; problems: readonly ConfigProblem[] }>;
    const lines = problems?.map(({ line, message }) => `${file}${line === undefined ? "" : `:${line}`}: ${message}`);
    await terminal.say(`${(lines ?? [error.message]).join("\n")}\n`);
    return badConfigExitCode;
  }
}

/** Prints every setting as it is in effect, with its source; keys are not shown. */
export async function showConfig({ file, settings }: LoadedSettings, terminal: Terminal, options: { json?: boolean }) {
  if (options.json) {
    const shown = settings.map(({ key, source, from, live, ...rest }) => ({
      key,
      value: hide({ key, source, live, ...rest }) ?? null,
      source,
      from: from ?? null,
      change: live ? "at once" : "restart",
    }));
    await terminal.print(`${JSON.stringify({ file, settings: shown }, null, 2)}\n`);
    return 0;
  }
  const { colors } = terminal;
  const rows = settings.map((setting) => {
    const value = hide(setting);
    const text = value === undefined ? `# ${setting.key}` : `${setting.key} = ${encode(value)}`;
    return { text, why: `# ${setting.from ?? setting.source}` };
  });
  const width = Math.min(Math.max(...rows.map(({ text }) => text.length)), 48);
  const head = `# ${file.path}${file.exists ? "" : " (not there)"}\n`;
  const lines = rows.map(({ text, why }) => `${text.padEnd(width)}  ${colors.dim(why)}`);
  await terminal.print(`${colors.dim(head)}${lines.join("\n")}\n`);
  return 0;
}

/** Prints where config.toml is, or would be. */
export async function printConfigPath({ file }: Pick<LoadedSettings, "file">, terminal: Terminal): Promise<number> {
  await terminal.print(`${file.path}\n`);
  return 0;
}

function hide({ value, secret }: EffectiveSetting): unknown {
  if (!secret) return value;
  return Array.isArray(value) ? value.map(() => "(hidden)") : value === undefined ? undefined : "(hidden)";
}

/** As TOML has it; the values are texts, numbers, flags, lists and flat tables of texts. */
function encode(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, text]) => `${JSON.stringify(key)} = ${JSON.stringify(text)}`);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}
