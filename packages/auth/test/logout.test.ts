import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, createMemoryStore, logout } from "@codex/auth";
import { createSimulator, type Simulator } from "@codex/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let simulator: Simulator;
let folder: string;
let path: string;

beforeEach(async () => {
  simulator = await createSimulator();
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  await writeFile(path, JSON.stringify(simulator.authJson()));
});

afterEach(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

const open = () => createFileStore({ path });

describe("logout", () => {
  it.each(["issuer", "refreshTokenUrl"] as const)("revokes beside the %s, then removes the login", async (by) => {
    const before = await open().read();
    const where = by === "issuer" ? { issuer: simulator.issuerUrl } : { refreshTokenUrl: simulator.tokenUrl };
    expect(await logout({ store: open(), ...where })).toEqual({ removed: true, revoked: true });
    expect(await open().read()).toBeUndefined();
    const request = simulator.requests.find((r) => r.path === "/oauth/revoke");
    expect(request?.body).toEqual({
      token: before?.refreshToken,
      token_type_hint: "refresh_token",
      client_id: expect.stringMatching(/^app_/),
    });
    expect(request?.headers).toMatchObject({ originator: "codex-oauth", "user-agent": "codex-oauth" });
    expect(await logout({ store: open(), ...where })).toEqual({ removed: false, revoked: false });
  });

  it("sends the access token where there is no refresh token", async () => {
    const { access_token: accessToken } = simulator.issueCredentials();
    await logout({ store: createMemoryStore({ accessToken }), issuer: simulator.issuerUrl });
    expect(simulator.requests.at(-1)?.body).toEqual({ token: accessToken, token_type_hint: "access_token" });
  });

  it("waits ten seconds for an issuer that is silent, unless told otherwise, and removes the login all the same", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const issuer = `http://127.0.0.1:${(silent.address() as { port: number }).port}`;
    const begun = performance.now();
    expect(await logout({ store: open(), issuer })).toEqual({ removed: true, revoked: false });
    const waited = performance.now() - begun;
    expect(waited).toBeGreaterThan(9_900);
    expect(waited).toBeLessThan(15_000);
    await expect(readFile(path)).rejects.toMatchObject({ code: "ENOENT" });
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });

  it("removes the login also when the issuer is silent, gone, or the file is broken", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const issuer = `http://127.0.0.1:${(silent.address() as { port: number }).port}`;
    expect(await logout({ store: open(), issuer, timeoutMs: 100 })).toEqual({ removed: true, revoked: false });
    await writeFile(path, JSON.stringify(simulator.authJson()));
    const begun = performance.now();
    const given = { store: open(), issuer, signal: AbortSignal.timeout(50) };
    expect(await logout(given)).toEqual({ removed: true, revoked: false });
    expect(performance.now() - begun).toBeLessThan(5_000);
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
    await writeFile(path, JSON.stringify(simulator.authJson()));
    expect(await logout({ store: open(), issuer })).toEqual({ removed: true, revoked: false });
    await writeFile(path, "{broken");
    expect(await logout({ store: open(), issuer })).toEqual({ removed: true, revoked: false });
  });

  it("sends nothing to a place that is neither https nor this machine", async () => {
    await expect(logout({ store: open(), issuer: "http://issuer.example" })).rejects.toMatchObject({
      reason: "insecure_url",
    });
    expect(await open().read()).toBeDefined();
  });
});
