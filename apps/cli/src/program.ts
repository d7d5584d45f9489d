import { type CodexClient, createCodexClient } from "@codex/provider";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type AskOptions, ask } from "./commands/ask.js";
import { type LoginFlags, logIn } from "./commands/login.js";
import { logOut } from "./commands/logout.js";
import { type ModelsFlags, showModels } from "./commands/models.js";
import { showProfiles } from "./commands/profiles.js";
import { showStatus } from "./commands/status.js";
import { showUsage, type UsageFlags } from "./commands/usage.js";
import { type Environment, type GlobalFlags, loadSettings, packageVersion, type Settings } from "./config.js";
import { canOpenPage, openPage } from "./open-page.js";
import { addProxyCommands } from "./proxy-commands.js";
import type { Terminal } from "./terminal.js";
import { refuseUsage, usageExitCode } from "./usage.js";
import { wrapWords } from "./wrap-words.js";

/** How wide help is where nobody's terminal says it. */
const defaultColumns = 80;

/** What a shell gives for a process that SIGINT ended. */
const interruptedExitCode = 130;

type JsonFlag = GlobalFlags & { json?: boolean };

/** Runs one command line and gives its exit code. Throws a CodexError for what a person should read. */
export async function runProgram(argv: readonly string[], env: Environment, terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = new Command("codex-oauth")
    .description("Your own ChatGPT plan from the terminal, with the login that you share with the Codex CLI.")
    .version(packageVersion(), "-V, --version", "the version")
    .helpOption("-h, --help", "this text")
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.print(text),
      writeErr: terminal.note,
      getOutHelpWidth: () => terminal.columns ?? defaultColumns,
    })
    // What a column of words is not narrower than; commander's own 40 would leave long lines on a narrow terminal.
    .configureHelp({ minWidthToWrap: 16 });
  addGlobalFlags(program);

  /** A command that works with the login until it is done, stdout is closed, or Ctrl-C ends it. */
  const withSettings =
    <T extends GlobalFlags>(work: (settings: Settings, options: T, signal: AbortSignal) => Promise<number>) =>
    async (options: T) => {
      let settings: Settings;
      try {
        settings = await loadSettings({ ...options, ...program.opts<GlobalFlags>() }, env);
      } catch (error) {
        exitCode = refuseUsage(error, terminal);
        return;
      }
      const interrupted = new AbortController();
      const signal = AbortSignal.any([interrupted.signal, terminal.closed]);
      const onInterrupt = () => interrupted.abort();
      // Once: whoever presses Ctrl-C again wants the process to end whatever it does.
      process.once("SIGINT", onInterrupt);
      try {
        exitCode = await work(settings, options, signal);
      } catch (error) {
        if (interrupted.signal.aborted) exitCode = interruptedExitCode;
        else if (!terminal.closed.aborted) throw error;
      } finally {
        process.off("SIGINT", onInterrupt);
        settings.login.session.close();
      }
    };

  const withClient = <T extends GlobalFlags>(
    work: (client: CodexClient, options: T, signal: AbortSignal) => Promise<number>,
  ) =>
    withSettings(async (settings, options: T, signal) => {
      const client = createCodexClient(settings.client);
      try {
        return await work(client, options, signal);
      } finally {
        client.session.close();
        await client.close();
      }
    });

  addGlobalFlags(program.command("login"))
    .description("sign in with your ChatGPT account")
    .option("--device", "with a code to enter in any browser, here or elsewhere")
    .option("--no-open", "print the address of the page, open nothing")
    .addOption(
      new Option("--timeout <seconds>", "how long to wait for you: 600 unless given, 900 with --device").argParser(
        parseSeconds,
      ),
    )
    .addOption(new Option("--ports <list>", "where the browser comes back to").argParser(parsePorts).hideHelp())
    .action(
      withSettings(({ login, client: { issuer } }, options: LoginFlags & GlobalFlags, signal) =>
        logIn(login, { issuer, ...(canOpenPage(env, process.platform) && { openPage }) }, terminal, options, signal),
      ),
    );

  addGlobalFlags(program.command("logout"))
    .description("end the login: revoke it and remove it, a shared one only after asking")
    .option("-y, --yes", "remove a shared login without asking")
    .action(
      withSettings(({ login, client }, options: GlobalFlags & { yes?: boolean }, signal) =>
        logOut(login, { issuer: client.issuer, refreshTokenUrl: client.refreshTokenUrl }, terminal, options, signal),
      ),
    );

  addGlobalFlags(program.command("status"))
    .description("who is signed in, until when, and where the login is kept")
    .option("--json", "for scripts")
    .addHelpText(
      "after",
      wrapWords(
        "\nExit codes: 0 signed in, 3 expired, 4 absent, 5 in a keyring only, 6 broken or unreadable.",
        terminal.columns,
      ),
    )
    .action(withSettings(({ login }, options: JsonFlag) => showStatus(login, terminal, options, Date.now())));

  addGlobalFlags(program.command("profiles"))
    .description("your logins that are kept apart by --profile, and how each stands")
    .option("--json", "for scripts")
    .action(withSettings(({ login }, options: JsonFlag) => showProfiles(login, terminal, options, Date.now())));

  addGlobalFlags(program.command("models"))
    .description("the models of this account, or what one name means")
    .argument("[name]", "with prefix, effort or date, an alias, a retired one")
    .option("--all", "hidden ones too")
    .option("--effort-variants", "gpt-6-sol-high and the like too")
    .option("--json", "for scripts: the entries of GET /v1/models")
    .action((name: string | undefined, options: ModelsFlags & GlobalFlags) =>
      withClient((client, given: ModelsFlags & GlobalFlags, signal) =>
        showModels(client, terminal, name, given, signal),
      )(options),
    );

  addGlobalFlags(program.command("usage"))
    .description("how much of the plan is used, and when its windows end")
    .option("--json", "for scripts: as from GET /v1/usage; with --watch one object a line")
    .option("-w, --watch", "again and again")
    .addOption(new Option("--interval <seconds>", "how often: 60 unless given").argParser(parseSeconds))
    .action(
      withClient((client, options: UsageFlags & GlobalFlags, signal) => showUsage(client, terminal, options, signal)),
    );

  addGlobalFlags(program.command("ask"))
    .description("ask once; the answer is printed as it comes")
    .argument("[words...]", "the question; stdin follows it, or stands where a - is")
    .option("-m, --model <name>", "the account's first unless given")
    .option("-e, --effort <effort>", "how hard to think: low, medium, high ...")
    .option("-s, --system <text>", "instructions for the model")
    .option("-r, --reasoning", "show a summary of the reasoning, on stderr")
    .option("--json", "one JSON object at the end")
    .action((words: string[], options: AskOptions & GlobalFlags) =>
      withClient((client, given: AskOptions & GlobalFlags, signal) => ask(client, terminal, words, given, signal))(
        options,
      ),
    );

  addProxyCommands({ program, addGlobalFlags, env, terminal, end: (code) => (exitCode = code) });

  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version come here too, with 0; commander has printed what is to be said.
    return error.exitCode === 0 ? 0 : usageExitCode;
  }
  return exitCode;
}

/** Before the command and after it, as people write them. */
function addGlobalFlags(command: Command): Command {
  return command
    .option("--auth-file <file>", "login file, the Codex CLI's own unless given (CODEX_AUTH_FILE, CODEX_HOME)")
    .option("--profile <name>", "one of several logins of yours, each kept apart (CODEX_PROFILE)")
    .option("--base-url <url>", "backend, ChatGPT's unless given (CODEX_BASE_URL)")
    .option("--config <file>", "settings, config.toml in our folder unless given (CODEX_OAUTH_CONFIG)");
}

function parseSeconds(text: string): number {
  if (/^\d{1,5}(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("It is a number of seconds.");
}

function parsePorts(text: string): number[] {
  return text.split(",").map(Number);
}
