import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/**
 * The rules of the house, executable. Every rule is a function from a house to the list of its violations; it is run
 * on the real house, where the list must be empty, and on a small made-up one that breaks it, where it must not be.
 */

interface House {
  /** Every TypeScript file of the workspace's packages, by path from the root, with "/" as separator. */
  files: ReadonlyMap<string, string>;
  /** Every package.json, by the package's folder, e.g. `packages/auth`. */
  manifests: ReadonlyMap<string, Manifest>;
  /** Every folder below `packages` and `apps`. */
  folders: readonly string[];
}

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  exports?: Record<string, unknown>;
}

/** What a package may depend on at run time: floors below it, and libraries chosen for its job. */
const allowedDependencies: Record<string, { house: string[]; libraries: string[] }> = {
  "packages/errors": { house: [], libraries: [] },
  "packages/simulator": { house: [], libraries: ["fzstd"] },
  "packages/models": { house: ["errors"], libraries: [] },
  "packages/transport": { house: ["errors"], libraries: ["undici"] },
  "packages/auth": {
    house: ["errors"],
    // Both give flock: the first on Windows as well, the second on every Node and C library.
    libraries: ["jose", "fs-ext-extra-prebuilt", "koffi", "@napi-rs/keyring"],
  },
  "packages/reasoning": { house: ["errors", "models"], libraries: [] },
  "packages/prompts": { house: ["errors", "models"], libraries: [] },
  "packages/provider": {
    house: ["errors", "models", "reasoning", "prompts", "transport", "auth"],
    libraries: ["ajv", "gpt-tokenizer"],
  },
  "apps/proxy": {
    house: ["provider", "errors", "models", "auth"],
    libraries: ["fzstd", "prom-client"],
  },
  "apps/cli": {
    house: ["provider", "errors", "models", "auth", "proxy"],
    libraries: ["commander", "@clack/prompts", "open"],
  },
  "apps/ai-sdk": { house: ["provider", "errors", "models", "auth"], libraries: ["ai", "@ai-sdk/openai"] },
};

/** Libraries that are built into a package (its `noExternal`), and so are dependencies of its development alone. */
const bundledLibraries: Readonly<Record<string, readonly string[]>> = {
  "packages/auth": ["zod"],
  // What reads config.toml, and what writes traces: in parts of their own that are loaded only where there is such a thing.
  "apps/proxy": [
    ...["smol-toml", "zod"],
    ...["api", "core", "exporter-trace-otlp-http", "resources", "sdk-trace-base"].map(
      (name) => `@opentelemetry/${name}`,
    ),
  ],
};

/** The one door between apps: all that the cli may take from the proxy, which shows the same things in its dashboard. */
const proxyDoor: ReadonlySet<string> = new Set([
  ...["startProxy", "loadConfig", "loadState", "moveSecrets"],
  ...["findForeground", "findRunning", "isRunning", "noteForeground", "pidFile", "removePidFile", "writePidFile"],
  ...["describeLogLine", "encodeUsage", "clientNames", "describeClient"],
]);

/** Public entries that are small on purpose, and the libraries that they never load. */
const lightEntries: Readonly<Record<string, readonly string[]>> = {
  "packages/transport/src/sse.ts": ["undici"],
};

/** Source files that may be longer than `maxLines`, each with its reason. */
const longFiles: Readonly<Record<string, string>> = {};
const maxLines = 250;

/** What several dialects of one maker share: no dialect itself, and no ground for those of other makers. */
const dialectFamilies: Readonly<Record<string, readonly string[]>> = { openai: ["chat", "completions", "responses"] };

const dialectFiles = ["parse-request.ts", "encode-stream.ts", "encode-final.ts", "encode-error.ts"];
const drawerNames: ReadonlySet<string> = new Set(["utils", "util", "helpers", "helper", "common", "shared", "lib"]);
const builtins: ReadonlySet<string> = new Set(builtinModules);

// ---------------------------------------------------------------------------------------------------- the rules

