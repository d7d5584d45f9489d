import type { LoginState, LoginStatus } from "@codex/auth";
import type { Login } from "@codex/proxy";
import type { Terminal } from "../terminal.js";

/** One exit code for each state, so that scripts can tell them apart. */
export const statusExitCodes: Readonly<Record<LoginState, number>> = {
  signed_in: 0,
  expired: 3,
  absent: 4,
  keyring_only: 5,
  broken: 6,
  unreadable: 6,
};

const words: Readonly<Record<LoginState, string>> = {
  signed_in: "Signed in",
  expired: "Expired",
  absent: "Not signed in",
  keyring_only: "Not signed in here: the Codex CLI keeps its login where it cannot be read",
  broken: "The login file is broken",
  unreadable: "The login file cannot be read",
};

/** Which locks a renewal takes here. */
export const lockWords: Readonly<Record<LoginStatus["lock"], string | undefined>> = {
  flock: "flock, as the Codex CLI takes it, and our lock file",
  heartbeat: "our lock file alone: weaker, the Codex CLI does not know it",
  none: undefined,
};

/** Prints how the login stands, and gives the exit code for it. */
export async function showStatus(login: Login, terminal: Terminal, options: { json?: boolean }, now: number) {
  const status = await login.session.status();
  if (options.json) await terminal.print(`${JSON.stringify(encodeStatus(status, login), null, 2)}\n`);
  else await terminal.say(describe(status, login, terminal, now));
  return statusExitCodes[status.state];
}

/** The stable form for scripts: every key is always there, times are ISO 8601. */
export function encodeStatus(status: LoginStatus, login: NamedLogin) {
  return {
    state: status.state,
    profile: login.profile ?? null,
    email: status.email ?? null,
    plan: status.planType ?? null,
    account_id: status.accountId ?? null,
    expires_at: toIso(status.expiresAt),
    last_refresh: toIso(status.lastRefresh),
    renewable: status.renewable,
    store: status.store,
    location: status.location,
    layout: status.layout ?? null,
    lock: status.lock,
    warnings: status.warnings,
    problem: status.problem ?? null,
    next_command: findNextCommand(status, login) ?? null,
  };
}

/** A login as far as a command line has to name it. */
type NamedLogin = Pick<Login, "profile" | "namedFile" | "store">;

/** What to run next; nothing where all is well, or where no command of ours helps. */
function findNextCommand({ state, problem }: LoginStatus, login: NamedLogin): string | undefined {
  if (problem === undefined || login.store === undefined) return undefined;
  if (state === "keyring_only" || state === "unreadable") return undefined;
  if (login.profile !== undefined) return `codex-oauth login --profile ${login.profile}`;
  if (login.namedFile !== undefined) return `codex-oauth login --auth-file ${quoteForShell(login.namedFile)}`;
  return "codex-oauth login";
}

function quoteForShell(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function describe(status: LoginStatus, login: Login, { colors }: Terminal, now: number): string {
  const who = status.email ?? status.accountId;
  const isGood = status.state === "signed_in";
  const head = isGood && who !== undefined ? `${words.signed_in} as ${who}` : words[status.state];
  const rows: [string, string | undefined][] = [
    ["Plan", status.planType],
    ["Account", status.accountId],
    ["Token", describeExpiry(status, now)],
    ["Profile", login.profile],
    ["Login", status.location],
    ["Store", describeStore(status, login)],
    ["Lock", lockWords[status.lock]],
    ...status.warnings.map((warning): [string, string] => ["Note", warning]),
  ];
  const next = findNextCommand(status, login);
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : `  ${colors.dim(name.padEnd(9))}${value}`));
  const command = next === undefined ? "" : `Next: ${colors.bold(next)}\n`;
  const problem = status.problem === undefined ? "" : `\n${status.problem}\n${command}`;
  return `${(isGood ? colors.green : colors.yellow)(head)}\n${lines.join("\n")}\n${problem}`;
}

function describeStore({ store }: LoginStatus, { isOwn, isShared }: Login): string {
  const owner = isOwn ? "ours alone" : isShared ? "shared with the Codex CLI" : "of your choice";
  const kinds: Record<LoginStatus["store"], string> = {
    file: `a file, ${owner}`,
    encrypted: `an encrypted file, ${owner}`,
    keyring: `the system's keyring, ${owner}`,
    memory: "this process",
    environment: "the environment, for this process",
  };
  return kinds[store];
}

/** When the token ends and what happens then, in words; nothing where the token does not say when. */
export function describeExpiry({ expiresAt, renewable }: LoginStatus, now: number): string | undefined {
  if (expiresAt === undefined) return undefined;
  const renewal = renewable ? ", renewed by itself" : ", cannot be renewed";
  const date = new Date(expiresAt).toISOString().replace("T", " ").slice(0, 16);
  const past = expiresAt <= now;
  return `${past ? "expired" : "expires"} ${date} UTC (${describeSpan(Math.abs(expiresAt - now), past)})${renewal}`;
}

function describeSpan(ms: number, past: boolean): string {
  const minutes = Math.floor(ms / 60_000);
  const [count, unit] =
    minutes < 120
      ? [minutes, "minute"]
      : minutes < 2880
        ? [Math.floor(minutes / 60), "hour"]
        : [Math.floor(minutes / 1440), "day"];
  const text = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return past ? `${text} ago` : `in ${text}`;
}

function toIso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
