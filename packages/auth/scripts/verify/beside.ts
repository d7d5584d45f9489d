import { createFileStore, createSession } from "@codex/auth";
import { lockLogin } from "../../src/locks/lock.js";
import type { Verification } from "./setup.js";

/** What the tests' double of the CLI does beside us: the genuine one does just that. */
export async function verifyBeside(verification: Verification): Promise<void> {
  const { simulator, home, homeFolder, path, say, check, refreshes, lastBearer } = verification;
  const expired = () => simulator.authJson(simulator.issueCredentials({ expiresIn: -600 }));
  const nextRefresh = () => simulator.waitFor("request", ({ path: asked }) => asked === "/oauth/token");

  console.log("what the CLI does beside us");
  const document = expired();
  const known = { ...document, tokens: { ...document.tokens, other_program: [1] }, other_program: { kept: true } };
  await home.signIn(known);
  await say("Renewed by the CLI.");
  const written = (await home.auth()) as typeof known;
  const isDropped = written.other_program === undefined && written.tokens.other_program === undefined;
  check("it drops keys that it does not know", isDropped && written.tokens.access_token !== known.tokens.access_token);

  await home.signIn(expired());
  const asked = nextRefresh();
  const lock = await lockLogin({ codexHome: homeFolder, target: path });
  const before = await home.auth();
  const waiting = say("Locked.");
  check("it posts while we hold both locks", (await asked) !== undefined);
  // Long enough for the answer to come and be written, were it not for the locks.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  check("it waits for our locks to write", (await home.auth()).tokens.access_token === before.tokens.access_token);
  await lock?.release();
  check("it goes on when they are free", (await waiting).stdout.includes("Locked."));
  check("it has written then", (await home.auth()).tokens.access_token !== before.tokens.access_token);

  await home.signIn(expired());
  simulator.faults.next({ route: "token", stall: "before-headers", stallMs: 2_000 });
  const posted = nextRefresh();
  const running = say("Discarded.");
  await posted;
  const { tokens } = simulator.authJson(simulator.issueCredentials());
  const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = tokens;
  const store = createFileStore({ path });
  await store.write({ accessToken, refreshToken, idToken, accountId: tokens.account_id ?? undefined });
  const isAnswered = (await running).stdout.includes("Discarded.");
  const isOurs = (await home.auth()).tokens.access_token === accessToken;
  check("it discards its own token for one that has appeared meanwhile", isAnswered && isOurs);
  check("it uses that one", lastBearer() === `Bearer ${accessToken}`);

  await home.signIn(expired());
  const session = createSession({ store, fetch: verification.fetch, refreshTokenUrl: simulator.tokenUrl });
  await session.current();
  session.close();
  const count = refreshes();
  await say("Adopted.");
  check("it adopts what we have renewed, without a call", refreshes() === count);
}
