import { type LoadedConfig, loadConfig, noteForeground, startProxy } from "@codex/proxy";
import { openLocalHouse } from "./local-house.js";

/**
 * `pnpm start`: serves with the login that the Codex CLI has made. `pnpm start --simulate`: serves from the simulator,
 * without a login and without a network. Other flags go to the proxy.
 */
const argv = process.argv.slice(2).filter((word) => word !== "--");
const simulates = argv.includes("--simulate");
const rest = argv.filter((word) => word !== "--simulate");

const howToSignIn = `There is no login that works, so every request will be answered with 401. To sign in, in another terminal:

  npx -y @openai/codex login      opens the browser, for your ChatGPT account

This server takes the new login by itself. Or see it work without one:  npx -y pnpm@10.34.9 start --simulate
`;

async function serve(loaded: LoadedConfig): Promise<void> {
  if (loaded.kind === "print") {
    console.log(loaded.text);
    return;
  }
  const proxy = await startProxy(loaded.config);
  const stopped = proxy.stopOnSignals();
  const forget = await noteForeground(loaded.folders.state, proxy);
  console.log(`\n${await proxy.describe({ withLink: process.stdout.isTTY === true })}\n  Stop      Ctrl-C\n`);
  if (simulates) console.log("Answers are the simulator's: made up, offline, the same for the same question.\n");
  else if ((await proxy.login()).state !== "signed_in") console.log(howToSignIn);
  await stopped;
  await forget();
}

try {
  if (simulates) {
    const house = await openLocalHouse();
    try {
      await serve(await house.load(process.env, rest));
    } finally {
      await house.close();
    }
  } else await serve(await loadConfig(process.env, rest, { program: "pnpm start" }));
} catch (error) {
  // A wrong flag, or a port that is taken: one line says what is right.
  if (!(error instanceof Error && "code" in error && error.code === "request_invalid")) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
