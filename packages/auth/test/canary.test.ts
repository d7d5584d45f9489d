import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { createFileStore, createMemoryStore, createSession, loginWithBrowser, logout } from "@codex/auth";
import { expect, it } from "vitest";
import { answer, canary, type Fault, makeAuthJson, makeToken, startIssuer } from "./issuer.js";

it("nothing that can be printed holds a token, whatever the issuer and the file say", async () => {
  const folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  const path = join(folder, "auth.json");
  const issuer = await startIssuer();
  const printed: unknown[] = [];
  const say = (value: unknown) => printed.push(value);
  const echo =
    (status: number): Fault =>
    (request, response) =>
      answer(response, status, {
        error: { code: `${canary}.code`, message: canary, type: canary },
        error_description: canary,
        access_token: { nested: canary },
        headers: request.headers,
      });
  const faults = [200, 400, 401, 403, 404, 429, 500].map(echo);
  for (const fault of [...faults, undefined]) {
    issuer.fault = fault;
    await writeFile(
      path,
      JSON.stringify(makeAuthJson({ lifetime: -60, refreshToken: `rt-${canary}-${Math.random()}` })),
    );
    const store = createFileStore({ path, onWarning: say, onStep: (step) => void say(step) });
    const session = createSession({ store, refreshTokenUrl: issuer.tokenUrl, onWarning: say });
    await session.current().catch(say);
    await session.refresh({ accessToken: makeToken() }).catch(say);
    say(await session.status());
    say(await logout({ store, issuer: issuer.url }));
    await loginWithBrowser({
      store: createMemoryStore(),
      issuer: issuer.url,
      ports: [0],
      onUrl: async (url) => {
        const { searchParams } = new URL(url);
        const redirect = (searchParams.get("redirect_uri") as string).replace("localhost", "127.0.0.1");
        const page = await fetch(`${redirect}?code=${canary}&state=${searchParams.get("state")}`);
        say(await page.text());
      },
      timeoutMs: 2_000,
    }).catch(say);
    session.close();
  }
  for (const text of [`{"tokens": "${canary}`, `{"tokens": {"access_token": ["${canary}"]}}`, `"${canary}"`, canary]) {
    await writeFile(path, text);
    const session = createSession({ store: createFileStore({ path }), refreshTokenUrl: issuer.tokenUrl });
    await session.current().catch(say);
    say(await session.status());
  }
  await issuer.close();
  await rm(folder, { recursive: true });
  const all = printed.map((value) => inspect(value, { depth: 20, showHidden: true })).join("\n");
  expect(all.split("\n").filter((line) => line.includes(canary))).toEqual([]);
  expect(printed.filter((value) => value instanceof Error).length).toBeGreaterThan(15);
});
