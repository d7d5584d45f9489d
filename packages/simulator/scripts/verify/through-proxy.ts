import { mkdir } from "node:fs/promises";
import { type House, startHouse } from "../../../../apps/proxy/test/start-house.js";
import type { ReceivedRequest } from "../../src/index.js";
import { checkAnswer, execFlags, inputOf, posts, say, type Verification } from "./checks.js";
import { CodexHome } from "./codex-cli.js";

const liteHeader = "x-openai-internal-codex-responses-lite";

/** The CLI as a client of our proxy, which is in front of a backend that demands responses-lite of the models that speak it. */
export async function verifyThroughProxy(
  verification: Verification,
  { launcher, folder }: { launcher: string; folder: string },
): Promise<void> {
  const house = await startHouse({ profile: "strict" });
  try {
    house.simulator.questions.responsesLite = "required";
    await mkdir(folder, { recursive: true });
    const home = new CodexHome(launcher, folder, verification.home.ca, house.simulator);
    await verifyLite({ ...verification, simulator: house.simulator, home }, house);
    await verifyPlain({ ...verification, simulator: house.simulator, home }, house);
    const refused = posts(house.simulator.requests).filter((request) => request.status !== 200);
    verification.check("the backend has refused none of these", refused.length === 0, refused.length);
  } finally {
    await house.close();
  }
}

async function verifyLite(verification: Verification, house: House): Promise<void> {
  const { simulator, home, check } = verification;
  // A model that 0.169 knows too: of one that it does not know it assumes that it speaks the older shape.
  await home.configureProvider("gpt-6.1-sol", `${house.proxy.url}/v1`);
  const code = 'const r = await tools.exec_command({cmd:"echo through-$((40+2))"}); text(JSON.stringify(r));';
  const run = await home.exec(...execFlags, say({ reasoning: "**Looking**", tools: [{ name: "exec", input: code }] }));
  checkAnswer(verification, run, "through-42");
  const more = await home.exec("resume", "--last", ...execFlags, say({ text: "The second turn." }));
  checkAnswer(verification, more, "The second turn.");
  const sent = posts(simulator.requests);
  check("three posts reach the backend", sent.length === 3, sent.length);
  check(
    "each says responses-lite in a header",
    sent.every((request) => request.headers[liteHeader] === "true"),
  );
  check("each opens with the tools, then the CLI's own instructions", sent.every(hasOwnHead), sent.map(kindsOf));
  check(
    "none has instructions or tools beside",
    sent.every(hasNothingBeside),
    sent.map((request) => Object.keys(request.body as object)),
  );
  const output = inputOf(sent[1]).find((item) => item.type === "custom_tool_call_output");
  check("what the tool printed is sent", JSON.stringify(output ?? "").includes("through-42"), output);
  const kept = inputOf(sent[2]).filter((item) => item.type === "reasoning");
  check("and the reasoning of the first turn", kept.length > 0, kindsOf(sent[2]));
}

async function verifyPlain(verification: Verification, house: House): Promise<void> {
  const { simulator, home, check } = verification;
  const start = simulator.requests.length;
  await home.configureProvider("gpt-5.5", `${house.proxy.url}/v1`);
  const tools = [{ name: "exec_command", arguments: { cmd: "echo plainly-$((40+2))" } }];
  const run = await home.exec(...execFlags, say({ text: "Let me look.", tools }));
  checkAnswer(verification, run, "plainly-42");
  const sent = posts(simulator.requests.slice(start));
  check(
    "a model without responses-lite gets none",
    sent.length === 2 && sent.every((r) => r.headers[liteHeader] === undefined),
  );
}

function hasOwnHead(request: ReceivedRequest): boolean {
  const [tools, instructions, ...rest] = inputOf(request);
  const isOwn = instructions?.role === "developer" && JSON.stringify(instructions).includes("You are Codex");
  return tools?.type === "additional_tools" && isOwn && rest.every((item) => item.type !== "additional_tools");
}

function hasNothingBeside({ body }: ReceivedRequest): boolean {
  const { instructions, tools } = body as { instructions?: string; tools?: unknown };
  return !instructions && tools === undefined;
}

function kindsOf(request: ReceivedRequest | undefined): string[] {
  return inputOf(request).map((item) => `${item.type} ${item.role ?? ""}`);
}
