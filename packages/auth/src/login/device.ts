import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod/mini";
import { AuthError, isAuthError } from "../auth-error.js";
import type { Credentials } from "../credentials.js";
import { readErrorCode } from "../endpoint/read-answer.js";
import {
  askIssuer,
  exchangeCode,
  type LoginOptions,
  loginRefused,
  type ResolvedLogin,
  resolveLogin,
} from "./exchange.js";
import { createTimeLimit } from "./time-limit.js";

export interface DeviceLoginOptions extends LoginOptions {
  /** Told what to show to the person: the page to open anywhere, and the code to enter there. */
  onCode: (code: DeviceCode) => unknown;
}

export interface DeviceCode {
  userCode: string;
  verificationUrl: string;
  /** Unix milliseconds. */
  expiresAt: number;
}

/** A device code lives for 15 minutes. */
const defaultTimeoutMs = 15 * 60_000;
const defaultIntervalSeconds = 5;

const userCodeAnswer = z.looseObject({
  device_auth_id: z.string(),
  user_code: z.optional(z.string()),
  usercode: z.optional(z.string()),
  // Sent as a text of seconds.
  interval: z.nullish(z.union([z.string(), z.number()])),
});

const grantAnswer = z.looseObject({ authorization_code: z.string(), code_verifier: z.string() });

/**
 * Logs in by a code that the person enters in any browser, and stores the login. Ends after 15 minutes
 * (`login_timeout`), at the person's no (`login_denied`), at an abort, or with `login_failed`.
 */
export async function loginWithDevice(options: DeviceLoginOptions): Promise<Credentials> {
  const login = resolveLogin(options);
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const limit = createTimeLimit(timeoutMs, options.signal);
  const run = async () => {
    await login.store.prove?.();
    const device = await requestCode(login, limit.signal);
    options.onCode({
      userCode: device.userCode,
      verificationUrl: `${login.issuer}/codex/device`,
      expiresAt: login.now() + timeoutMs,
    });
    const grant = await awaitPerson(login, device, limit.signal);
    const redirectUri = `${login.issuer}/deviceauth/callback`;
    return await login.store.write(await exchangeCode(login, { ...grant, redirectUri }, limit.signal));
  };
  try {
    limit.throwIfOver();
    return await limit.race(run());
  } finally {
    limit.end();
  }
}

interface Device {
  deviceAuthId: string;
  userCode: string;
  intervalMs: number;
}

async function requestCode(login: ResolvedLogin, signal: AbortSignal): Promise<Device> {
  const path = "/api/accounts/deviceauth/usercode";
  const answer = await askIssuer(login, path, { client_id: login.clientId }, "json", signal);
  if (answer.status === 404) {
    throw new AuthError(
      "login_failed",
      "The login by device code is not enabled for this issuer. Allow it in the security settings of ChatGPT, or log in with a browser.",
    );
  }
  if (!answer.ok) throw loginRefused(answer);
  const parsed = userCodeAnswer.safeParse(answer.json);
  const userCode = parsed.success ? (parsed.data.user_code ?? parsed.data.usercode) : undefined;
  if (!parsed.success || userCode === undefined) {
    throw new AuthError("login_failed", "The issuer's answer holds no device code. Log in with a browser instead.");
  }
  const seconds = Number(parsed.data.interval ?? defaultIntervalSeconds);
  const intervalMs = (Number.isFinite(seconds) ? Math.max(seconds, 0.05) : defaultIntervalSeconds) * 1000;
  return { deviceAuthId: parsed.data.device_auth_id, userCode, intervalMs };
}

async function awaitPerson(
  login: ResolvedLogin,
  device: Device,
  signal: AbortSignal,
): Promise<{ code: string; verifier: string }> {
  const body = { device_auth_id: device.deviceAuthId, user_code: device.userCode };
  for (;;) {
    await delay(device.intervalMs, undefined, { signal });
    // A poll spends nothing: when the network fails for a moment, the next one comes anyway.
    const answer = await askIssuer(login, "/api/accounts/deviceauth/token", body, "json", signal).catch(
      (error: unknown) => {
        if (isAuthError(error) && error.reason === "issuer_unavailable") return undefined;
        throw error;
      },
    );
    if (answer === undefined || [403, 404, 429].includes(answer.status) || answer.status >= 500) continue;
    const code = readErrorCode(answer.json);
    if (code === "access_denied") {
      throw new AuthError("login_denied", "The login was refused. Start it again if that was a mistake.");
    }
    if (answer.status === 410 || code === "expired_device_code") {
      throw new AuthError("login_timeout", "The device code has expired. Start the login again.");
    }
    if (!answer.ok) throw loginRefused(answer);
    const grant = grantAnswer.safeParse(answer.json);
    if (!grant.success) throw new AuthError("login_failed", "The issuer's answer holds no login. Start it again.");
    return { code: grant.data.authorization_code, verifier: grant.data.code_verifier };
  }
}