/** Dependencies in package.json follow the floors. */
function checkManifests(house: House): string[] {
  const wrong: string[] = [];
  for (const [folder, manifest] of house.manifests) {
    const allowed = allowedDependencies[folder];
    if (allowed === undefined) {
      wrong.push(`${folder}: not in the table of floors`);
      continue;
    }
    const names = [...allowed.house.map((name) => `@codex/${name}`), ...allowed.libraries];
    for (const name of runtimeDependencies(manifest)) {
      if (!names.includes(name)) wrong.push(`${folder}: may not depend on ${name}`);
    }
  }
  return wrong;
}

/** The table of floors itself has no way back up. */
function checkFloors(table: typeof allowedDependencies): string[] {
  const edges = new Map<string, string[]>();
  for (const [folder, { house }] of Object.entries(table)) edges.set(folder.split("/")[1] ?? folder, house);
  return findCycles(edges);
}

/** Source files import only what their package.json declares, by public name. */
function checkImports(house: House): string[] {
  const wrong: string[] = [];
  for (const [file, text] of sources(house)) {
    const folder = packageOf(file);
    const manifest = house.manifests.get(folder);
    const bundled = (bundledLibraries[folder] ?? []).filter((name) => manifest?.devDependencies?.[name] !== undefined);
    const declared = manifest === undefined ? [] : [...runtimeDependencies(manifest), ...bundled];
    for (const specifier of importsOf(file, text)) {
      if (specifier.startsWith(".")) {
        const target = resolveRelative(file, specifier);
        // A package knows its own version by its manifest, which is built into it.
        if (posix.join(dirname(file), specifier) === `${folder}/package.json` && manifest !== undefined) continue;
        if (!house.files.has(target)) wrong.push(`${file}: ${specifier} leads nowhere`);
        else if (packageOf(target) !== folder) wrong.push(`${file}: ${specifier} leaves its package`);
      } else if (!specifier.startsWith("node:")) {
        const name = specifier
          .split("/")
          .slice(0, specifier.startsWith("@") ? 2 : 1)
          .join("/");
        if (builtins.has(name)) wrong.push(`${file}: write node:${specifier}`);
        else if (!declared.includes(name)) wrong.push(`${file}: ${name} is not in its package.json`);
        else if (name.startsWith("@codex/") && !isPublicName(house, specifier))
          wrong.push(`${file}: ${specifier} is no public name`);
      }
    }
  }
  return wrong;
}

/** A package's own name, or one of the subpaths that its package.json exports. */
function isPublicName(house: House, specifier: string): boolean {
  const [scope = "", name = "", ...rest] = specifier.split("/");
  if (rest.length === 0) return true;
  const manifest = [...house.manifests.values()].find((one) => one.name === `${scope}/${name}`);
  return manifest?.exports?.[`./${rest.join("/")}`] !== undefined;
}

/** An entry that is small on purpose loads nothing of what it leaves out, over however many files. */
function checkLightEntries(house: House): string[] {
  const wrong: string[] = [];
  for (const [entry, forbidden] of Object.entries(lightEntries)) {
    const seen = new Set<string>();
    const open = house.files.has(entry) ? [entry] : [];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      for (const specifier of importsOf(file, house.files.get(file) ?? "")) {
        if (specifier.startsWith(".")) open.push(resolveRelative(file, specifier));
        else if (forbidden.includes(specifier.split("/")[0] ?? ""))
          wrong.push(`${entry}: loads ${specifier} by ${file}`);
      }
    }
  }
  return wrong;
}

/** Apps don't import apps, but for the names of the one door (types are free). */
function checkDoor(house: House): string[] {
  const wrong: string[] = [];
  for (const [file, text] of sources(house)) {
    for (const statement of parse(file, text).statements) {
      if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
      if (statement.moduleSpecifier.text !== "@codex/proxy") continue;
      const bindings = statement.importClause?.namedBindings;
      if (statement.importClause?.isTypeOnly) continue;
      if (bindings === undefined || !ts.isNamedImports(bindings)) {
        wrong.push(`${file}: imports more than names from @codex/proxy`);
        continue;
      }
      for (const element of bindings.elements) {
        const name = (element.propertyName ?? element.name).text;
        if (!element.isTypeOnly && !proxyDoor.has(name)) wrong.push(`${file}: ${name} is not behind the door`);
      }
    }
    for (const name of dynamicImportsOf(file, text)) {
      if (name === "@codex/proxy" && !file.startsWith("apps/cli/")) wrong.push(`${file}: only the cli opens the door`);
    }
  }
  return wrong;
}

