import { type LoginStatus, logout } from "@codex/auth";
import { CodexError } from "@codex/errors";
import type { CodexClientOptions } from "@codex/provider";
import type { Login } from "@codex/proxy";
import type { Terminal } from "../terminal.js";
import { requireStore } from "./login.js";

/**
 * Revokes and removes a login, a shared one only after asking. Throws `request_invalid` where nobody can be asked, and
 * an AuthError when the login cannot be removed.
 */
export async function logOut(
  login: Login,
  endpoints: Pick<CodexClientOptions, "issuer" | "refreshTokenUrl">,
  terminal: Terminal,
  flags: { yes?: boolean },
  signal: AbortSignal,
): Promise<number> {
  const store = requireStore(login);
  const status = await login.session.status();
  if (status.state === "absent") {
    await terminal.say(`There is no login to remove in ${status.location}.\n`);
    return 0;
  }
  if (status.state === "keyring_only") throw new CodexError("auth_missing", status.problem ?? "The keyring is closed.");
  if (!login.isOwn && flags.yes !== true && !(await confirm(login, status, terminal, signal))) {
    terminal.note("Nothing was removed.\n");
    return 1;
  }
  const { removed, revoked } = await logout({ store, ...endpoints, signal });
  if (!removed) await terminal.say("Another program has removed the login in the meantime.\n");
  else await terminal.say(`Removed the login${nameOwner(status)} from ${status.location}.\n`);
  if (revoked) await terminal.say("The issuer has revoked it.\n");
  else if (removed) terminal.note(describeRest(status));
  return 0;
}

async function confirm(
  { isShared }: Login,
  status: LoginStatus,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  const what = `the login${nameOwner(status)} in ${status.location}`;
  const users = isShared ? "The Codex CLI and others that use it" : "Others that use it, the Codex CLI perhaps,";
  if (!terminal.canAsk) {
    throw new CodexError(
      "request_invalid",
      `This removes ${what}. ${users} are signed out as well. Add --yes if that is meant.`,
    );
  }
  terminal.note(`Remove ${what}?\n${users} are signed out as well. [y/N] `);
  const answer = (await terminal.readLine(signal)) ?? "";
  signal.throwIfAborted();
  return /^y(es)?$/i.test(answer.trim());
}

function nameOwner({ email, accountId }: LoginStatus): string {
  const who = email ?? accountId;
  return who === undefined ? "" : ` of ${who}`;
}

function describeRest({ expiresAt }: LoginStatus): string {
  const until = expiresAt === undefined ? "they expire" : `${new Date(expiresAt).toISOString().slice(0, 10)}`;
  return `The issuer could not be told. Copies of these tokens, if there are any, work until ${until}; end the session in ChatGPT's settings.\n`;
}
