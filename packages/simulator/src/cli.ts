#!/usr/bin/env node
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { writeAuthFile } from "./auth-file.js";
import { type Profile, profiles, type Questions } from "./questions.js";
import { createSimulator } from "./server.js";

const help = `codex-simulator: a local stand-in for the Codex backend and its sign-in, with made-up accounts.

  --port N           default 11460; 0 takes any free one
  --host HOST        default 127.0.0.1
  --profile NAME     genuine or strict; default strict
  --question K=V     answer one question otherwise, e.g. completedOutput=full (may be repeated)
  --auth-file PATH   write a login file with made-up tokens there (mode 0600)
  --help
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "11460" },
    host: { type: "string", default: "127.0.0.1" },
    profile: { type: "string", default: "strict" },
    question: { type: "string", multiple: true, default: [] },
    "auth-file": { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(help);
else await serve();

async function serve(): Promise<void> {
  try {
    const simulator = await createSimulator({
      port: readPort(values.port),
      host: values.host,
      profile: readProfile(values.profile),
      questions: readQuestions(values.question),
    });
    const stop = () => void simulator.close();
    process.once("SIGINT", stop).once("SIGTERM", stop);
    const lines = [
      `The simulator (profile ${values.profile}) is at ${simulator.url}. For a program that reads our settings:`,
      `  CODEX_BASE_URL=${simulator.baseUrl}`,
      `  CODEX_ISSUER=${simulator.issuerUrl}`,
      `  CODEX_REFRESH_TOKEN_URL_OVERRIDE=${simulator.tokenUrl}`,
    ];
    const path = values["auth-file"];
    if (path !== undefined) {
      await writeAuthFile(resolve(path), simulator.authJson()).catch(async (error: unknown) => {
        await simulator.close();
        throw error;
      });
      lines.push(`  CODEX_AUTH_FILE=${resolve(path)}`);
    }
    console.log(lines.join("\n"));
  } catch (error) {
    console.error(`codex-simulator: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${text} is not a port.`);
  return port;
}

function readProfile(text: string): Profile {
  if (text === "genuine" || text === "strict") return text;
  throw new Error(`${text} is not a profile: genuine or strict.`);
}

/** Reads `name=value` pairs; a value has the type that the question's answer in the profiles has. */
function readQuestions(pairs: string[]): Partial<Questions> {
  const answers: Record<string, unknown> = {};
  for (const pair of pairs) {
    const [name = "", value = ""] = pair.split("=", 2);
    const known = (profiles.strict as unknown as Record<string, unknown>)[name];
    if (known === undefined) throw new Error(`${name} is not a question: ${Object.keys(profiles.strict).join(", ")}.`);
    answers[name] = typeof known === "boolean" ? value === "true" : typeof known === "number" ? Number(value) : value;
  }
  return answers as Partial<Questions>;
}