/** No file imports itself over other files, types included. */
function checkCycles(house: House): string[] {
  const edges = new Map<string, string[]>();
  for (const [file, text] of sources(house)) {
    const targets = importsOf(file, text).filter((specifier) => specifier.startsWith("."));
    edges.set(
      file,
      targets.map((specifier) => resolveRelative(file, specifier)),
    );
  }
  return findCycles(edges);
}

/** What speaks to the backend and what speaks to callers know nothing of each other. */
function checkTwoSides(house: House): string[] {
  const sides = ["packages/provider/src/backend/", "packages/provider/src/dialects/"] as const;
  const wrong: string[] = [];
  for (const [file, text] of sources(house)) {
    const side = sides.find((prefix) => file.startsWith(prefix));
    if (side === undefined) continue;
    const other = side === sides[0] ? sides[1] : sides[0];
    for (const specifier of importsOf(file, text)) {
      if (specifier.startsWith(".") && resolveRelative(file, specifier).startsWith(other)) {
        wrong.push(`${file}: imports ${specifier}`);
      }
    }
  }
  return wrong;
}

/** A dialect is a folder with four verbs, and stands on no other dialect and on no family but its own. */
function checkDialects(house: House): string[] {
  const root = "packages/provider/src/dialects/";
  const wrong: string[] = [];
  const names = new Set<string>();
  for (const file of house.files.keys()) {
    const [name, rest] = file.startsWith(root) ? file.slice(root.length).split("/") : [];
    if (name !== undefined && rest !== undefined) names.add(name);
  }
  for (const name of names) {
    if (dialectFamilies[name] !== undefined) continue;
    for (const needed of dialectFiles) {
      if (!house.files.has(`${root}${name}/${needed}`)) wrong.push(`${root}${name}: lacks ${needed}`);
    }
  }
  for (const [file, text] of house.files) {
    const name = file.startsWith(root) ? file.slice(root.length).split("/")[0] : undefined;
    if (name === undefined || !names.has(name)) continue;
    for (const specifier of importsOf(file, text)) {
      const target = specifier.startsWith(".") ? resolveRelative(file, specifier) : "";
      const foreign = target.startsWith(root) ? target.slice(root.length).split("/")[0] : undefined;
      if (dialectFamilies[foreign ?? ""]?.includes(name)) continue;
      if (foreign !== undefined && foreign !== name && names.has(foreign)) {
        wrong.push(`${file}: stands on the dialect ${foreign}`);
      }
    }
  }
  return wrong;
}

/** All that is not a dialect knows dialects by their contract alone; the canonical form and the backend not even that. */
function checkContract(house: House): string[] {
  const root = "packages/provider/src/";
  const dialects = `${root}dialects/`;
  const wrong: string[] = [];
  for (const [file, text] of sources(house)) {
    // The front door names what is public.
    if (!file.startsWith(root) || file.startsWith(dialects) || file === `${root}index.ts`) continue;
    const isBelow = file.startsWith(`${root}canonical/`) || file.startsWith(`${root}backend/`);
    for (const specifier of importsOf(file, text)) {
      const target = specifier.startsWith(".") ? resolveRelative(file, specifier) : "";
      if (!target.startsWith(dialects)) continue;
      if (isBelow || target !== `${dialects}dialect.ts`)
        wrong.push(`${file}: knows the inside of a dialect, ${specifier}`);
    }
  }
  return wrong;
}

/** The environment is read in an app's config.ts and nowhere else. */
function checkEnvironment(house: House): string[] {
  return filesWith(house, readsEnvironment, (file) => /^apps\/[^/]+\/src\/config\.ts$/.test(file)).map(
    (file) => `${file}: reads process.env`,
  );
}

/** Only what has a terminal in front of it prints. */
function checkConsole(house: House): string[] {
  const mayPrint = (file: string) => file.startsWith("apps/") || file === "packages/simulator/src/cli.ts";
  return filesWith(house, usesConsole, mayPrint).map((file) => `${file}: uses console`);
}

