import type { CredentialStore, LoginStatus } from "@codex/auth";
import type { Login } from "@codex/proxy";
import type { Terminal } from "../terminal.js";
import { describeExpiry, encodeStatus } from "./status.js";

interface Row {
  entry: { profile: string; store: CredentialStore };
  isCurrent: boolean;
  status: LoginStatus;
}

/** Lists the profiles that hold a login, and how each stands. */
export async function showProfiles(login: Login, terminal: Terminal, options: { json?: boolean }, now: number) {
  const rows = await Promise.all(
    (await login.profiles()).map(async (entry) => ({
      entry,
      isCurrent: entry.profile === login.profile,
      status: await entry.session.status().finally(() => entry.session.close()),
    })),
  );
  if (options.json) {
    const list = rows.map(({ entry, isCurrent, status }) => ({ current: isCurrent, ...encodeStatus(status, entry) }));
    await terminal.print(`${JSON.stringify(list, null, 2)}\n`);
  } else if (rows.length > 0) await terminal.print(describeRows(rows, terminal, now));
  else terminal.note("There are no profiles. Make one with `codex-oauth login --profile NAME`.\n");
  return 0;
}

function describeRows(rows: readonly Row[], { colors }: Terminal, now: number): string {
  const width = Math.max(...rows.map(({ entry }) => entry.profile.length)) + 2;
  const lines = rows.map(({ entry, isCurrent, status }) => {
    const { state, email, accountId, planType } = status;
    const who = email ?? accountId ?? "";
    const how = state === "signed_in" ? (describeExpiry(status, now) ?? "signed in") : state.replace("_", " ");
    const parts = [who, planType, how].filter((part) => part !== undefined && part !== "").join(", ");
    return `${isCurrent ? "* " : "  "}${colors.bold(entry.profile.padEnd(width))}${parts}`;
  });
  return `${lines.join("\n")}\n`;
}
