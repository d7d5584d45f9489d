import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** Prints the address of every module that is loaded on the way to one. */
const program = `
  import { register } from "node:module";
  const hook = 'import { writeSync } from "node:fs";' +
    'export async function load(url, context, next) { writeSync(1, url + "\\\\n"); return next(url, context); }';
  register("data:text/javascript," + encodeURIComponent(hook));
  await import(process.argv[1]);
`;

function listModules(entry: string): string[] {
  const args = ["--input-type=module", "-e", program, entry];
  return execFileSync(process.execPath, args, { encoding: "utf8" }).trim().split("\n");
}

/** The package that a file belongs to, by the nearest package.json above it. */
function nameOf(url: string): string {
  for (let folder = new URL(".", url); folder.pathname !== "/"; folder = new URL("..", folder)) {
    try {
      const { name } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as { name?: string };
      if (name !== undefined) return name;
    } catch {
      // Further up.
    }
  }
  return url;
}

const loaded = listModules(fileURLToPath(new URL("../dist/index.js", import.meta.url)));

it("importing the package loads jose and @codex/errors, with what it needs of zod built in, and nothing else", () => {
  const files = loaded.filter((url) => url.startsWith("file:"));
  expect([...new Set(files.map(nameOf))].sort()).toEqual(["@codex/auth", "@codex/errors", "jose"]);
  // Of jose only what decodes a token: the encrypted store loads the rest when it is used.
  expect(files.filter((url) => url.includes("jwe"))).toEqual([]);
  expect(files.length).toBeLessThan(10);
});

it("its package names no other dependency", () => {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(Object.keys(manifest.dependencies).sort()).toEqual(["@codex/errors", "jose"]);
  expect(Object.keys(manifest.optionalDependencies).sort()).toEqual([
    "@napi-rs/keyring",
    "fs-ext-extra-prebuilt",
    "koffi",
  ]);
});
