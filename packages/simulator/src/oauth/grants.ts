import { createHash, randomBytes } from "node:crypto";
import type { Account } from "./jwt.js";

/** The public client id of the Codex CLI, the only client that this issuer knows. */
export const clientId = "app_EMoamEEZ73f0CkXaXp7hrann";

/** The redirect URIs that are taken: the Codex CLI 0.169 sends those on 127.0.0.1, earlier ones those on localhost. */
export const registeredRedirects = ["localhost", "127.0.0.1"].flatMap((host) =>
  [1455, 1457].map((port) => `http://${host}:${port}/auth/callback`),
);

/** What an authorization code was given for. */
export interface CodeGrant {
  account: Account;
  redirectUri: string;
  challenge: string;
  /** Milliseconds. */
  expiresAt: number;
}

/** A login by device code on its way. */
export interface DeviceGrant {
  deviceAuthId: string;
  userCode: string;
  expiresAt: number;
  state: "pending" | "approved" | "denied";
}

/** Base64url(SHA-256(verifier)), PKCE's S256. */
export function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

/** Authorization codes and device codes that wait to be used. */
export class GrantStore {
  readonly #codes = new Map<string, CodeGrant>();
  readonly #devices = new Map<string, DeviceGrant>();

  /** Makes a code that can be used once. */
  addCode(grant: CodeGrant): string {
    const code = `ac_simulator_${randomBytes(24).toString("base64url")}`;
    this.#codes.set(code, grant);
    return code;
  }

  /** Takes a code out; it cannot be used again, whatever comes of it. */
  takeCode(code: string): CodeGrant | undefined {
    const grant = this.#codes.get(code);
    this.#codes.delete(code);
    return grant;
  }

  /** Starts a login by device code. The user code has the form ABCD-12345. */
  addDevice(expiresAt: number): DeviceGrant {
    const letters = "BCDFGHJKLMNPQRSTVWXZ";
    const bytes = randomBytes(9);
    let userCode = "";
    for (let i = 0; i < 9; i++) {
      if (i === 4) userCode += "-";
      userCode += i < 4 ? letters[(bytes[i] as number) % letters.length] : String((bytes[i] as number) % 10);
    }
    const grant: DeviceGrant = {
      deviceAuthId: `deviceauth_${randomBytes(12).toString("hex")}`,
      userCode,
      expiresAt,
      state: "pending",
    };
    this.#devices.set(grant.deviceAuthId, grant);
    return grant;
  }

  device(deviceAuthId: string): DeviceGrant | undefined {
    return this.#devices.get(deviceAuthId);
  }

  /** The waiting login with this user code, however it is spelled. */
  deviceByUserCode(userCode: string): DeviceGrant | undefined {
    const plain = (code: string) => code.replace(/[^a-z0-9]/gi, "").toUpperCase();
    return [...this.#devices.values()].find((grant) => plain(grant.userCode) === plain(userCode));
  }

  removeDevice(deviceAuthId: string): void {
    this.#devices.delete(deviceAuthId);
  }
}
