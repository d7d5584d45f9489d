// Loaded at the start: a late import failed to resolve (Node 20) while a paste was awaited on a piped stdin.
import open from "open";
import type { Environment } from "./config.js";

/**
 * Whether a page that is opened here would be seen by the person: not over ssh, and on Linux not without a display,
 * where a text browser would take the terminal instead.
 */
export function canOpenPage(env: Environment, system: NodeJS.Platform): boolean {
  const isSet = (name: string) => (env[name] ?? "") !== "";
  if (["SSH_CONNECTION", "SSH_TTY"].some(isSet)) return false;
  return system !== "linux" || ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].some(isSet);
}

/** Opens a page in the person's browser. Nobody learns whether that worked, so print its address as well. */
export async function openPage(url: string): Promise<void> {
  const child = await open(url);
  child.on("error", () => {});
  child.unref();
}
