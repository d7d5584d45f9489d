import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** The recipes of CONTRIBUTING.md are true: files and commands are there, and nothing that a recipe needs is left out. */
const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const guide = read("CONTRIBUTING.md");

/** Files of the repository's own below a folder, by their paths from the root. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(join(folder, entry.name));
    return entry.isFile() ? [join(folder, entry.name)] : [];
  });
}

const skipped: ReadonlySet<string> = new Set([
  "node_modules",
  "dist",
  "test",
  "findings",
  "coverage",
  ".next",
  ".turbo",
]);

/** The steps of a recipe: the files that its numbered lines begin with. */
function stepsOf(title: string): string[] {
  const section = guide.split(`### ${title}\n`)[1]?.split(/\n##+ /)[0] ?? "";
  return [...section.matchAll(/^\d+\. `([^`]+)`(?:, or `([^`]+)`)?/gm)].flatMap(([, ...paths]) =>
    paths.filter(Boolean),
  );
}

it.each(["CONTRIBUTING.md", "AGENTS.md", "packages/README.md"])("%s names files that are there", (file) => {
  const folder = file.includes("/") ? file.slice(0, file.indexOf("/")) : "";
  const named = [...read(file).matchAll(/`([\w@./-]+\/[\w.-]+\.(?:ts|md|json))`|\]\(([^)#:]+)\)/g)];
  expect(named.length).toBeGreaterThan(0);
  for (const [, code, link] of named) {
    const places =
      code === undefined ? [join(folder, link ?? "")] : [code, join(folder, code), `packages/provider/src/${code}`];
    expect(
      places.filter((path) => existsSync(join(root, path))),
      `${file}: ${code ?? link}`,
    ).not.toEqual([]);
  }
});

it.each(["CONTRIBUTING.md", "AGENTS.md", "README.md"])("%s names commands that there are", (file) => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const named = [...read(file).matchAll(/pnpm@10\.34\.9 ([a-z][\w:-]*)/g)].map(([, name]) => name as string);
  const own = ["vitest", "changeset"];
  expect(named.filter((name) => scripts[name] === undefined && !own.includes(name))).toEqual([]);
});

it("a dialect has at most six files outside of its folder, and the recipe names every one", () => {
  const folder = "packages/provider/src/dialects/completions/";
  const files = ["packages", "apps", "scripts"]
    .flatMap(filesBelow)
    .filter((path) => /\.(?:ts|md)$/.test(path) && !path.endsWith("CHANGELOG.md") && !path.startsWith(folder));
  const knows = files.filter((path) => read(path).includes("completionsDialect"));
  const steps = stepsOf("Add a dialect");
  expect(steps.length).toBeLessThanOrEqual(6);
  expect(steps).toEqual(expect.arrayContaining(knows));
});

it.each(["Add a model", "Add a field that the backend refuses", "Add a setting", "Add a command"])(
  "the recipe %j has steps, each with a file or folder",
  (title) => {
    const steps = stepsOf(title);
    expect(steps.length).toBeGreaterThan(1);
    for (const step of steps) expect(existsSync(join(root, step)), step).toBe(true);
  },
);

it("a setting, a command and a refused field stand where their recipes say, and nowhere else", () => {
  const holding = (top: string, text: string) =>
    filesBelow(top).filter((path) => path.endsWith(".ts") && read(path).includes(text));
  // An example of each, looked for by what only its own entry can say.
  expect(stepsOf("Add a setting")).toEqual(
    expect.arrayContaining(holding("apps/proxy/src", "CODEX_PROXY_KEEP_ALIVE_S")),
  );
  expect(stepsOf("Add a command")).toEqual(expect.arrayContaining(holding("apps/cli/src", 'command("usage")')));
  expect(stepsOf("Add a field that the backend refuses")).toEqual(
    expect.arrayContaining(holding("packages/provider/src/backend", "const refusedFields")),
  );
});
