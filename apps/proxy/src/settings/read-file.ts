import { dirname, isAbsolute, join, resolve } from "node:path";
import { isCodexError } from "@codex/errors";
import { closestModels } from "@codex/models";
import { parse, TomlError } from "smol-toml";
import * as z from "zod/mini";
import type { ConfigProblem } from "./config-problem.js";
import { findLine } from "./find-line.js";
import { quote } from "./parse-value.js";
import { type RawValue, readValue } from "./read-value.js";
import type { Setting } from "./setting.js";
import { type SettingKey, settingKeys, settings } from "./settings.js";

/** What a config.toml says: the settings that are right, and what is wrong with it. */
export interface ConfigText {
  values: ReadonlyMap<SettingKey, { value: unknown; line: number | undefined }>;
  problems: readonly ConfigProblem[];
}

/**
 * Reads a config.toml. Loaded only when there is one: it brings a TOML parser and zod.
 * @param file its path, to which paths in it are relative
 * @param home what `~` stands for
 */
export function readConfigText(toml: string, file: string, home: string): ConfigText {
  let table: Record<string, unknown>;
  try {
    table = parse(toml);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    return { values: new Map(), problems: [{ line: error.line, message: `this is no TOML: ${reason}.` }] };
  }
  const checked = schema.safeParse(table);
  const problems = checked.success ? [] : checked.error.issues.flatMap((issue) => describeIssue(issue, table, toml));
  const bad = new Set(problems.map(({ key }) => key?.split(".")[0]));
  const values = new Map<SettingKey, { value: unknown; line: number | undefined }>();
  for (const key of settingKeys) {
    const raw = table[key] as RawValue | undefined;
    if (raw === undefined || bad.has(key)) continue;
    const setting: Setting = settings[key];
    const line = findLine(toml, [key]);
    try {
      const value = readValue(setting, raw, key);
      values.set(key, { line, value: setting.type === "path" ? resolvePath(String(value), file, home) : value });
    } catch (error) {
      if (!isCodexError(error)) throw error;
      problems.push({ key, ...(line !== undefined && { line }), message: error.message });
    }
  }
  return { values, problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

/**
 * A config.toml without what a parser stops at: the whole text where it is TOML, else the line that names the state folder.
 */
export function findReadableText(toml: string): string {
  try {
    parse(toml);
    return toml;
  } catch {
    return /^[ \t]*state_dir[ \t]*=[^\n]*$/m.exec(toml)?.[0] ?? "";
  }
}

/** By type, what a value has to be, for zod and for people. */
const shapes = {
  text: [z.string(), "a text in quotes"],
  path: [z.string().check(z.minLength(1)), "a path in quotes"],
  number: [z.int(), "a whole number, without quotes"],
  switch: [z.boolean(), "true or false"],
  list: [z.array(z.string()), 'a list of texts, such as ["one", "two"]'],
  map: [z.record(z.string(), z.string()), 'a table of texts, such as { fast = "gpt-6-luna-low" }'],
} as const;

const schema = z.strictObject(Object.fromEntries(settingKeys.map((key) => [key, z.optional(schemaOf(settings[key]))])));

function schemaOf(setting: Setting) {
  if (setting.type === "text" && setting.takesWords) return z.union([z.string(), z.boolean(), z.int()]);
  const takesNumbers = setting.type === "map" && setting.takesNumbers === true;
  return takesNumbers ? z.record(z.string(), z.union([z.string(), z.number()])) : shapes[setting.type][0];
}

type Issue = z.core.$ZodIssue;

function describeIssue(issue: Issue, table: object, toml: string): ConfigProblem[] {
  const path = issue.path.map(String);
  const at = (key: readonly string[]) => {
    const line = findLine(toml, key);
    return { key: key.join("."), ...(line !== undefined && { line }) };
  };
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ ...at([...path, key]), message: unknownKey(key) }));
  }
  const key = path[0] as SettingKey;
  const setting: Setting = settings[key];
  const rest = path.length === 1 ? key : `${key} (at ${path.slice(1).join(".")})`;
  const given = path.reduce<unknown>((value, part) => (value as Record<string, unknown>)?.[part], table);
  const shown = setting.secret ? "" : `, not ${JSON.stringify(given)?.slice(0, 80)}`;
  return [{ ...at(path), message: `${rest} is ${shapes[setting.type][1]}${shown}.` }];
}

/** A typo is near to the key that was meant; what is far from all of them is not guessed at. */
function unknownKey(key: string): string {
  const dashed = key.replaceAll("-", "_").toLowerCase();
  const byFlag = settingKeys.find((known) => (settings[known] as Setting).flag?.replaceAll("-", "_") === dashed);
  const [closest = ""] = closestModels(
    dashed,
    settingKeys.map((slug) => ({ slug })),
    1,
  );
  const guess = byFlag ?? (isNear(dashed, closest) ? closest : undefined);
  const hint = guess === undefined ? `There are: ${settingKeys.join(", ")}.` : `Did you mean ${guess}?`;
  return `there is no setting ${quote(key)}. ${hint}`;
}

/** Whether most letters are the same, in whatever order: typing errors swap, miss or double some. */
function isNear(a: string, b: string): boolean {
  const left = [...b];
  const same = [...a].filter((letter) => {
    const at = left.indexOf(letter);
    if (at !== -1) left.splice(at, 1);
    return at !== -1;
  }).length;
  return same * 4 >= Math.max(a.length, b.length) * 3;
}

function resolvePath(path: string, file: string, home: string): string {
  if (path === "~" || path.startsWith("~/")) return join(home, path.slice(1));
  return isAbsolute(path) ? path : resolve(dirname(file), path);
}
