import { type CredentialStore, type Credentials, loginWithBrowser, loginWithDevice } from "@codex/auth";
import { CodexError } from "@codex/errors";
import type { CodexClientOptions } from "@codex/provider";
import type { Login } from "@codex/proxy";
import type { Terminal } from "../terminal.js";

export interface LoginFlags {
  /** By a code that is entered in any browser. */
  device?: boolean;
  /** `false`: print the page's address only. */
  open?: boolean;
  /** How long the person may take, in seconds. Default: 600, with a device code 900. */
  timeout?: number;
  /** Where the browser comes back to; default 1455 and 1457, the ones that the issuer knows. For tests. */
  ports?: number[];
}

/** The edges of a login: which issuer, and how to open a page; absent where a page would not be seen. */
export interface LoginEdges extends Pick<CodexClientOptions, "issuer"> {
  openPage?: (url: string) => Promise<void>;
}

/** Logs in and stores the login. Throws an AuthError that says how it ended instead. */
export async function logIn(
  login: Login,
  edges: LoginEdges,
  terminal: Terminal,
  flags: LoginFlags,
  signal: AbortSignal,
): Promise<number> {
  const store = requireStore(login);
  const before = await store.read().catch(() => undefined);
  const shared = {
    store,
    issuer: edges.issuer,
    signal,
    ...(flags.timeout !== undefined && { timeoutMs: flags.timeout * 1000 }),
  };
  try {
    const credentials = flags.device
      ? await loginWithDevice({ ...shared, onCode: (code) => void showCode(code, terminal) })
      : await loginWithBrowser({
          ...shared,
          ports: flags.ports,
          onUrl: (url) => showPage(url, flags.open === false ? undefined : edges.openPage, terminal),
          paste: (question) => readPaste(question, terminal),
        });
    await terminal.say(describeLogin(credentials, before, login, store, terminal));
    return 0;
  } catch (error) {
    if (signal.aborted) terminal.note("\nThe login was interrupted. Run the same command to start it again.\n");
    throw error;
  }
}

/** The store of the login. Throws `request_invalid` where CODEX_ACCESS_TOKEN stands in place of one. */
export function requireStore({ store }: Login): CredentialStore {
  if (store !== undefined) return store;
  throw new CodexError(
    "request_invalid",
    "CODEX_ACCESS_TOKEN is set and used in place of a stored login. Unset it first, or name a login with --profile or --auth-file.",
  );
}

async function showPage(url: string, open: LoginEdges["openPage"], terminal: Terminal): Promise<void> {
  const { colors, noteColors } = terminal;
  const lead = open === undefined ? "Open this page to sign in:" : "Your browser opens this page to sign in:";
  await terminal.say(`${colors.bold(lead)}\n\n  ${url}\n\n`);
  terminal.note(
    noteColors.dim(
      "Is the browser on another machine? Then the last page cannot be shown there: paste its address here and press Enter.\n",
    ),
  );
  await open?.(url).catch(() => terminal.note("The browser could not be started. Open the page yourself.\n"));
}

async function showCode(code: { userCode: string; verificationUrl: string; expiresAt: number }, terminal: Terminal) {
  const { colors } = terminal;
  const minutes = Math.max(1, Math.round((code.expiresAt - Date.now()) / 60_000));
  await terminal.say(
    `Open ${colors.bold(code.verificationUrl)} in any browser and enter this code within ${minutes} min:\n\n  ${colors.bold(code.userCode)}\n\n`,
  );
  terminal.note(terminal.noteColors.dim("Enter it only if you started this login yourself.\n"));
}

async function readPaste(
  { problem, signal }: { problem?: string | undefined; signal: AbortSignal },
  terminal: Terminal,
): Promise<string> {
  if (problem !== undefined) terminal.note(`${problem} Paste it again:\n`);
  for (;;) {
    const line = await terminal.readLine(signal);
    // Nobody can paste here: the browser alone ends the login, or the time limit.
    if (line === undefined) return await new Promise((_resolve, reject) => onAbort(signal, reject));
    if (line.trim() !== "") return line;
  }
}

function onAbort(signal: AbortSignal, act: (reason: unknown) => void): void {
  if (signal.aborted) act(signal.reason);
  else signal.addEventListener("abort", () => act(signal.reason), { once: true });
}

function describeLogin(
  { email, accountId, planType }: Credentials,
  before: Credentials | undefined,
  { profile, isShared }: Login,
  store: CredentialStore,
  { colors }: Terminal,
): string {
  const who = email ?? accountId;
  const plan = planType === undefined ? "" : ` (plan ${planType})`;
  const head = `Signed in${who === undefined ? "" : ` as ${who}`}${plan}.`;
  const whose = isShared ? ", where the Codex CLI finds it as well" : "";
  const where = `Stored in ${store.describe().location}${profile === undefined ? "" : `, profile ${profile}`}${whose}.`;
  const replaced =
    before === undefined || before.accountId === accountId
      ? ""
      : `It has replaced the login of ${before.email ?? before.accountId ?? "another account"}.\n`;
  return `${colors.green(head)}\n${where}\n${replaced}`;
}
