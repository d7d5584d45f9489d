import { AuthError } from "./auth-error.js";

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

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
  const safe = parsed.protocol === "https:" || (parsed.protocol === "http:" && loopback.test(parsed.hostname));
  if (safe && parsed.username === "" && parsed.password === "") return parsed;
  throw new AuthError(
    "insecure_url",
    `${name} points to ${parsed.protocol}//${parsed.host}: a login is sent over https, or to this machine only, and never to a URL that carries a password. Use an https URL.`,
  );
}
