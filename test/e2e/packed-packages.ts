import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "..", "..");

/** `@codex/ai-sdk`, after what it stands on. */
const places = [
  ...["errors", "models", "transport", "auth", "reasoning", "prompts", "provider"].map((name) => `packages/${name}`),
  "apps/ai-sdk",
];

/** Packs `@codex/ai-sdk` and what it stands on as for the registry. Gives the tarballs by package name. */
export async function packAiSdk(folder: string): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true });
  const tarballs: Record<string, string> = {};
  for (const place of places) {
    const known = new Set(await readdir(folder));
    await run("pnpm", ["pack", "--pack-destination", folder], join(root, place));
    const tarball = (await readdir(folder)).find((file) => !known.has(file));
    if (tarball === undefined) throw new Error(`${place} was not packed.`);
    const { name } = JSON.parse(await readFile(join(root, place, "package.json"), "utf8")) as { name: string };
    tarballs[name] = `file:${join(folder, tarball)}`;
  }
  return tarballs;
}

/** Writes a program of somebody else's into an empty folder, and installs what it needs with npm. */
export async function install(
  folder: string,
  dependencies: Record<string, string>,
  files: Record<string, string>,
): Promise<void> {
  const manifest = JSON.stringify({ name: "consumer", private: true, dependencies });
  for (const [name, text] of Object.entries({ "package.json": manifest, ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], folder);
}

const execute = promisify(execFile);

/** Runs a program to its end and gives what it printed. Rejects with all of it when it fails. */
export async function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  try {
    const { stdout } = await execute(command, args, { cwd, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")} in ${cwd} failed.\n${stdout}${stderr}`, { cause: error });
  }
}

/** The TypeScript compiler of this house. */
export const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
