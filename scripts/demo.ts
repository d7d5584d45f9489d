import { startProxy } from "@codex/proxy";
import { openLocalHouse } from "./local-house.js";

/**
 * `pnpm demo`: what the house does, offline. A simulated backend, the real proxy in front of it, three conversations
 * over real HTTP, printed as they arrive and checked; the exit code says whether all was as it should be.
 */

const colored = process.stdout.isTTY === true && process.stdout.hasColors();
const paint = (code: number) => (text: string) => (colored ? `\u001b[${code}m${text}\u001b[0m` : text);
const [bold, dim, green, red] = [paint(1), paint(2), paint(32), paint(31)];

const failures: string[] = [];

function check(what: string, holds: boolean): void {
  if (!holds) failures.push(what);
}

function title(number: number, request: string, what: string): void {
  console.log(`\n${bold(`${number}  ${request}`)}  ${dim(what)}`);
}

function label(name: string): void {
  process.stdout.write(`   ${dim(name.padEnd(7))}`);
}

/** The simulator answers what a marker in the prompt says; the rest of the prompt is what a person would write. */
function scripted(prompt: string, script: object): string {
  return `${prompt} SIM${JSON.stringify(script)}`;
}

async function post(url: string, body: object): Promise<Response> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer any-key" },
    body: JSON.stringify(body),
  });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response;
}

/** The events of a stream as they come; `[DONE]` as it is. */
async function* readEvents(response: Response): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    const blocks = (rest + decoder.decode(bytes as Uint8Array, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = block.split("\n").find((line) => line.startsWith("data: "));
      if (data !== undefined) yield data.slice("data: ".length);
    }
  }
}

interface Chunk {
  choices: {
    delta: { content?: string; tool_calls?: { id?: string; function: { name?: string; arguments: string } }[] };
    finish_reason: string | null;
  }[];
  usage?: { total_tokens: number };
}

/** Prints a chat's stream as it comes, and gathers what was in it. */
async function readChat(response: Response) {
  const read = { text: "", pieces: 0, call: { id: "", name: "", arguments: "" }, finish: "", tokens: 0, done: false };
  label("model");
  for await (const data of readEvents(response)) {
    if (data === "[DONE]") {
      read.done = true;
      continue;
    }
    const { choices, usage } = JSON.parse(data) as Chunk;
    read.tokens = usage?.total_tokens ?? read.tokens;
    for (const { delta, finish_reason } of choices) {
      read.finish = finish_reason ?? read.finish;
      if (delta.content) {
        read.text += delta.content;
        read.pieces++;
        process.stdout.write(delta.content);
      }
      for (const call of delta.tool_calls ?? []) {
        read.call.id ||= call.id ?? "";
        if (call.function.name !== undefined) process.stdout.write(`calls ${call.function.name} `);
        read.call.name ||= call.function.name ?? "";
        read.call.arguments += call.function.arguments;
        process.stdout.write(call.function.arguments);
      }
    }
  }
  process.stdout.write("\n");
  return read;
}

const model = "gpt-6-sol";

async function chatWithTool(base: string): Promise<void> {
  title(1, "POST /v1/chat/completions", "streamed, with a tool call and its answer");
  const question = "What is the weather in Rome?";
  const answer = "It is 22 degrees and sunny in Rome, with a light wind from the sea.";
  const tools = [
    {
      type: "function",
      function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
    },
  ];
  const script = {
    tools: [{ name: "get_weather", arguments: { city: "Rome" } }],
    delayMs: 40,
    // biome-ignore lint/suspicious/noThenProperty: the simulator's word for what comes after the tool.
    then: { text: answer, delayMs: 40 },
  };
  const messages: object[] = [{ role: "user", content: scripted(question, script) }];
  const stream_options = { include_usage: true };
  label("you");
  console.log(question);
  const first = await readChat(await post(`${base}/chat/completions`, { model, messages, tools, stream: true }));
  check("the tool was called by its name", first.call.name === "get_weather" && first.call.id !== "");
  check("the arguments of the tool call are whole", first.call.arguments === '{"city":"Rome"}');
  check("the first answer ends because of the tool call", first.finish === "tool_calls" && first.done);

  const result = "22 degrees, sunny, wind SW 2";
  label("tool");
  console.log(result);
  const { id, ...called } = first.call;
  messages.push(
    { role: "assistant", content: null, tool_calls: [{ id, type: "function", function: called }] },
    { role: "tool", tool_call_id: id, content: result },
  );
  const second = await readChat(
    await post(`${base}/chat/completions`, { model, messages, tools, stream: true, stream_options }),
  );
  check("the answer after the tool is whole", second.text === answer);
  check("the answer came in pieces", second.pieces > 5);
  check("the stream ended properly, with its usage", second.finish === "stop" && second.done && second.tokens > 0);
}

