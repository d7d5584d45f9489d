import type { Command } from "commander";
import { checkConfig, printConfigPath, showConfig } from "./commands/config.js";
import { createKey, listKeys, removeKey } from "./commands/keys.js";
import { serve } from "./commands/serve.js";
import { type Environment, type GlobalFlags, loadSettings, type Settings, toArguments } from "./config.js";
import type { Terminal } from "./terminal.js";
import { refuseUsage } from "./usage.js";

type JsonFlag = GlobalFlags & { json?: boolean };

export interface ProxyCommandsParts {
  program: Command;
  addGlobalFlags: (command: Command) => Command;
  env: Environment;
  terminal: Terminal;
  /** Takes the exit code. */
  end: (code: number) => void;
}

/** The commands that are concerned with a proxy: its settings, its keys, and itself. They make no use of the login. */
export function addProxyCommands({ program, addGlobalFlags, env, terminal, end }: ProxyCommandsParts): void {
  const loadAll = (flags: GlobalFlags) => loadSettings({ ...flags, ...program.opts<GlobalFlags>() }, env, false);
  const withSettings =
    <T extends GlobalFlags>(work: (settings: Settings, options: T) => Promise<number>) =>
    async (options: T) => {
      let settings: Settings;
      try {
        settings = await loadAll(options);
      } catch (error) {
        end(refuseUsage(error, terminal));
        return;
      }
      settings.login.session.close();
      end(await work(settings, options));
    };

  const config = program.command("config").description("settings: config.toml, variables, defaults");
  addGlobalFlags(config.command("check"))
    .description("whether config.toml can be meant; each line that cannot, with its number")
    .action(async (options: GlobalFlags) => end(await checkConfig(() => loadAll(options), terminal)));
  addGlobalFlags(config.command("show"))
    .description("every setting as it is in effect, and which source says so; keys are hidden")
    .option("--json", "for scripts")
    .action(withSettings((settings, options: JsonFlag) => showConfig(settings, terminal, options)));
  addGlobalFlags(config.command("path"))
    .description("where config.toml is, or would be")
    .action(async (options: GlobalFlags) => {
      const settings = await loadSettings({ ...options, ...program.opts<GlobalFlags>() }, env);
      settings.login.session.close();
      end(await printConfigPath(settings, terminal));
    });

  const keys = program.command("keys").description("keys of those who may use the proxy; only their hashes are kept");
  addGlobalFlags(keys.command("create"))
    .description("a new key, printed once")
    .argument("[name]", "whose it is; key-1 and so on unless given")
    .option("--json", "for scripts")
    .action((name: string | undefined, options: JsonFlag) =>
      withSettings((settings, given: JsonFlag) => createKey(settings, terminal, name, given))(options),
    );
  addGlobalFlags(keys.command("list"))
    .description("names and dates")
    .option("--json", "for scripts")
    .action(withSettings((settings, options: JsonFlag) => listKeys(settings, terminal, options)));
  addGlobalFlags(keys.command("remove"))
    .description("takes a key away, from a running proxy too")
    .argument("<name>", "as `keys list` has it")
    .action((name: string, options: GlobalFlags) =>
      withSettings((settings) => removeKey(settings, terminal, name))(options),
    );

  program
    .command("serve")
    .description("an OpenAI-compatible endpoint on this machine; `serve --help` lists its flags")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .passThroughOptions()
    .argument("[flags...]")
    .action(async (flags: string[]) => {
      end(await serve([...toArguments(program.opts<GlobalFlags>()), ...flags], env, terminal));
    });
}
