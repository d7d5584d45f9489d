import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createCodexStore, createKeyringStore, createSession } from "@codex/auth";
import type { Verification } from "./setup.js";

const races = 10;

/** The login in the keyring: items of ours and of the CLI, read and renewed by one another. */
export async function verifyKeyring(verification: Verification): Promise<void> {
  const { simulator, home, homeFolder, path, say, check, refreshes, lastBearer } = verification;
  const config = await readFile(join(homeFolder, "config.toml"), "utf8");
  await home.write("config.toml", `cli_auth_credentials_store = "keyring"\n${config}`);
  const store = () => createCodexStore({ path, codexHome: homeFolder });
  const open = () => createSession({ store: store(), fetch: verification.fetch, refreshTokenUrl: simulator.tokenUrl });
  const storeExpired = async () => {
    const { tokens } = simulator.authJson(simulator.issueCredentials({ expiresIn: -600 }));
    const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = tokens;
    await store().write({ accessToken, refreshToken, idToken, accountId: tokens.account_id ?? undefined });
  };

  console.log("the keyring's item");
  await storeExpired();
  const run = await say("From the keyring.");
  check("the CLI finds the item that we have made", run.stdout.includes("From the keyring."), run.stderr.slice(-500));
  check("it renews it there", refreshes() === 1, refreshes());
  const theirs = await open().current();
  check("we find its item", lastBearer() === `Bearer ${theirs.accessToken}` && refreshes() === 1);
  await storeExpired();
  const ours = await open().current();
  await say("Renewed by us.");
  check("it uses the item that we have renewed", lastBearer() === `Bearer ${ours.accessToken}` && refreshes() === 2);
  const files = await readdir(homeFolder);
  check("no login lies in a file", !files.some((name) => name === "auth.json" || /\.(tmp|answer)$/.test(name)), files);

  console.log(`both at the same moment, ${races} times`);
  const counts = { alive: 0, cliAnswered: 0, weAnswered: 0 };
  for (let race = 0; race < races; race += 1) {
    await storeExpired();
    const running = say("Both.");
    await new Promise((resolve) => setTimeout(resolve, 40 + race * 15));
    const context = await open()
      .current()
      .catch((error: Error) => error);
    if ((await running).stdout.includes("Both.")) counts.cliAnswered += 1;
    if (!(context instanceof Error)) counts.weAnswered += 1;
    const stored = await createKeyringStore({ codexHome: homeFolder }).read();
    if (await verification.isAlive(stored?.refreshToken ?? "")) counts.alive += 1;
  }
  const isEach = Object.values(counts).every((count) => count === races);
  check("a working login is left, and both have a token, each time", isEach, counts);
  console.log(`  ${JSON.stringify(counts)}`);
}