/** Files stay short, unless named with a reason. */
function checkLength(house: House, exceptions: Readonly<Record<string, string>> = {}): string[] {
  const wrong: string[] = [];
  for (const [file, text] of sources(house)) {
    const lines = text.trimEnd().split("\n").length;
    if (lines > maxLines && exceptions[file] === undefined) wrong.push(`${file}: ${lines} lines`);
    if (lines <= maxLines && exceptions[file] !== undefined) wrong.push(`${file}: needs its exception no more`);
  }
  for (const file of Object.keys(exceptions)) {
    if (!house.files.has(file)) wrong.push(`${file}: has an exception and does not exist`);
  }
  return wrong;
}

/** An index holds names: `export { a } from "./b.js"`. A package of one file is its own index. */
function checkIndexes(house: House): string[] {
  const wrong: string[] = [];
  for (const folder of house.manifests.keys()) {
    const file = `${folder}/src/index.ts`;
    const text = house.files.get(file);
    const alone = [...house.files.keys()].every((other) => other === file || !other.startsWith(`${folder}/src/`));
    if (text === undefined || alone) continue;
    for (const statement of parse(file, text).statements) {
      const line = statement.getText().split("\n")[0];
      if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) {
        wrong.push(`${file}: holds more than names: ${line}`);
      } else if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) {
        wrong.push(`${file}: exports without naming: ${line}`);
      }
    }
  }
  return wrong;
}

/** No drawers: a folder or file says what is in it. */
function checkDrawers(house: House): string[] {
  const wrong = house.folders.filter((folder) => drawerNames.has(posix.basename(folder)));
  for (const file of house.files.keys()) if (drawerNames.has(posix.basename(file, ".ts"))) wrong.push(file);
  return wrong.map((path) => `${path}: is a drawer`);
}

// ------------------------------------------------------------------------------------------- the rules at work

const real = readHouse(fileURLToPath(new URL("..", import.meta.url)));

