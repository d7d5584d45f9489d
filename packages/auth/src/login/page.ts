import { isAuthError } from "../auth-error.js";
import type { Credentials } from "../credentials.js";

/** How a login ended, for the person who looks at the browser. */
export interface LoginPage {
  status: number;
  title: string;
  text: string;
  good: boolean;
}

/** The page for a login that is stored. */
export function describeSuccess({ email, planType }: Credentials): LoginPage {
  const who = email === undefined ? "" : ` as ${email}`;
  const plan = planType === undefined ? "" : ` (plan ${planType})`;
  return {
    status: 200,
    title: "You are signed in",
    text: `Signed in${who}${plan}. You can close this page and go back to your terminal.`,
    good: true,
  };
}

/** The page for a login that was refused, or that failed; the terminal says the same. */
export function describeFailure(error: unknown): LoginPage {
  const text = isAuthError(error) ? error.message : "Something failed. Your terminal says more.";
  const denied = isAuthError(error) && error.reason === "login_denied";
  return { status: denied ? 403 : 500, title: denied ? "Login refused" : "Login failed", text, good: false };
}

/** A small page without anything from outside: it may not even load a script. */
export function renderPage({ title, text, good }: LoginPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText;
    font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 26rem; margin: 1.5rem; padding: 2.5rem; text-align: center; border-radius: 1rem;
    border: 1px solid color-mix(in srgb, CanvasText 15%, transparent); }
  svg { width: 4rem; height: 4rem; color: ${good ? "#16a34a" : "#dc2626"}; }
  h1 { margin: 1rem 0 .5rem; font-size: 1.4rem; }
  p { margin: 0; opacity: .8; }
</style>
</head>
<body>
<main>
<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true">
<circle cx="12" cy="12" r="10"/><path d="${good ? "M8 12.5l2.7 2.7L16 9.5" : "M9 9l6 6M15 9l-6 6"}"/></svg>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(text)}</p>
</main>
</body>
</html>
`;
}

/** Headers that keep the page, and the address that it was called by, to itself. */
export const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  connection: "close",
} as const;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
