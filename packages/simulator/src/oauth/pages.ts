import type { PlainReply } from "../http/reply.js";

/** A page of the issuer, small and without scripts. `body` is HTML; texts in it must be escaped before. */
export function page(status: number, title: string, body: string): PlainReply {
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; --ink: #16181d; --soft: #626a78; --paper: #fff; --back: #f3f4f7; --line: #dfe2e8; --accent: #2858d8; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef2; --soft: #9aa3b2; --paper: #1a1d24; --back: #111318; --line: #2d323d; --accent: #7da2ff; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: min(26rem, calc(100vw - 2rem)); padding: 2rem; background: var(--paper); border: 1px solid var(--line); border-radius: 14px; }
h1 { margin: 0 0 .5rem; font-size: 1.3rem; }
p { margin: 0 0 1rem; color: var(--soft); }
ul { margin: 0 0 1.5rem; padding-left: 1.2rem; color: var(--soft); }
strong, code { color: var(--ink); }
form { display: flex; gap: .75rem; flex-wrap: wrap; }
label { width: 100%; font-size: .9rem; color: var(--soft); }
input { width: 100%; padding: .65rem .8rem; font: inherit; letter-spacing: .12em; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 9px; }
button { flex: 1; padding: .65rem 1rem; font: inherit; font-weight: 600; border: 1px solid var(--line); border-radius: 9px; background: transparent; color: inherit; cursor: pointer; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--paper); }
button:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
footer { margin-top: 1.5rem; font-size: .8rem; color: var(--soft); }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
<footer>Codex simulator: nothing here is a real account.</footer>
</main>
</body>
</html>
`,
  };
}

/** Makes a text safe to stand in HTML, in attributes too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
