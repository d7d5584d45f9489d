import { isIPv4 } from "node:net";
import { AuthError } from "./auth-error.js";

/** Whether a name or address, without port, is this machine: `localhost`, 127.0.0.0/8, `::1`. */
export function isLoopback(name: string): boolean {
  if (name === "127.0.0.1" || name === "localhost" || name === "::1" || name === "[::1]") return true;
  return name.startsWith("127.") && isIPv4(name);
}

/**
 * Returns the URL if a token may be sent there: https, or this machine itself.
 * Throws an AuthError (`insecure_url`) otherwise; `name` says in the message where the URL came from.
 */
export function requireSafeUrl(url: string, name: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new AuthError("insecure_url", `${name} is not a URL. Correct it, or unset it to use the default.`);
  }
  const safe = parsed.protocol === "https:" || (parsed.protocol === "http:" && isLoopback(parsed.hostname));
  if (safe && parsed.username === "" && parsed.password === "") return parsed;
  throw new AuthError(
    "insecure_url",
    `${name} points to ${parsed.protocol}//${parsed.host}: a login is sent over https, or to this machine only, and never to a URL that carries a password. Use an https URL.`,
  );
}