/** A rule, the real house that it must accept, and made-up houses that it must refuse. */
const rules: [name: string, check: (house: House) => string[], broken: [why: string, house: House][]][] = [
  [
    "package.json dependencies follow the floors",
    checkManifests,
    [
      ["an app below", madeUp({}, { "packages/models": { dependencies: { "@codex/provider": "*" } } })],
      ["a library of another", madeUp({}, { "packages/errors": { dependencies: { undici: "*" } } })],
      ["the simulator at run time", madeUp({}, { "apps/proxy": { dependencies: { "@codex/simulator": "*" } } })],
      ["an optional one", madeUp({}, { "packages/models": { optionalDependencies: { zod: "*" } } })],
      ["a package that the table lacks", madeUp({}, { "packages/attic": {} })],
    ],
  ],
  [
    "source files import only what is declared",
    checkImports,
    [
      ["undeclared", madeUp({ "packages/models/src/a.ts": 'import { z } from "zod";' })],
      ["undeclared, at run time", madeUp({ "packages/models/src/a.ts": 'await import("zod/mini");' })],
      ["a re-export", madeUp({ "packages/models/src/a.ts": 'export { z } from "zod";' })],
      [
        "inside another package",
        madeUp(
          { "packages/auth/src/a.ts": 'import { b } from "@codex/errors/src/b.js";' },
          { "packages/auth": { dependencies: { "@codex/errors": "*" } } },
        ),
      ],
      ["over the fence", madeUp({ "packages/auth/src/a.ts": 'import "../../b/src/b.js";', "packages/b/src/b.ts": "" })],
      ["a missing file", madeUp({ "packages/auth/src/a.ts": 'import { b } from "./b.js";' })],
      ["a builtin without node:", madeUp({ "packages/auth/src/a.ts": 'import { join } from "path";' })],
    ],
  ],
  [
    "small entries stay small",
    checkLightEntries,
    [
      ["at once", madeUp({ "packages/transport/src/sse.ts": 'import { Agent } from "undici";' })],
      [
        "over another file",
        madeUp({
          "packages/transport/src/sse.ts": 'export { a } from "./a.js";',
          "packages/transport/src/a.ts": 'import Agent from "undici/lib/dispatcher/agent.js";',
        }),
      ],
    ],
  ],
  [
    "apps import apps only through the one door",
    checkDoor,
    [
      ["another name", madeUp({ "apps/cli/src/a.ts": 'import { routes } from "@codex/proxy";' })],
      ["renamed", madeUp({ "apps/cli/src/a.ts": 'import { routes as startProxy } from "@codex/proxy";' })],
      ["everything", madeUp({ "apps/cli/src/a.ts": 'import * as proxy from "@codex/proxy";' })],
      ["another app", madeUp({ "apps/ai-sdk/src/a.ts": 'const p = await import("@codex/proxy");' })],
    ],
  ],
  [
    "no import cycles",
    checkCycles,
    [
      ["to itself", madeUp({ "packages/b/src/a.ts": 'import { a } from "./a.js";' })],
      [
        "over two files, one of them a type",
        madeUp({
          "packages/b/src/a.ts": 'import { c } from "./d/c.js";',
          "packages/b/src/d/c.ts": 'import type { A } from "../e.js";',
          "packages/b/src/e.ts": 'export { a } from "./a.js";',
        }),
      ],
    ],
  ],
  [
    "backend and dialects never import each other",
    checkTwoSides,
    [
      ["down", madeUp({ "packages/provider/src/backend/a.ts": 'import { b } from "../dialects/b.js";' })],
      ["up", madeUp({ "packages/provider/src/dialects/chat/a.ts": 'import type { B } from "../../backend/b.js";' })],
    ],
  ],
  [
    "dialects have their four files and stand alone",
    checkDialects,
    [
      ["one missing", madeUp({ "packages/provider/src/dialects/chat/parse-request.ts": "" })],
      [
        "one on another",
        madeUp({
          ...Object.fromEntries(
            ["chat", "responses"].flatMap((name) =>
              dialectFiles.map((file) => [`packages/provider/src/dialects/${name}/${file}`, ""]),
            ),
          ),
          "packages/provider/src/dialects/chat/tools.ts": 'import { a } from "../responses/parse-request.js";',
        }),
      ],
      [
        "one on another family's ground",
        madeUp({
          ...Object.fromEntries(dialectFiles.map((file) => [`packages/provider/src/dialects/messages/${file}`, ""])),
          "packages/provider/src/dialects/openai/tools.ts": "",
          "packages/provider/src/dialects/messages/tools.ts": 'import { a } from "../openai/tools.js";',
        }),
      ],
    ],
  ],
  [
    "what is no dialect knows dialects by their contract alone",
    checkContract,
    [
      ...["emulate/a.ts", "responses-store/a.ts", "exchange.ts"].map((file): [string, House] => [
        file,
        madeUp({
          [`packages/provider/src/${file}`]: `import { a } from "${file.includes("/") ? ".." : "."}/dialects/chat/parts.js";`,
        }),
      ]),
      [
        "the canonical form",
        madeUp({ "packages/provider/src/canonical/a.ts": 'import { a } from "../dialects/dialect.js";' }),
      ],
    ],
  ],
  [
    "process.env is read in apps' config.ts only",
    checkEnvironment,
    [
      ["in a package", madeUp({ "packages/auth/src/config.ts": "export const home = process.env.HOME;" })],
      ["elsewhere in an app", madeUp({ "apps/cli/src/main.ts": 'const e = process["env"];' })],
      ["taken apart", madeUp({ "packages/auth/src/a.ts": "const { env } = process;" })],
      ["imported", madeUp({ "packages/auth/src/a.ts": 'import { env } from "node:process";' })],
      ["imported whole", madeUp({ "packages/auth/src/a.ts": 'import p from "node:process"; p.env;' })],
      ["over globalThis", madeUp({ "packages/auth/src/a.ts": "globalThis.process.env.HOME;" })],
    ],
  ],
  [
    "console is used in apps and the simulator's cli.ts only",
    checkConsole,
    [
      ["called", madeUp({ "packages/auth/src/a.ts": 'console.error("x");' })],
      ["handed on", madeUp({ "packages/simulator/src/server.ts": "const log = console;" })],
      ["over globalThis", madeUp({ "packages/auth/src/a.ts": 'globalThis.console.log("x");' })],
    ],
  ],
  [
    "source files are at most 250 lines",
    (house) => checkLength(house, house === real ? longFiles : {}),
    [["one more", madeUp({ "packages/auth/src/a.ts": "// a\n".repeat(maxLines + 1) })]],
  ],
  [
    "an index only re-exports names",
    checkIndexes,
    [
      ["logic", madeUp({ "packages/auth/src/index.ts": "export const a = 1;", "packages/auth/src/a.ts": "" })],
      ["a star", madeUp({ "packages/auth/src/index.ts": 'export * from "./a.js";', "packages/auth/src/a.ts": "" })],
      [
        "a named star",
        madeUp({ "packages/auth/src/index.ts": 'export * as a from "./a.js";', "packages/auth/src/a.ts": "" }),
      ],
    ],
  ],
  [
    "no folder or file is a drawer",
    checkDrawers,
    [
      ["a folder", { ...madeUp({}), folders: ["packages/auth/src/utils"] }],
      ["a file", madeUp({ "apps/proxy/src/helpers.ts": "" })],
    ],
  ],
];

