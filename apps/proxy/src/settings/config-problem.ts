import { CodexError } from "@codex/errors";

/** Something invalid in config.toml. */
export interface ConfigProblem {
  /** The key as it is written; absent for what is no TOML. */
  key?: string;
  /** Counted from 1. */
  line?: number;
  /** One sentence that says what is right. */
  message: string;
}

/** What is wrong with a config.toml, all of it; the message has the first. */
export class ConfigFileError extends CodexError {
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const [first] = problems;
    const more = problems.length < 2 ? "" : ` And ${problems.length - 1} more: \`codex-oauth config check\` lists all.`;
    super("request_invalid", `${first === undefined ? file : describeProblem(file, first)}${more}`);
    this.file = file;
    this.problems = problems;
  }
}

/** `file:line: message`, as editors understand it. */
export function describeProblem(file: string, { line, message }: ConfigProblem): string {
  return `${file}${line === undefined ? "" : `:${line}`}: ${message}`;
}
