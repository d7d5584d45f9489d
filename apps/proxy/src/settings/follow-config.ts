import { isCodexError } from "@codex/errors";
import type { ConfigOrigin, ProxyConfig } from "../config.js";
import type { EffectiveSetting } from "./settings.js";
import { watchFile } from "./watch-file.js";

/**
 * Takes over what changes in config.toml while the proxy runs, and says what it did. An invalid file leaves
 * everything as it is. Flags and variables of the start go on winning.
 * @param apply puts the live settings in place; a refusal, thrown as a CodexError, leaves the old ones
 * @returns ends it
 */
export function followConfig(
  origin: ConfigOrigin,
  apply: (config: ProxyConfig) => void,
  log: (line: string) => void,
): () => void {
  let current = origin.settings;
  return watchFile(origin.file, origin.text, async () => {
    try {
      const { config, settings, login } = await origin.reload();
      // It was only needed to read the settings: the session of the start goes on.
      login.session.close();
      const changed = settings.filter((setting, at) => !isSame(setting, current[at]));
      if (changed.length === 0) return;
      apply(config);
      current = settings;
      log(`${origin.file} has changed. ${describeChange(changed)}`);
    } catch (error) {
      const why = isCodexError(error) ? error.message : `${origin.file} could not be read (${String(error)}).`;
      log(`${why} The settings stay as they were.`);
    }
  });
}

function isSame(a: EffectiveSetting, b: EffectiveSetting | undefined): boolean {
  return JSON.stringify(a.value) === JSON.stringify(b?.value);
}

function describeChange(changed: readonly EffectiveSetting[]): string {
  const name = (live: boolean) => changed.filter((setting) => setting.live === live).map(({ key }) => key);
  const [now, later] = [name(true), name(false)];
  return [
    ...(now.length > 0 ? [`In effect now: ${now.join(", ")}.`] : []),
    ...(later.length > 0 ? [`In effect after a restart: ${later.join(", ")}.`] : []),
  ].join(" ");
}