describe.each(rules)("%s", (_name, check, broken) => {
  // Every file is parsed, which takes its time on a machine that is busy.
  it("holds", () => expect(check(real)).toEqual([]), 120_000);
  it.each(broken)("notices: %s", (_why, house) => expect(check(house)).not.toEqual([]));
});

describe("the checks themselves", () => {
  it("see the real house", () => {
    expect([...real.manifests.keys()]).toEqual(expect.arrayContaining(["packages/errors", "apps/proxy", "apps/cli"]));
    expect(real.files.size).toBeGreaterThan(40);
    expect(real.folders).toContain("packages/provider/src/backend");
    expect([...real.files.keys()].filter((file) => file.startsWith("packages/provider/src/dialects/chat/"))).toEqual(
      expect.arrayContaining(dialectFiles.map((file) => `packages/provider/src/dialects/chat/${file}`)),
    );
  });
  it("find no way back up in the table of floors", () => expect(checkFloors(allowedDependencies)).toEqual([]));
  it("notice a way back up", () => {
    const table = { ...allowedDependencies, "packages/errors": { house: ["models"], libraries: [] } };
    expect(checkFloors(table)).not.toEqual([]);
  });
  it("notice an exception to the length that is needed no more, or of no file", () => {
    const house = madeUp({ "packages/auth/src/a.ts": "" });
    expect(checkLength(house, { "packages/auth/src/a.ts": "a table" })).toHaveLength(1);
    expect(checkLength(house, { "packages/auth/src/gone.ts": "a table" })).toHaveLength(1);
  });
  it("accept what is allowed", () => {
    const house = madeUp(
      {
        "apps/cli/src/config.ts": "export const home = process.env.HOME;",
        "apps/cli/src/serve.ts": 'import { loadConfig, startProxy } from "@codex/proxy"; console.log(startProxy);',
        "packages/auth/src/b.ts": 'import { arch } from "node:process";',
        "packages/auth/src/a.ts": '// process.env and console\nexport const text = "console.log(process.env)";',
        "packages/auth/src/index.ts": 'export { text } from "./a.js";\nexport type { A } from "./a.js";',
      },
      { "apps/cli": { dependencies: { "@codex/proxy": "*" } }, "packages/auth": {} },
    );
    for (const [, check] of rules) expect(check(house)).toEqual([]);
  });
});

// --------------------------------------------------------------------------------------------- reading and parsing

