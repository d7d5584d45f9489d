import type { Setting } from "./setting.js";
import { settingKeys, settings } from "./settings.js";

const width = { left: 31, middle: 57 };

/** The text of `--help`. */
export function helpText(program: string): string {
  const rows = settingKeys.flatMap((key) => {
    const setting: Setting = settings[key];
    if (setting.flag === undefined) return [];
    return helpRow(setting.short, `${setting.flag}${setting.value ? ` ${setting.value}` : ""}`, setting);
  });
  const more = [
    helpRow(undefined, "config FILE", { help: "settings in TOML, in place of config.toml", env: "CODEX_OAUTH_CONFIG" }),
    helpRow("h", "help", { help: "this text" }),
    helpRow("V", "version", { help: "the version" }),
  ];
  return `${program}: an OpenAI-compatible endpoint for your own ChatGPT plan, with the Codex CLI's login.

Usage: ${program} [flags]          a flag wins over its variable, that over config.toml

${[...rows, ...more].join("\n")}

Lists in the environment are separated by commas. HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured.
CODEX_ACCESS_TOKEN is a bare token for CI, in place of a login; CODEX_AUTH_KEY keeps the login in an encrypted file.`;
}

function helpRow(short: string | undefined, flag: string, { help, env, ...rest }: Partial<Setting>): string {
  const left = `${short === undefined ? "    " : `-${short}, `}--${flag}`.padEnd(width.left);
  const usual = typeof rest.default === "number" || typeof rest.default === "string" ? ` [${rest.default}]` : "";
  const middle = `${left} ${help}${usual}`;
  return `  ${env === undefined ? middle : `${middle.padEnd(width.left + width.middle)} ${env}`}`.trimEnd();
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
