import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as auth from "@codex/auth";
import ts from "typescript";
import { expect, it } from "vitest";

/** The README is the manual: what can be imported, and each option of it, is named there. */
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const code = [...readme.matchAll(/`([^`\n]+)`|```ts\n([\s\S]*?)```/g)]
  .map(([, inline, block]) => inline ?? block)
  .join("\n");
const named = new Set(code.match(/\w+/g));

it("names every function, class and value of the package", () => {
  expect(Object.keys(auth).filter((name) => !named.has(name))).toEqual([]);
});

it("names every option, every member of a session, and every reason of an error", () => {
  const folder = fileURLToPath(new URL("../src", import.meta.url));
  const index = readFileSync(`${folder}/index.ts`, "utf8");
  const isPublic = (name: string) => new RegExp(`\\b${name}\\b`).test(index);
  const members: string[] = [];
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  )) {
    const source = ts.createSourceFile(file, readFileSync(`${folder}/${file}`, "utf8"), ts.ScriptTarget.Latest);
    for (const statement of source.statements) {
      if (ts.isInterfaceDeclaration(statement) && /(Options|Session)$/.test(statement.name.text)) {
        if (!isPublic(statement.name.text)) continue;
        for (const { name } of statement.members) members.push((name as ts.Identifier).text);
      }
      if (ts.isTypeAliasDeclaration(statement) && statement.name.text === "AuthReason") {
        members.push(...[...statement.getText(source).matchAll(/"(\w+)"/g)].map(([, reason]) => reason as string));
      }
    }
  }
  expect(members.length).toBeGreaterThan(60);
  expect([...new Set(members)].filter((name) => !named.has(name))).toEqual([]);
});
