import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answer, canary, makeAuthJson, startIssuer, type TestIssuer } from "./issuer.js";
import { type Child, startChild } from "./processes.js";

let folder: string;
let path: string;
let issuer: TestIssuer;
let backend: Server;
let backendUrl: string;
let served = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  path = join(folder, "auth.json");
  issuer = await startIssuer();
  served = 0;
  backend = createServer((request, response) => {
    const works = issuer.issued.some((token) => request.headers.authorization === `Bearer ${token}`);
    if (works) served += 1;
    answer(response, works ? 200 : 401, {});
  });
  await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
  backendUrl = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await issuer.close();
  backend.closeAllConnections();
  backend.close();
  await rm(folder, { recursive: true, force: true });
});

describe("eight processes with twenty requests each, at the moment of expiry", () => {
  it.each(["auto", "heartbeat"])("renew exactly once, and all are served (lock: %s)", async (locking) => {
    await writeFile(path, JSON.stringify(makeAuthJson({ lifetime: -1 })), { mode: 0o600 });
    // A slow answer, so that all of them come while it is awaited.
    issuer.fault = async (_request, response, rotate) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      answer(response, 200, rotate());
    };
    const children: Child[] = await Promise.all(
      Array.from({ length: 8 }, () =>
        startChild({ path, tokenUrl: issuer.tokenUrl, backendUrl, requests: 20, locking }),
      ),
    );
    for (const child of children) child.go();
    const outcomes = (await Promise.all(children.map((child) => child.outcomes()))).flat();
    expect(outcomes).toEqual(Array.from({ length: 160 }, () => "ok"));
    expect(served).toBe(160);
    expect(issuer.received).toHaveLength(1);
    const written = JSON.parse(await readFile(path, "utf8"));
    expect(written.other_program).toEqual({ kept: true });
    expect(written.tokens.other_program).toEqual({ inside: [1, 2, 3] });
    expect(written.tokens.refresh_token).toBe(issuer.valid);
    // Nothing holds a process open once its work is done.
    expect(await Promise.all(children.map((child) => child.ended))).toEqual(Array.from({ length: 8 }, () => 0));
    expect((await readdir(folder)).includes("auth.lock")).toBe(locking === "auto");
    expect(children.flatMap((child) => child.output).join()).not.toContain(canary);
  });
});
