import type { LoadedState } from "@codex/proxy";
import type { Terminal } from "../terminal.js";

/** Makes a key for callers of the proxy and prints it, this once: only its hash is kept. */
export async function createKey(
  { keys }: Pick<LoadedState, "keys">,
  terminal: Terminal,
  name: string | undefined,
  options: { json?: boolean },
): Promise<number> {
  const { key, stored } = await keys.create(name);
  if (options.json) {
    await terminal.print(`${JSON.stringify({ key, name: stored.name, created: stored.created }, null, 2)}\n`);
  } else {
    terminal.note(`The key ${stored.name}; it is shown this once. A running proxy takes it from now on.\n`);
    await terminal.print(`${key}\n`);
  }
  return 0;
}

/** Prints the names of the keys that a proxy takes: those that are kept, and those of the settings. */
export async function listKeys(
  { keys, apiKeys: given }: Pick<LoadedState, "keys" | "apiKeys">,
  terminal: Terminal,
  options: { json?: boolean },
): Promise<number> {
  const stored = await keys.list();
  const others = Array.isArray(given.value) ? given.value.length : 0;
  if (options.json) {
    const list = stored.map(({ name, created }) => ({ name, created }));
    const more = { count: others, from: given.from ?? null };
    await terminal.print(`${JSON.stringify({ file: keys.file, keys: list, api_keys: more }, null, 2)}\n`);
    return 0;
  }
  const width = Math.max(0, ...stored.map(({ name }) => name.length)) + 2;
  const { colors } = terminal;
  for (const { name, created } of stored) {
    await terminal.print(`${colors.bold(name.padEnd(width))}made ${created.slice(0, 16).replace("T", " ")} UTC\n`);
  }
  if (others > 0) terminal.note(`And ${others} of the settings (${given.from}).\n`);
  if (stored.length + others === 0) terminal.note("There are no keys: any is taken, on this machine only.\n");
  return 0;
}

/** Takes a key away. Throws `not_found` when there is none of that name. */
export async function removeKey({ keys }: Pick<LoadedState, "keys">, terminal: Terminal, name: string) {
  await keys.remove(name);
  terminal.note(`The key ${name} is gone; a running proxy refuses it from now on.\n`);
  return 0;
}
