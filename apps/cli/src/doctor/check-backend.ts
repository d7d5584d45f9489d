import { toCodexError } from "@codex/errors";
import { type CodexClientOptions, createCodexClient, defaultBaseUrl } from "@codex/provider";
import type { LoadedSettings } from "@codex/proxy";
import { lockWords } from "../commands/status.js";
import type { Check } from "./check.js";

const limitMs = 10_000;

/** How the login stands; renews nothing. */
export async function checkLogin({ login }: Pick<LoadedSettings, "login">, now = Date.now()): Promise<Check> {
  const name = "login";
  const { state, email, accountId, planType, location, lock, problem, expiresAt, renewable, warnings } =
    await login.session.status();
  if (state !== "signed_in" || problem !== undefined) {
    const message = problem ?? state.replace("_", " ");
    return { name, outcome: "fail", message, next: "codex-oauth login" };
  }
  const plan = planType === undefined ? "" : `, plan ${planType}`;
  const locks = lockWords[lock] === undefined ? "" : `; locked by ${lockWords[lock]}`;
  const message = `${email ?? accountId ?? "signed in"}${plan} (${location}${locks})`;
  if (expiresAt !== undefined && !renewable && expiresAt - now < 60 * 60 * 1000) {
    return {
      name,
      outcome: "warn",
      message: `${message}: ends within the hour, cannot be renewed`,
      next: "codex-oauth login",
    };
  }
  const [warning] = warnings;
  return warning === undefined
    ? { name, outcome: "pass", message }
    : { name, outcome: "warn", message: `${message}: ${warning}` };
}

/** Whether the backend can be reached and takes the login: asks for the account's models. */
export async function checkBackend(options: CodexClientOptions): Promise<{ check: Check; model?: string }> {
  const name = "backend";
  const where = new URL(options.baseUrl ?? defaultBaseUrl).host;
  let failure: unknown;
  const client = createCodexClient({
    ...options,
    onWarning: (error) => {
      failure = error;
    },
  });
  try {
    const models = await client.models.list(AbortSignal.timeout(limitMs));
    const listed = models.filter(({ visibility }) => visibility === "list");
    const [first] = listed;
    const model = first === undefined ? {} : { model: first.slug };
    if (client.models.source() !== "bundled") {
      return { check: { name, outcome: "pass", message: `${where} answers: ${listed.length} models` }, ...model };
    }
    const { message, code } = toCodexError(failure);
    // What is wrong with the login, and what to do about it, stands in the line above.
    if (code === "auth_missing") {
      return { check: { name, outcome: "warn", message: `${where} was not asked, without a login` }, ...model };
    }
    const isRefused = code === "auth_expired" || code === "auth_changed";
    const next = isRefused ? "codex-oauth login" : "Check the network, HTTPS_PROXY and --base-url.";
    return { check: { name, outcome: "fail", message: `${where}: ${message}`, next }, ...model };
  } finally {
    await client.close();
  }
}

/** This machine's clock against the `Date` of the backend's answer: tokens are judged by it. */
export async function checkClock(options: CodexClientOptions, now: () => number = Date.now): Promise<Check> {
  const name = "clock";
  const url = options.baseUrl ?? defaultBaseUrl;
  try {
    const signal = AbortSignal.timeout(limitMs);
    const answer = await fetch(url, { method: "HEAD", redirect: "manual", signal });
    await answer.body?.cancel();
    const told = Date.parse(answer.headers.get("date") ?? "");
    if (Number.isNaN(told)) return { name, outcome: "warn", message: "The backend does not tell the time" };
    const seconds = Math.round((now() - told) / 1000);
    const off = Math.abs(seconds);
    if (off <= 60) return { name, outcome: "pass", message: `within ${Math.max(off, 1)} s of the backend's` };
    const message = `${off} s ${seconds > 0 ? "ahead of" : "behind"} the backend's`;
    return { name, outcome: off > 300 ? "fail" : "warn", message, next: "Set it by network time (NTP)." };
  } catch {
    const isProxied = options.environmentProxy?.httpsProxy !== undefined;
    const why = isProxied ? "only looked at without the proxy of HTTPS_PROXY" : "no answer";
    return { name, outcome: "warn", message: `not compared with the backend's: ${why}` };
  }
}
