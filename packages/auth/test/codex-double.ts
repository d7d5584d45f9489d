/**
 * What the Codex CLI 0.169 does to a login that it shares: it posts without a lock, then takes both locks, adopts a
 * token that has appeared meanwhile and discards its own, or writes, dropping every key that it does not know.
 */
import { open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadFlock } from "../src/locks/flock.js";

interface Login {
  auth_mode?: string;
  tokens: { id_token: string; access_token: string; refresh_token: string; account_id: string };
  last_refresh: string;
}

const { path, tokenUrl } = JSON.parse(process.argv[2] ?? "{}") as { path: string; tokenUrl: string };
const say = (line: unknown) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const load = async () => JSON.parse(await readFile(path, "utf8")) as Login;

async function lock(file: string): Promise<() => Promise<void>> {
  const flock = await loadFlock();
  if (flock === undefined) throw new Error("flock is needed");
  const handle = await open(file, "a", 0o600);
  for (;;) {
    try {
      flock(handle.fd, "exnb");
      return () => handle.close();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

async function refresh(): Promise<string> {
  const before = await load();
  const response = await fetch(tokenUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
      grant_type: "refresh_token",
      refresh_token: before.tokens.refresh_token,
    }),
  });
  if (!response.ok) return `refused ${response.status}`;
  const fresh = (await response.json()) as Login["tokens"];
  const free = [await lock(join(dirname(path), "auth.lock")), await lock(`${path}.lock`)];
  try {
    const now = await load();
    if (now.tokens.access_token !== before.tokens.access_token) return "adopted";
    const { account_id } = now.tokens;
    const { id_token, access_token, refresh_token } = fresh;
    const tokens = { id_token, access_token, refresh_token, account_id };
    const text = JSON.stringify(
      { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens, last_refresh: new Date() },
      null,
      2,
    );
    const temporary = join(dirname(path), `.auth-${Math.random().toString(36).slice(2, 8)}`);
    const handle = await open(temporary, "wx", 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await rename(temporary, path);
    return "written";
  } finally {
    for (const release of free.reverse()) await release();
  }
}

/** Whether the token in the file has more than five minutes left: then it is used as it is, without a call. */
async function isFresh(): Promise<boolean> {
  const payload = (await load()).tokens.access_token.split(".")[1] as string;
  const { exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { exp: number };
  return exp * 1000 > Date.now() + 300_000;
}

say({ ready: true });
// `go`: renew, as after a 401. `use`: renew only what is due.
process.stdin.on("data", async (line) => {
  const work = async () => (String(line).startsWith("use") && (await isFresh()) ? "fresh" : await refresh());
  say({ done: await work().catch((error: Error) => error.message) });
});
