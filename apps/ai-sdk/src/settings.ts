import type { CredentialStore, Session } from "@codex/auth";
import type { CodexClientOptions, RateLimits } from "@codex/provider";

/** How a provider is made. Everything is optional; nothing is read before the first call. */
export interface CodexSettings {
  /** A login in use, e.g. of `createInjectedSession`. Default: one on `store`. */
  session?: Session | undefined;
  /** Where a login is kept. Default: `authFile`. */
  store?: CredentialStore | undefined;
  /** One of several logins of the same person, made by `codex-oauth login --profile`. Default: CODEX_PROFILE. */
  profile?: string | undefined;
  /** The login file. Default: CODEX_AUTH_FILE, else the Codex CLI's own login, wherever that is. */
  authFile?: string | undefined;
  /** The backend. Default: CODEX_BASE_URL, else `https://chatgpt.com/backend-api/codex`. https, or http to this machine. */
  baseURL?: string | undefined;
  /** Names of the app's own for models, e.g. `{ fast: "gpt-6-luna-low" }`. Default: CODEX_MODEL_ALIASES. */
  aliases?: Readonly<Record<string, string>> | undefined;
  /** More headers for every request to the backend; of ours `x-codex-strict: 1` refuses what would be adjusted. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Carries every request, in place of connections of our own. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Whose instructions: `auto` (the app's own), `on` (the official Codex ones first), `off`. Default: CODEX_MODE, else `auto`. */
  mode?: CodexClientOptions["mode"];
  /** Default: the effort in the model's id, else the model's own. Fitted to what the model takes. */
  reasoningEffort?: string | undefined;
  /** `auto`, `concise`, `detailed`, or `none`. Default `auto`: reasoning is shown where the model summarises it. */
  reasoningSummary?: string | undefined;
  /** `low`, `medium` or `high`. Default: the model's own. */
  verbosity?: string | undefined;
  /** `priority` (or `fast`) and what else the model has. Default: none. */
  serviceTier?: string | undefined;
  /** Called with the plan's limits with every answer that carries them. */
  onRateLimits?: ((limits: RateLimits) => void) | undefined;
  /** Called with what went wrong without failing a call. Warnings about a call are in its result, as everywhere in the SDK. */
  onWarning?: ((error: unknown) => void) | undefined;
}
