import { checkAnswer, execFlags, inputOf, posts, responsesPath, say, type Verification } from "./checks.js";

/** A conversation of one turn with a model that does not speak responses-lite. */
export async function verifyPlainTurn(verification: Verification): Promise<void> {
  const { simulator, home, check } = verification;
  await home.configure("gpt-5.5");
  const credentials = simulator.issueCredentials();
  await home.signIn(simulator.authJson(credentials));
  const start = simulator.requests.length;
  const answer = "Hello from the simulator, plainly.";
  const run = await home.exec(...execFlags, `Say hello. ${say({ text: answer, reasoning: "**Greeting**" })}`);
  checkAnswer(verification, run, answer);
  check("it prints the reasoning summary", run.stderr.includes("**Greeting**"), run.stderr.slice(-500));
  const all = simulator.requests.slice(start);
  const order = all.filter((r) => r.path === responsesPath).map((r) => (r.upgrade ? "UPGRADE" : r.method));
  check("it tries a WebSocket, then posts once", order.join() === "UPGRADE,POST", order);
  const paths = all.map((request) => request.path);
  check("it reads the model list", paths.includes("/backend-api/codex/models"), paths);
  const posted = all.findIndex((request) => request.method === "POST" && request.path === responsesPath);
  const asked = paths.indexOf("/backend-api/wham/accounts/check");
  check("it asks about its account before it posts", asked >= 0 && asked < posted, paths);
  const [post] = posts(all);
  check("it sends the token of auth.json", post?.headers.authorization === `Bearer ${credentials.access_token}`);
  check("it sends the account id", post?.headers["chatgpt-account-id"] === credentials.account_id);
  check("its body is compressed with zstd", post?.headers["content-encoding"] === "zstd", post?.headers);
  const opening = JSON.stringify(inputOf(post)[0] ?? {});
  check(
    "its instructions come from the list served here",
    opening.includes("family GPT-5.5, speaking through the Codex simulator"),
  );
}

/** A turn in which a command is run and its output comes back. */
export async function verifyToolCall(verification: Verification): Promise<void> {
  const { simulator, home, check } = verification;
  const start = simulator.requests.length;
  const tools = [{ name: "exec_command", arguments: { cmd: "echo made-by-the-tool-$((40+2))" } }];
  const run = await home.exec(...execFlags, say({ text: "Let me look.", tools }));
  checkAnswer(verification, run, "made-by-the-tool-42");
  const sent = posts(simulator.requests.slice(start));
  check("it posts twice", sent.length === 2, sent.length);
  const call = inputOf(sent[1]).find((item) => item.type === "function_call");
  const output = inputOf(sent[1]).find((item) => item.type === "function_call_output");
  check("it sends the call back", call?.name === "exec_command", call);
  check("its output has the same call id", call !== undefined && call.call_id === output?.call_id, output);
  check("and what the command printed", String(output?.output).includes("made-by-the-tool-42"), output);
}

/** A second turn that goes on from the one before. */
export async function verifySecondTurn(verification: Verification): Promise<void> {
  const { simulator, home, check } = verification;
  const start = simulator.requests.length;
  const answer = "This is the second turn.";
  const run = await home.exec("resume", "--last", ...execFlags, say({ text: answer }));
  checkAnswer(verification, run, answer);
  const text = JSON.stringify(inputOf(posts(simulator.requests.slice(start))[0]));
  check("it sends the first turn along", text.includes("made-by-the-tool-42") && text.includes("Let me look."));
}

/** A turn whose answer must satisfy a schema. */
export async function verifyStructured(verification: Verification): Promise<void> {
  const { simulator, home, check } = verification;
  const start = simulator.requests.length;
  const schema = {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  };
  const file = await home.write("schema.json", JSON.stringify(schema));
  const run = await home.exec(...execFlags, "--output-schema", file, "Name a city.");
  checkAnswer(verification, run, '{"city":"Paris"}');
  const body = posts(simulator.requests.slice(start))[0]?.body as { text?: { format?: { type?: string } } } | undefined;
  check("it asks for the schema", body?.text?.format?.type === "json_schema", body?.text);
}

/** A turn with a model that speaks responses-lite, whose one tool takes code. */
export async function verifyLite(verification: Verification): Promise<void> {
  const { simulator, home, check } = verification;
  const start = simulator.requests.length;
  await home.configure("gpt-6.2-sol");
  const input = 'const r = await tools.exec_command({cmd:"echo lite-$((40+2))"}); text(JSON.stringify(r));';
  const run = await home.exec(...execFlags, say({ tools: [{ name: "exec", input }] }));
  checkAnswer(verification, run, "lite-42");
  const sent = posts(simulator.requests.slice(start));
  const header = sent[0]?.headers["x-openai-internal-codex-responses-lite"];
  check("it says responses-lite in a header", header === "true", sent[0]?.headers);
  const output = inputOf(sent[1]).find((item) => item.type === "custom_tool_call_output");
  check("it runs the tool and sends what it printed", JSON.stringify(output ?? "").includes("lite-42"), output);
  await home.configure("gpt-5.5");
}

/** A turn whose stream is compressed, if the CLI asks for that: 0.171 does, 0.169 does not. */
export async function verifyCompressed(verification: Verification): Promise<void> {
  const { simulator, home, check } = verification;
  const start = simulator.requests.length;
  simulator.questions.compression = "asked";
  const run = await home.exec(...execFlags, say({ text: "Compressed, or not." }));
  simulator.questions.compression = "never";
  checkAnswer(verification, run, "Compressed, or not.");
  const asked = posts(simulator.requests.slice(start))[0]?.headers["accept-encoding"];
  check(`it asks for zstd and gzip, or for nothing (${asked})`, asked === undefined || asked === "zstd,gzip", asked);
}

/** A turn in which the backend is overloaded, and one in which the stream is cut: the CLI tries again by itself. */
export async function verifyFaults(verification: Verification): Promise<void> {
  const { simulator, home, check } = verification;
  for (const [what, fault] of [
    ["a 500", "server_error"],
    ["a stream that is cut", { cut: 5 }],
    ["a stream that fails for an unknown reason", { failed: "made_up_code", failedAt: "output" }],
  ] as const) {
    const start = simulator.requests.length;
    simulator.faults.next(fault);
    const run = await home.exec(...execFlags, say({ text: "It went well in the end." }));
    check(
      `after ${what} it tries again and prints the answer`,
      run.stdout.includes("It went well in the end."),
      run.stderr.slice(-800),
    );
    check("with a second post", posts(simulator.requests.slice(start)).length === 2);
  }
  const start = simulator.requests.length;
  const cutTwice = { text: "Third time lucky.", reasoning: "Kept.", fault: { cut: 12 }, faultTimes: 2 };
  const lucky = await home.exec(...execFlags, say(cutTwice));
  check("after two cuts that its prompt asks for it prints the answer", lucky.stdout.includes("Third time lucky."));
  const tries = posts(simulator.requests.slice(start));
  const lengths = tries.map((request) => inputOf(request).length);
  check(
    "with a third post, the later ones longer than the first",
    lengths.length === 3 && (lengths[2] ?? 0) > (lengths[0] ?? 0),
    lengths,
  );
  simulator.faults.next("usage_limit");
  const run = await home.exec(...execFlags, "hi");
  check(
    "a usage limit ends it, and it says so",
    run.code !== 0 && /usage limit/i.test(run.stdout + run.stderr),
    run.stderr.slice(-500),
  );
}
