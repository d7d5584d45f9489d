import { parseArgs } from "node:util";
import { readValue } from "./read-value.js";
import { flagOptions } from "./resolve-settings.js";
import type { Setting } from "./setting.js";
import { settingKeys, settings } from "./settings.js";

/** A command line without secrets, and the variables that say the same. */
export interface MovedSecrets {
  argv: string[];
  env: Record<string, string>;
}

/**
 * Takes the flags with secrets, such as `--api-key`, out of a command line that others may read: a service's, in its
 * unit and in the list of processes. The environment of a process may be read by the same user and root alone, who could
 * read its memory as well; of keys there are only hashes in it.
 */
export function moveSecrets(argv: readonly string[]): MovedSecrets {
  const bySecretFlag = new Map(
    settingKeys
      .map((key): Setting => settings[key])
      .flatMap((setting) => (setting.secret && setting.flag !== undefined ? [[setting.flag, setting] as const] : [])),
  );
  const parsed = parseArgs({ args: [...argv], options: flagOptions, strict: false, tokens: true });
  const values = new Map<Setting, string[]>();
  const taken = new Set<number>();
  for (const token of parsed.tokens) {
    const setting = token.kind === "option" ? bySecretFlag.get(token.name) : undefined;
    if (token.kind !== "option" || setting === undefined || token.value === undefined) continue;
    values.set(setting, [...(values.get(setting) ?? []), token.value]);
    taken.add(token.index);
    if (!token.inlineValue) taken.add(token.index + 1);
  }
  const variables = [...values].map(([setting, given]) => {
    const read = readValue(setting, given, `--${setting.flag}`);
    return [`${setting.env}`, String(read)] as const;
  });
  return { argv: argv.filter((_word, at) => !taken.has(at)), env: Object.fromEntries(variables) };
}
