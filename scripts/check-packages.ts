import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Packs every package as for the registry, then asks publint and are-the-types-wrong about the tarballs. Ends the
 * process with 1 when one of them finds a fault.
 */
export function checkPackages(root: string): void {
  const folder = mkdtempSync(join(tmpdir(), "codex-packed-"));
  try {
    for (const group of ["packages", "apps"]) {
      for (const entry of readdirSync(join(root, group), { withFileTypes: true })) {
        if (entry.isDirectory()) check(root, join(group, entry.name), folder);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function check(root: string, place: string, folder: string): void {
  const cwd = join(root, place);
  const known = new Set(readdirSync(folder));
  must("pnpm", ["pack", "--pack-destination", folder], cwd);
  const tarball = readdirSync(folder).find((file) => !known.has(file));
  if (tarball === undefined) throw new Error(`${place} was not packed.`);
  must("pnpm", ["--dir", "tools", "exec", "publint", "run", join(folder, tarball), "--strict"], root);
  // ESM only: Node 20.19 and later can require it, older resolutions are not supported.
  must("pnpm", ["--dir", "tools", "exec", "attw", join(folder, tarball), "--profile", "esm-only"], root);
  console.log(`ok ${place}`);
}

function must(command: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return;
  console.error(`${cwd}: ${command} ${args.join(" ")}\n${stdout}${stderr}`);
  process.exit(1);
}
