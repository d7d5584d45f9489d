import { parseArgs } from "node:util";
import { wrong } from "./parse-value.js";
import type { ConfigText } from "./read-file.js";
import { type RawValue, readValue } from "./read-value.js";
import type { Setting } from "./setting.js";
import { type EffectiveSetting, type SettingKey, type SettingValues, settingKeys, settings } from "./settings.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** The flags of a command line, as they are written; every key is a flag without dashes. */
export type GivenFlags = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** Every flag, as `parseArgs` takes them. */
export const flagOptions = Object.fromEntries<{ type: "string" | "boolean"; multiple?: boolean; short?: string }>([
  ...settingKeys.flatMap((key) => {
    const { flag, type, short }: Setting = settings[key];
    if (flag === undefined) return [];
    const options = {
      type: type === "switch" ? ("boolean" as const) : ("string" as const),
      multiple: type === "list" || type === "map",
      ...(short !== undefined && { short }),
    };
    return [[flag, options] as const];
  }),
  ["config", { type: "string" }],
  ["help", { type: "boolean", short: "h" }],
  ["version", { type: "boolean", short: "V" }],
]);

/** Reads a command line. Throws `request_invalid` for a flag that is not there. */
export function parseFlags(argv: readonly string[], program: string): GivenFlags {
  try {
    return parseArgs({ args: [...argv], options: flagOptions, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(/[.\n]/)[0] ?? "") : "";
    throw wrong(`${reason}. \`${program} --help\` lists the flags.`);
  }
}

export interface Sources {
  flags: GivenFlags;
  env: Environment;
  /** Where there is a config.toml. */
  file?: { path: string; text: ConfigText } | undefined;
  /** Whether settings that only a proxy has keep their defaults, whatever the sources say. */
  clientOnly: boolean;
}

/** Every setting by the first source that has it: flag, environment, config.toml, default. */
export function resolveSettings(sources: Sources): { values: SettingValues; effective: EffectiveSetting[] } {
  const effective = settingKeys.map((key) => resolveSetting(key, sources));
  const values = Object.fromEntries(effective.map(({ key, value }) => [key, value])) as unknown as SettingValues;
  return { values, effective };
}

/** One setting by the first source that has it. */
export function resolveSetting(key: SettingKey, { flags, env, file, clientOnly }: Sources): EffectiveSetting {
  const setting: Setting = settings[key];
  const { flag, live = false, secret = false } = setting;
  const about = { key, live, secret, env: setting.env };
  if (!(clientOnly && setting.proxyOnly)) {
    const byFlag = flag === undefined ? undefined : flags[flag];
    if (byFlag !== undefined) {
      const value = readValue(setting, byFlag as RawValue, describeName(setting));
      return { ...about, value, source: "flag", from: `--${flag}` };
    }
    const byVariable = setting.env === undefined ? undefined : env[setting.env];
    if (byVariable !== undefined && byVariable !== "") {
      const value = readValue(setting, byVariable, describeName(setting));
      return { ...about, value, source: "environment", from: `${setting.env}` };
    }
    const written = file?.text.values.get(key);
    if (file !== undefined && written !== undefined) {
      const from = `${file.path}${written.line === undefined ? "" : `:${written.line}`}`;
      return { ...about, value: written.value, source: "file", from };
    }
  }
  return { ...about, value: setting.default, source: "default" };
}

/** Both ways to say it, since the same text may be given by either. */
function describeName({ flag, env }: Setting): string {
  if (flag === undefined) return `${env}`;
  return env === undefined ? `--${flag}` : `--${flag} (${env})`;
}
