import { clientNames, type LoadedState } from "@codex/proxy";
import { type Command, InvalidArgumentError } from "commander";
import { checkConfig, printConfigPath, showConfig } from "./commands/config.js";
import { printDashboardLink } from "./commands/dashboard.js";
import { daemonCommand, detach, serveDetached } from "./commands/detach.js";
import { type DoctorFlags, examine, printClient } from "./commands/doctor.js";
import { createKey, listKeys, removeKey } from "./commands/keys.js";
import { showLogs } from "./commands/logs.js";
import { serve } from "./commands/serve.js";
import { printService, type ServiceFlags } from "./commands/service.js";
import { stopDaemon } from "./commands/stop.js";
import { type Environment, type GlobalFlags, loadSettings, readState, type Settings, toArguments } from "./config.js";
import { openPage } from "./open-page.js";
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
      try {
        end(await work(settings, options));
      } finally {
        settings.login.session.close();
      }
    };

  /** A command that needs the state folder alone, and works whatever is wrong with other settings. */
  const withState =
    <T extends GlobalFlags>(work: (state: LoadedState, options: T) => Promise<number>) =>
    async (options: T) => {
      let state: LoadedState;
      try {
        state = await readState({ ...options, ...program.opts<GlobalFlags>() }, env);
      } catch (error) {
        end(refuseUsage(error, terminal));
        return;
      }
      end(await work(state, options));
    };

  const config = program.command("config").description("settings: config.toml, variables, defaults");
  addGlobalFlags(config.command("check"))
    .description("checks config.toml: each invalid line, with its number")
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
      withState((state, given: JsonFlag) => createKey(state, terminal, name, given))(options),
    );
  addGlobalFlags(keys.command("list"))
    .description("names and dates")
    .option("--json", "for scripts")
    .action(withState((state, options: JsonFlag) => listKeys(state, terminal, options)));
  addGlobalFlags(keys.command("remove"))
    .description("takes a key away, from a running proxy too")
    .argument("<name>", "as `keys list` has it")
    .action((name: string, options: GlobalFlags) => withState((state) => removeKey(state, terminal, name))(options));

  /** A command whose flags are the proxy's, which reads them itself. */
  const passOn = (name: string, isHidden = false) =>
    program
      .command(name, { hidden: isHidden })
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .passThroughOptions()
      .argument("[flags...]");
  passOn("serve")
    .description("an OpenAI-compatible endpoint on this machine; --help lists its flags, --detach leaves it running")
    .action(async (flags: string[]) => {
      const argv = [...toArguments(program.opts<GlobalFlags>()), ...flags.filter((flag) => flag !== "--detach")];
      end(await (flags.includes("--detach") ? detach : serve)(argv, env, terminal));
    });
  passOn(daemonCommand, true).action(async () => end(await serveDetached(env)));
  addGlobalFlags(program.command("stop"))
    .description("end the proxy that `serve --detach` has started")
    .option("--now", "without letting running answers finish")
    .option("--state-dir <folder>", "where it keeps its state (CODEX_STATE_DIR)")
    .action(withState((state, options: GlobalFlags & { now?: boolean }) => stopDaemon(state, terminal, options)));
  addGlobalFlags(program.command("logs"))
    .description("what the detached proxy has to say")
    .option("-f, --follow", "and what it says from now on")
    .option("-n, --lines <count>", "how many lines: 100 unless given", parseCount)
    .option("--json", "as they are kept, for scripts")
    .option("--state-dir <folder>", "where it keeps its state (CODEX_STATE_DIR)")
    .action(
      withState(async (state, options: JsonFlag & { follow?: boolean; lines?: number }) => {
        const interrupted = new AbortController();
        process.once("SIGINT", () => interrupted.abort());
        const signal = AbortSignal.any([interrupted.signal, terminal.closed]);
        return await showLogs(state, terminal, options, signal);
      }),
    );
  addGlobalFlags(program.command("dashboard"))
    .description("a link to the dashboard of the proxy that runs; it opens once, within ten minutes")
    .option("--open", "in the browser")
    .option("--state-dir <folder>", "where it keeps its state (CODEX_STATE_DIR)")
    .action(
      withState((state, options: GlobalFlags & { open?: boolean }) =>
        printDashboardLink(state, terminal, options.open ? openPage : undefined),
      ),
    );
  addGlobalFlags(program.command("doctor"))
    .description("what stands in the way, and what to do about it; or the settings of a client")
    .option("--client <name>", `settings to copy: ${clientNames.join(", ")}`)
    .option("--json", "for scripts")
    .action((options: GlobalFlags & DoctorFlags) => {
      if (options.client !== undefined) {
        return withSettings((settings, given: GlobalFlags & DoctorFlags) => printClient(settings, terminal, given))(
          options,
        );
      }
      const flags = { ...options, ...program.opts<GlobalFlags>() };
      const sources = { load: () => loadSettings(flags, env, false), loadForClient: () => loadSettings(flags, env) };
      return examine(sources, terminal, options).then(end);
    });
  const service = program.command("service").description("the proxy as a service of this system");
  addGlobalFlags(service.command("print"))
    .description("a unit for systemd, or a property list for launchd, ready to be saved")
    .option("--systemd", "unless on macOS")
    .option("--launchd", "on macOS")
    .argument("[flags...]", "for `serve`, behind --")
    .action((argv: string[], options: GlobalFlags & ServiceFlags) =>
      withSettings((settings, flags: GlobalFlags & ServiceFlags) =>
        printService(settings, terminal, {
          ...flags,
          env,
          argv: [...toArguments({ ...options, ...program.opts<GlobalFlags>() }), ...argv],
        }),
      )(options),
    );
}

function parseCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a number of lines.");
}
