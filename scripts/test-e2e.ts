/**
 * The end-to-end tier: what needs more than Node alone. The packages as they would be published; a real browser and a real
 * keyring, from Debian's packages, which `.ci/run` installs; then the whole test run on Node 24, from the npm package `node`.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkPackages } from "./check-packages.js";

const node24 = "24.21.0";
const root = resolve(import.meta.dirname, "..");
const cache = join(root, "node_modules", ".cache", `node-${node24}`);
const binary = join(cache, "node_modules", "node", "bin", "node");

function run(command: string, args: readonly string[]): void {
  console.log(`\n$ ${[command, ...args].join(" ").replaceAll(`${root}/`, "")}`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

// Workspaces of their own, which the first `demo` and `test` do without.
for (const place of ["tools", "test/e2e", "apps/ai-sdk/examples/nextjs-chat"]) {
  run("pnpm", ["--dir", place, "install", "--frozen-lockfile"]);
}
run("pnpm", ["build", "--output-logs=errors-only"]);
checkPackages(root);
if (!existsSync(binary)) {
  run("npm", ["install", "--no-audit", "--no-fund", "--no-save", "--prefix", cache, `node@${node24}`]);
}
run("pnpm", ["exec", "vitest", "run", "--config", "vitest.e2e.config.ts"]);
run(binary, ["--version"]);
run(binary, [join(root, "node_modules", "vitest", "vitest.mjs"), "run"]);
