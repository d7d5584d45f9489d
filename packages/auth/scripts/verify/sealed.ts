import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createCodexStore, createSession } from "@codex/auth";
import type { Verification } from "./setup.js";

/** The login in the CLI's own encrypted file: nobody but the CLI can open it, and we say so. */
export async function verifySealed(verification: Verification): Promise<void> {
  const { simulator, home, homeFolder, path, say, check } = verification;
  const config = (await readFile(join(homeFolder, "config.toml"), "utf8")).replace(
    /^cli_auth_credentials_store.*\n/,
    "",
  );
  const text = `cli_auth_credentials_store = "auto"\n${config}[features]\nsecret_auth_storage = true\n`;
  await home.write("config.toml", text);
  const store = createCodexStore({ path, codexHome: homeFolder });

  console.log("the CLI's encrypted file");
  await home.signIn(simulator.authJson(simulator.issueCredentials({ expiresIn: -600 })));
  const isPlain = (await createSession({ store }).status()).store === "file";
  check("as long as there is none, the plain file is the login", isPlain);
  const run = await say("Sealed.");
  check("the CLI renews the login of the plain file", run.stdout.includes("Sealed."), run.stderr.slice(-500));
  const file = join(homeFolder, "secrets", "codex_auth.age");
  const isMoved = (await stat(file)).size > 0 && !(await readdir(homeFolder)).includes("auth.json");
  check("and moves it into an encrypted one", isMoved);
  const { state, problem = "" } = await createSession({ store }).status();
  check("we say where it lies, and what to do", state === "keyring_only" && problem.includes(file), { state, problem });
  const refused = await store.prove?.().then(
    () => "nothing",
    (error: Error) => error.message,
  );
  check("we store no login that it would not find", refused?.includes(file) === true, refused);
}
