import type { ReceivedRequest, Simulator } from "../../src/index.js";
import type { CodexHome, CodexRun } from "./codex-cli.js";

/** What the checks share. */
export interface Verification {
  simulator: Simulator;
  home: CodexHome;
  /** Notes one check and prints its line. */
  check(what: string, holds: boolean, found?: unknown): void;
}

export const responsesPath = "/backend-api/codex/responses";

/** No git repository is needed, and no sandbox: that of the CLI does not work in every container. */
export const execFlags = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"];

/** A prompt that says what to answer. */
export function say(script: object): string {
  return `SIM${JSON.stringify(script)}`;
}

/** The posts to `/responses` among these requests. */
export function posts(requests: readonly ReceivedRequest[]): ReceivedRequest[] {
  return requests.filter((request) => request.method === "POST" && request.path === responsesPath);
}

/** The refreshes and the answers to posts, in order, e.g. `401 refresh 200`. */
export function steps(requests: readonly ReceivedRequest[]): string {
  return requests
    .filter((request) => request.path === "/oauth/token" || (request.path === responsesPath && !request.upgrade))
    .map((request) => (request.path === "/oauth/token" ? "refresh" : request.status))
    .join(" ");
}

/** The input items of a post. */
export function inputOf(request: ReceivedRequest | undefined): Record<string, unknown>[] {
  const body = request?.body as { input?: Record<string, unknown>[] } | undefined;
  return body?.input ?? [];
}

/** The two checks that every run of the CLI must pass. */
export function checkAnswer({ check }: Verification, run: CodexRun, answer: string): void {
  check("the CLI ends with 0", run.code === 0, run.stderr.slice(-500));
  check("it prints the answer", run.stdout.includes(answer), run.stdout);
}
