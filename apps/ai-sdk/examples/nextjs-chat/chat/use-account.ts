import { useCallback, useEffect, useState } from "react";
import type { Account } from "./account";
import { readFailure } from "./failure";

/** How long what is known of the account counts as fresh when the person comes back to the page. */
const freshMs = 60_000;

/**
 * The account, asked for when the page opens, and again when the person comes back to it: after a minute, or at once
 * while there is something wrong, such as a login that was renewed meanwhile in a terminal.
 */
export function useAccount(): { account: Account | undefined; reload: () => Promise<void> } {
  const [held, setHeld] = useState<{ account: Account; at: number }>();

  const reload = useCallback(async () => {
    const account = await fetchAccount();
    setHeld({ account, at: Date.now() });
  }, []);

  useEffect(() => {
    void reload();
  }, [reload]);

  useEffect(() => {
    const lookAgain = () => {
      if (document.visibilityState !== "visible" || held === undefined) return;
      if (held.account.failure !== undefined || Date.now() - held.at > freshMs) void reload();
    };
    window.addEventListener("focus", lookAgain);
    document.addEventListener("visibilitychange", lookAgain);
    return () => {
      window.removeEventListener("focus", lookAgain);
      document.removeEventListener("visibilitychange", lookAgain);
    };
  }, [held, reload]);

  return { account: held?.account, reload };
}

async function fetchAccount(): Promise<Account> {
  try {
    const response = await fetch("/api/account");
    if (response.ok) return (await response.json()) as Account;
    return { models: [], failure: readFailure(await response.text()) };
  } catch (error) {
    return { models: [], failure: readFailure(String(error)) };
  }
}