function readHouse(root: string): House {
  const files = new Map<string, string>();
  const manifests = new Map<string, Manifest>();
  const folders: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(root, path).split(sep).join("/");
      if (entry.isDirectory()) {
        if (["node_modules", "dist", ".turbo", ".next"].includes(entry.name)) continue;
        folders.push(name);
        walk(path);
      } else if (/\.tsx?$/.test(entry.name)) files.set(name, readFileSync(path, "utf8"));
    }
  };
  for (const floor of ["packages", "apps"]) {
    walk(join(root, floor));
    for (const entry of readdirSync(join(root, floor), { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      manifests.set(
        `${floor}/${entry.name}`,
        JSON.parse(readFileSync(join(root, floor, entry.name, "package.json"), "utf8")) as Manifest,
      );
    }
  }
  return { files, manifests, folders };
}

function madeUp(files: Record<string, string>, manifests: Record<string, Omit<Manifest, "name">> = {}): House {
  const named = new Map(Object.entries(manifests).map(([folder, rest]) => [folder, { name: folder, ...rest }]));
  for (const file of Object.keys(files)) {
    const folder = packageOf(file);
    if (!named.has(folder)) named.set(folder, { name: folder });
  }
  return { files: new Map(Object.entries(files)), manifests: named, folders: [] };
}

function* sources(house: House): Generator<[file: string, text: string]> {
  for (const entry of house.files) if (/^(packages|apps)\/[^/]+\/src\//.test(entry[0])) yield entry;
}

function packageOf(file: string): string {
  return file.split("/").slice(0, 2).join("/");
}

function runtimeDependencies(manifest: Manifest): string[] {
  return Object.keys({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  });
}

function resolveRelative(file: string, specifier: string): string {
  return posix.join(dirname(file), specifier).replace(/\.js(x?)$/, ".ts$1");
}

/** Every module that a file names: imports, re-exports, types, `import()` and `require()`. */
function importsOf(file: string, text: string): string[] {
  const found = ts.preProcessFile(text, true, true).importedFiles.map((imported) => imported.fileName);
  return [...new Set([...found, ...dynamicImportsOf(file, text)])];
}

/** `import("x")` in expressions and in types, which a scan of the head of a file may miss. */
function dynamicImportsOf(file: string, text: string): string[] {
  const found: string[] = [];
  visit(parse(file, text), (node) => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [first] = node.arguments;
      if (first !== undefined && ts.isStringLiteralLike(first)) found.push(first.text);
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      found.push(node.argument.literal.text);
    }
  });
  return found;
}

function filesWith(house: House, found: (root: ts.SourceFile) => boolean, allowed: (file: string) => boolean) {
  const files: string[] = [];
  for (const [file, text] of sources(house)) if (!allowed(file) && found(parse(file, text))) files.push(file);
  return files;
}

/** `env` of anything called process, in every spelling; a string or a comment does not count. */
function readsEnvironment(root: ts.SourceFile): boolean {
  let found = false;
  visit(root, (node) => {
    if (ts.isPropertyAccessExpression(node) && node.name.text === "env" && isProcess(node.expression)) found = true;
    if (ts.isElementAccessExpression(node) && isProcess(node.expression)) found = true;
    if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name)) {
      if (node.initializer !== undefined && isProcess(node.initializer)) found = true;
    }
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      if (/^(node:)?process$/.test(node.moduleSpecifier.text) && namesEnvironment(node.importClause)) found = true;
    }
  });
  return found;
}

/** `arch` and `platform` of node:process may be taken; the environment, or the whole of it, may not. */
function namesEnvironment(clause: ts.ImportClause | undefined): boolean {
  if (clause?.name !== undefined || clause?.namedBindings === undefined) return true;
  if (!ts.isNamedImports(clause.namedBindings)) return true;
  return clause.namedBindings.elements.some((element) => (element.propertyName ?? element.name).text === "env");
}

function isProcess(node: ts.Expression): boolean {
  return (
    (ts.isIdentifier(node) && node.text === "process") ||
    (ts.isPropertyAccessExpression(node) && node.name.text === "process")
  );
}

function usesConsole(root: ts.SourceFile): boolean {
  let found = false;
  visit(root, (node) => {
    if (!ts.isIdentifier(node) || node.text !== "console") return;
    const { parent } = node;
    const isKey = ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent);
    const isForeign =
      ts.isPropertyAccessExpression(parent) && parent.name === node && parent.expression.getText() !== "globalThis";
    if (!isKey && !isForeign) found = true;
  });
  return found;
}

const parsed = new Map<string, ts.SourceFile>();

function parse(file: string, text: string): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined && known.text === text) return known;
  const root = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  parsed.set(file, root);
  return root;
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

/** One line a cycle, found by walking down from every node. */
function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const walk = (node: string, trail: string[]) => {
    const at = trail.indexOf(node);
    if (at !== -1) cycles.push([...trail.slice(at), node].join(" -> "));
    if (at !== -1 || done.has(node)) return;
    for (const next of edges.get(node) ?? []) walk(next, [...trail, node]);
    done.add(node);
  };
  for (const node of edges.keys()) walk(node, []);
  return cycles;
}