async function chatPlain(base: string): Promise<void> {
  title(2, "POST /v1/chat/completions", "plain");
  const question = "Name the three primary colours.";
  const answer = "Red, yellow and blue.";
  label("you");
  console.log(question);
  const messages = [{ role: "user", content: scripted(question, { text: answer }) }];
  const response = await post(`${base}/chat/completions`, { model: `${model}-high`, messages });
  const { choices, usage } = (await response.json()) as {
    choices: { message: { content: string }; finish_reason: string }[];
    usage: { total_tokens: number };
  };
  label("model");
  console.log(choices[0]?.message.content, dim(`(${usage.total_tokens} tokens)`));
  check("the plain answer is whole", choices[0]?.message.content === answer && choices[0].finish_reason === "stop");
}

async function responsesStreamed(base: string): Promise<void> {
  title(3, "POST /v1/responses", "streamed, with reasoning");
  const question = "Is 91 a prime number?";
  const answer = "No: 91 is 7 times 13.";
  const thought = "Try the small primes: 7 divides 91.";
  label("you");
  console.log(question);
  const input = scripted(question, { text: answer, reasoning: thought, delayMs: 40 });
  const body = { model, input, reasoning: { effort: "low", summary: "auto" }, stream: true };
  const read = { text: "", reasoning: "", status: "" };
  for await (const data of readEvents(await post(`${base}/responses`, body))) {
    const event = JSON.parse(data) as { type: string; delta?: string; response?: { status: string } };
    const kind = event.type === "response.output_text.delta" ? "text" : "reasoning";
    if (event.type === "response.output_text.delta" || event.type === "response.reasoning_summary_text.delta") {
      if (read[kind] === "") {
        if (kind === "text" && read.reasoning !== "") process.stdout.write("\n");
        label(kind === "text" ? "model" : "thinks");
      }
      read[kind] += event.delta ?? "";
      process.stdout.write(kind === "text" ? (event.delta ?? "") : dim(event.delta ?? ""));
    }
    read.status = event.response?.status ?? read.status;
  }
  process.stdout.write("\n");
  check("the response is whole, reasoning included", read.text === answer && read.reasoning === thought);
  check("the response is completed", read.status === "completed");
}

const house = await openLocalHouse();
// The demo shows each exchange itself.
const loaded = await house.load({}, ["--port", "0", "--log-level", "warn"]);
if (loaded.kind !== "serve") throw new Error("The proxy has nothing to serve.");
const proxy = await startProxy(loaded.config);
try {
  console.log(
    `\n${bold("codex")}: a ChatGPT plan behind an OpenAI-style API. Here the backend is a simulator, offline.`,
  );
  console.log(dim(`   backend  ${house.simulator.baseUrl}\n   proxy    ${proxy.url}/v1`));
  await chatWithTool(`${proxy.url}/v1`);
  await chatPlain(`${proxy.url}/v1`);
  await responsesStreamed(`${proxy.url}/v1`);
  check("every request reached the backend once", house.simulator.stats.responses === 4);
  check("the caller's key went no further", !JSON.stringify(house.simulator.requests).includes("any-key"));
} catch (error) {
  failures.push(error instanceof Error ? error.message : String(error));
} finally {
  await proxy.stop();
  await house.close();
}

if (failures.length > 0) {
  console.error(red(`\nNot as it should be:\n${failures.map((what) => `   ${what}`).join("\n")}\n`));
  process.exitCode = 1;
} else {
  console.log(green("\nAll as it should be."));
  console.log(
    `With your own plan: ${bold("npx -y @openai/codex login")}, then ${bold("npx -y pnpm@10.34.9 start")}, and point your client at http://127.0.0.1:11455/v1\n`,
  );
}
