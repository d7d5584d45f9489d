import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const bundles = new Map<string, Promise<string>>();

/** A program of this folder as one file, made from the sources: eight of them start in the time of one. */
export function bundleChild(name = "child.ts"): Promise<string> {
  const source = join(here, name);
  const known = bundles.get(name);
  if (known !== undefined) return known;
  const bundling = (async () => {
    const require = createRequire(createRequire(source).resolve("../../../node_modules/tsup/package.json"));
    const esbuild = require("esbuild") as { build(options: object): Promise<unknown> };
    const folder = await mkdtemp(join(tmpdir(), "codex-auth-child-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    // The optional native packages stay outside, where the package itself would find them.
    await symlink(join(here, "../node_modules"), join(folder, "node_modules"));
    const outfile = join(folder, "child.mjs");
    await esbuild.build({
      entryPoints: [source],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      conditions: ["@codex/source"],
      external: ["fs-ext-extra-prebuilt", "koffi", "@napi-rs/keyring"],
      logLevel: "silent",
    });
    return outfile;
  })();
  bundles.set(name, bundling);
  return bundling;
}

export type Outcome = "ok" | string | { code: string; reason: string; message: string };

export interface Child {
  process: ChildProcess;
  /** Everything that it has printed. */
  output: string[];
  /** Waits for a line that has this key. */
  line(key: string, value?: unknown): Promise<Record<string, unknown>>;
  /** The lines that have this key, so far. */
  lines(key: string): Record<string, unknown>[];
  go(): void;
  outcomes(): Promise<Outcome[]>;
  /** The exit code, or the signal that ended it. */
  ended: Promise<number | string | null>;
}

/** Starts a process that shares a login, `child.ts` or another program of this folder; it waits for `go`. */
export async function startChild(
  task: Record<string, unknown>,
  program = "child.ts",
  node = process.execPath,
): Promise<Child> {
  const child = spawn(node, [await bundleChild(program), JSON.stringify({ requests: 1, ...task })], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output: string[] = [];
  const lines: Record<string, unknown>[] = [];
  let wake: () => void = () => {};
  createInterface({ input: child.stdout }).on("line", (text) => {
    output.push(text);
    lines.push(JSON.parse(text) as Record<string, unknown>);
    wake();
  });
  child.stderr.on("data", (data) => output.push(String(data)));
  const ended = once(child, "close").then(([code, signal]) => {
    wake();
    return (code ?? signal) as number | string | null;
  });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const line = async (key: string, value?: unknown) => {
    for (;;) {
      const found = lines.find((l) => key in l && (value === undefined || l[key] === value));
      if (found !== undefined) return found;
      if (over) throw new Error(`The process ended without saying ${key}: ${output.join("\n")}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const started: Child = {
    process: child,
    output,
    line,
    lines: (key) => lines.filter((l) => key in l),
    go: () => void child.stdin.write("go\n"),
    outcomes: async () => (await line("outcomes")).outcomes as Outcome[],
    ended,
  };
  await line("ready");
  return started;
}
