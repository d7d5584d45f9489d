import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createSimulator, type Simulator } from "@codex/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { install, packAiSdk, run, tsc } from "./packed-packages.js";

/** Programs of other people, with `@codex/ai-sdk` as it would come from the registry. */
let folder: string;
let sim: Simulator;
let tarballs: Record<string, string>;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "codex-consumer-"));
  sim = await createSimulator();
  const authFile = join(folder, "auth.json");
  await writeFile(authFile, JSON.stringify(sim.authJson()), { mode: 0o600 });
  env = {
    CODEX_BASE_URL: sim.baseUrl,
    CODEX_AUTH_FILE: authFile,
    CODEX_REFRESH_TOKEN_URL_OVERRIDE: sim.tokenUrl,
    CODEX_CACHE_DIR: join(folder, "cache"),
    NEXT_TELEMETRY_DISABLED: "1",
  };
  tarballs = await packAiSdk(join(folder, "packed"));
}, 180_000);

afterAll(async () => {
  await sim.close();
  await rm(folder, { recursive: true });
});

const ask = `generateText({ model: codex("gpt-6-sol"), prompt: 'SIM{"text":"It works."}' }).then(({ text, warnings }) => {
  console.log(JSON.stringify({ text, warnings, specification: codex.specificationVersion }));
  return codex.close();
});`;

const typed = `import { type CodexProvider, type CodexSettings, codex, createCodex } from "@codex/ai-sdk";
import { createProviderRegistry, generateText, streamText } from "ai";

const settings: CodexSettings = { reasoningEffort: "high", onRateLimits: ({ windows }) => void windows[0]?.usedPercent };
const own: CodexProvider = createCodex(settings);
const registry = createProviderRegistry({ codex, own });
const result = await generateText({ model: own("gpt-6-sol"), prompt: "Hi" });
const text: string = result.text;
streamText({ model: registry.languageModel("codex:gpt-6-sol"), prompt: text });
const efforts: readonly string[] | undefined = (await codex.models())[0]?.efforts;
console.log(efforts, codex.imageModel("gpt-image-2").modelId.toUpperCase());
// @ts-expect-error An effort is a text.
createCodex({ reasoningEffort: 3 });
// @ts-expect-error There are no such models.
codex.chatModel("gpt-6-sol");
`;

const compilerOptions = {
  target: "ES2022",
  module: "NodeNext",
  moduleResolution: "NodeNext",
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ["node"],
};

const pairs = [
  { name: "ai 6 and @ai-sdk/openai 3", ai: "6.0.325", openai: "3.0.141", specification: "v3" },
  { name: "ai 7 and @ai-sdk/openai 4", ai: "7.0.173", openai: "4.0.118", specification: "v4" },
];

describe.each(pairs)("a program with $name", ({ ai, openai, specification }) => {
  it("imports and requires it, and has its types", { timeout: 300_000 }, async () => {
    const place = join(folder, specification);
    const dependencies = { ...tarballs, ai, "@ai-sdk/openai": openai, zod: "4.6.7", "@types/node": "20.19.43" };
    await install(place, dependencies, {
      "import.mjs": `import { codex } from "@codex/ai-sdk";\nimport { generateText } from "ai";\n${ask}`,
      "require.cjs": `const { codex } = require("@codex/ai-sdk");\nconst { generateText } = require("ai");\n${ask}`,
      "typed.mts": typed,
      "tsconfig.json": JSON.stringify({ compilerOptions, files: ["typed.mts"] }),
    });
    for (const program of ["import.mjs", "require.cjs"]) {
      const printed = await run(process.execPath, [program], place, env);
      expect(JSON.parse(printed)).toEqual({ text: "It works.", warnings: [], specification });
    }
    await run(process.execPath, [tsc, "-p", "."], place);
  });
});

describe("a Next.js app of three files", () => {
  it("is built, and streams from a route of the built app", { timeout: 600_000 }, async () => {
    const place = join(folder, "next");
    const dependencies = {
      ...tarballs,
      ai: "6.0.325",
      "@ai-sdk/openai": "3.0.141",
      next: "16.4.6",
      react: "19.3.1",
      "react-dom": "19.3.1",
      zod: "4.6.7",
    };
    await install(place, dependencies, {
      "next.config.mjs": `export default { serverExternalPackages: ["fs-ext-extra-prebuilt", "koffi", "@napi-rs/keyring"] };`,
      "app/layout.js": `export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }`,
      "app/page.js": `export default function Page() { return <main>Ask at /api/chat.</main>; }`,
      "app/api/chat/route.js": `import { codex } from "@codex/ai-sdk";
import { streamText } from "ai";
export const runtime = "nodejs";
export async function POST(request) {
  const { prompt } = await request.json();
  return streamText({ model: codex("gpt-6-sol"), prompt }).toTextStreamResponse();
}`,
    });
    const next = join(place, "node_modules", "next", "dist", "bin", "next");
    await run(process.execPath, [next, "build"], place, env);
    const server = spawn(process.execPath, [next, "start", "--port", "0", "--hostname", "127.0.0.1"], {
      cwd: place,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      let url: string | undefined;
      for await (const line of createInterface({ input: server.stdout })) {
        url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
        if (url !== undefined) break;
      }
      const init = { method: "POST", body: JSON.stringify({ prompt: 'SIM{"text":"Through Next."}' }) };
      const answer = await fetch(`${url}/api/chat`, init);
      expect(await answer.text()).toBe("Through Next.");
    } finally {
      server.kill();
      await once(server, "exit");
    }
  });
});
