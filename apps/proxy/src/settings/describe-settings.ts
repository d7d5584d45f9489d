import type { Setting } from "./setting.js";
import { settingKeys, settings } from "./settings.js";

/** Columns of the table: the flag, what it does, its variable. */
const width = { left: 31, middle: 57, all: 122 };

/** What a command has beside the settings. */
export type OwnFlag = readonly [flag: string, help: string];

/**
 * The text of `--help`, in lines that fit.
 * @param columns of the terminal; default: as wide as the table
 */
export function helpText(program: string, ownFlags: readonly OwnFlag[] = [], columns = width.all): string {
  const rows = settingKeys.flatMap((key) => {
    const setting: Setting = settings[key];
    if (setting.flag === undefined) return [];
    return helpRow(columns, setting.short, `${setting.flag}${setting.value ? ` ${setting.value}` : ""}`, setting);
  });
  const row = (short: string | undefined, flag: string, help: string, env?: string) =>
    helpRow(columns, short, flag, env === undefined ? { help } : { help, env });
  const more = [
    ...ownFlags.map(([flag, help]) => row(undefined, flag, help)),
    row(undefined, "config FILE", "settings in TOML, in place of config.toml", "CODEX_OAUTH_CONFIG"),
    row("h", "help", "this text"),
    row("V", "version", "the version"),
  ];
  const words = (text: string) => wrap(text, columns).join("\n");
  return [
    words(`${program}: an OpenAI-compatible endpoint for your own ChatGPT plan, with the Codex CLI's login.`),
    "",
    words(`Usage: ${program} [flags]. A flag wins over its variable, that over config.toml.`),
    "",
    ...rows,
    ...more,
    "",
    words("Lists in the environment are separated by commas. HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured."),
    words(
      "CODEX_ACCESS_TOKEN is a bare token for CI, in place of a login; CODEX_AUTH_KEY keeps the login in an encrypted file.",
    ),
  ].join("\n");
}

function helpRow(columns: number, short: string | undefined, flag: string, setting: Partial<Setting>): string {
  const { help = "", env, default: given } = setting;
  const left = `  ${short === undefined ? "    " : `-${short}, `}--${flag}`.padEnd(width.left + 2);
  const usual = typeof given === "number" || typeof given === "string" ? ` [${given}]` : "";
  const middle = `${left} ${help}${usual}`;
  const line = (env === undefined ? middle : `${middle.padEnd(width.left + width.middle + 2)} ${env}`).trimEnd();
  if (columns >= width.all) return line;
  // Too narrow for a table: the words below their flag, the variable among them.
  const indent = " ".repeat(8);
  const words = wrap(`${help}${usual}${env === undefined ? "" : ` (${env})`}`, columns - indent.length);
  return [left.trimEnd(), ...words.map((part) => indent + part)].join("\n");
}

/** Lines of at most so many letters, broken between words; a longer word has a line of its own. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A README with the table of settings in the place that two comments mark. Throws when they are missing. */
export function fillSettingsTable(readme: string): string {
  const place = /(<!-- settings:[^\n]*-->\n)[\s\S]*?(<!-- \/settings -->)/;
  if (!place.test(readme)) throw new Error("The README has no place for the settings.");
  return readme.replace(place, (_all, begin: string, end: string) => `${begin}${settingsTable()}\n${end}`);
}

function settingsTable(): string {
  const rows = settingKeys.map((key) => {
    const setting: Setting = settings[key];
    const flag = setting.flag === undefined ? "-" : `\`--${setting.flag}\``;
    const env = setting.env === undefined ? "-" : `\`${setting.env}\``;
    return `| \`${key}\` | ${flag} | ${env} | ${describeDefault(setting)} | ${setting.help} | ${setting.live ? "at once" : "restart"} |`;
  });
  return ["| config.toml | flag | variable | default | | a change counts |", "|---|---|---|---|---|---|", ...rows].join(
    "\n",
  );
}

function describeDefault(setting: Setting): string {
  if (setting.shownDefault !== undefined) return setting.shownDefault;
  if (setting.type === "switch") return "off";
  return typeof setting.default === "number" || typeof setting.default === "string" ? `\`${setting.default}\`` : "none";
}
