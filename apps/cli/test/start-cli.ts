import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, type Simulator, type SimulatorOptions } from "@codex/simulator";
import { entryCommand } from "../../../scripts/entry-command.js";

export interface RunOptions {
  env?: Record<string, string>;
  /** Goes to stdin, which is closed after it; `null` leaves it open; default: as from /dev/null. */
  input?: string | null;
}

/** One run of the command, as a process of its own. */
export interface Run {
  child: ChildProcess;
  printed: { out: string; err: string };
  ended: Promise<{ code: number; out: string; err: string }>;
  /** Waits until stdout or stderr holds the text; gives its first group. */
  sees(text: RegExp, where?: "out" | "err"): Promise<string>;
}

/** A simulator, an empty home, and the command in it. */
export interface CliHouse {
  simulator: Simulator;
  folder: string;
  start(argv: string[], options?: RunOptions): Run;
  run(argv: string[], options?: RunOptions): Run["ended"];
  /** All that any run has printed: no token may be in it. */
  everything(): string;
  close(): Promise<void>;
}

const command = entryCommand("apps/cli");

export async function startCliHouse(options: SimulatorOptions = {}): Promise<CliHouse> {
  const simulator = await createSimulator(options);
  const folder = await mkdtemp(join(tmpdir(), "codex-cli-"));
  const runs: Run[] = [];

  function start(argv: string[], { env = {}, input }: RunOptions = {}): Run {
    const child = spawn(process.execPath, [...command, ...argv], {
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        CODEX_HOME: folder,
        // No test may reach the keyring of the person who runs it.
        DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/no-bus`,
        CODEX_BASE_URL: simulator.baseUrl,
        CODEX_ISSUER: simulator.issuerUrl,
        ...env,
      },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    const printed = { out: "", err: "" };
    child.stdout?.on("data", (chunk) => {
      printed.out += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      printed.err += chunk;
    });
    if (typeof input === "string") child.stdin?.end(input);
    const run: Run = {
      child,
      printed,
      ended: once(child, "close").then(([code]) => ({ code: code as number, ...printed })),
      async sees(text, where = "out") {
        const stream = (where === "out" ? child.stdout : child.stderr) ?? child;
        for (;;) {
          const found = text.exec(printed[where]);
          if (found !== null) return found[1] ?? found[0];
          if (child.exitCode !== null) throw new Error(`It ended: ${JSON.stringify(printed)}`);
          await Promise.race([once(stream, "data"), once(child, "close")]);
        }
      },
    };
    runs.push(run);
    return run;
  }

  return {
    simulator,
    folder,
    start,
    run: (argv, runOptions) => start(argv, runOptions).ended,
    everything: () => runs.map(({ printed }) => printed.out + printed.err).join("\n"),
    async close() {
      for (const { child } of runs) child.kill("SIGKILL");
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a person does at the issuer's page: opens it and presses a button. Gives where the browser is sent. */
export async function press(url: string, decision: "continue" | "deny"): Promise<string> {
  const opened = await fetch(url);
  const text = await opened.text();
  if (opened.status !== 200) throw new Error(`The page answers ${opened.status}.`);
  const decode = (value: string) => value.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)));
  const fields = [...text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  const body = new URLSearchParams(
    fields.map(([, name, value]): [string, string] => [name as string, decode(value as string)]),
  );
  body.set("decision", decision);
  const sent = await fetch(new URL("/oauth/authorize", url), { method: "POST", body, redirect: "manual" });
  return sent.headers.get("location") as string;
}

/** Follows the browser's way back to the program; gives the page that the person sees in the end. */
export async function follow(location: string): Promise<string> {
  const response = await fetch(location.replace("//localhost:", "//127.0.0.1:"));
  return `${response.status} ${await response.text()}`;
}
