import type { OpenKeyringEntry } from "@codex/auth";

/** A keyring in memory that can be locked, for what the real one cannot be made to do. */
export function createFakeKeyring() {
  const items = new Map<string, string>();
  const keyring = {
    items,
    /** The words of the error that every use ends with. */
    failure: undefined as string | undefined,
    open: (async (service, account) => {
      const name = `${service}/${account}`;
      const check = () => {
        if (keyring.failure !== undefined) throw Object.assign(new Error(keyring.failure), { code: "GenericFailure" });
      };
      return {
        getPassword: async () => {
          check();
          return items.get(name) ?? null;
        },
        setPassword: async (secret) => {
          check();
          items.set(name, secret);
        },
        deletePassword: async () => {
          check();
          return items.delete(name);
        },
      };
    }) as OpenKeyringEntry,
  };
  return keyring;
}
