import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileStore, createSession } from "@codex/auth";
import { expect, it } from "vitest";
import { answer, makeAuthJson, startIssuer } from "./issuer.js";
import { startChild } from "./processes.js";

it("a process that slept over its lock file's time, with the answer waiting for it, loses nothing for the others", async () => {
  const folder = await mkdtemp(join(tmpdir(), "codex-auth-"));
  const path = join(folder, "auth.json");
  const issuer = await startIssuer();
  await writeFile(path, JSON.stringify(makeAuthJson({ lifetime: -60 })), { mode: 0o600 });
  const holder = await startChild({ path, tokenUrl: issuer.tokenUrl, locking: "heartbeat" });
  const asked = new Promise<void>((resolve) => {
    issuer.fault = (_request, response, rotate) => {
      issuer.fault = undefined;
      holder.process.kill("SIGSTOP");
      answer(response, 200, rotate());
      resolve();
    };
  });
  holder.go();
  await asked;
  const session = createSession({
    store: createFileStore({
      path,
      locking: "heartbeat",
      // It has taken the lock over, and wakes the sleeper at the moment of its own POST.
      onStep: (step) => void (step === "post" && holder.process.kill("SIGCONT")),
    }),
    refreshTokenUrl: issuer.tokenUrl,
  });
  const context = await session.current();
  expect(context.accessToken).toBe(issuer.issued[0]);
  expect(await holder.outcomes()).toEqual(["ok"]);
  expect(JSON.parse(await readFile(path, "utf8")).tokens.refresh_token).toBe(issuer.valid);
  await holder.ended;
  await issuer.close();
  await rm(folder, { recursive: true });
}, 60_000);
