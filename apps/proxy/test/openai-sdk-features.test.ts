import type OpenAI6 from "openai";
import { zodFunction, zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { sdks } from "./sdks.js";
import { type House, startHouse } from "./start-house.js";

/** What the official SDK can express beyond talk and plain tools, against the real proxy and a strict backend. */
const model = "gpt-6-sol";
const script = (answer: object) => `SIM${JSON.stringify(answer)}`;
const image =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const pdf = { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0xLjQK" };
const Person = z.object({ name: z.string() });

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

type Item = Record<string, unknown> & { type: string };

/** The last body that the backend was sent. */
function lastSent(): Record<string, unknown> & { input: Item[] } {
  return house.simulator.requests.findLast(({ path }) => path.endsWith("/responses"))?.body as never;
}

describe.each(sdks)("openai %s on chat", (_version, OpenAI) => {
  let client: OpenAI6;
  beforeAll(() => {
    client = new OpenAI({ baseURL: `${house.proxy.url}/v1`, apiKey: "sk-made-up", maxRetries: 0 });
  });
  type Params = OpenAI6.Chat.ChatCompletionCreateParamsNonStreaming;
  const chat = (content: string, more: Partial<Params> = {}) =>
    client.chat.completions.create({ model, messages: [{ role: "user", content }], ...more });

  it("shows an image and a file, and keeps late system messages in place", async () => {
    const answer = await chat("", {
      messages: [
        { role: "system", content: "One." },
        { role: "developer", content: [{ type: "text", text: "Two." }] },
        { role: "user", name: "ann", content: "Look." },
        { role: "system", content: "Late." },
        {
          role: "user",
          content: [
            { type: "text", text: "What is it?" },
            { type: "image_url", image_url: { url: image, detail: "low" } },
            { type: "file", file: pdf },
          ],
        },
      ],
    });
    expect(answer.choices[0]?.message.content).toContain("one image");
    const { instructions, input } = lastSent();
    expect(instructions).toContain("One.");
    expect(instructions).toContain("Two.");
    expect(input).toMatchObject([
      { role: "user", content: [{ text: "ann: Look." }] },
      { role: "developer", content: [{ text: "Late." }] },
      { role: "user", content: [{ type: "input_text" }, { type: "input_image" }, { type: "input_file", ...pdf }] },
    ]);
  });

  it("hears refusals, citations and commentary", async () => {
    const refused = await chat(script({ refusal: "I can't." }));
    expect(refused.choices[0]?.message).toMatchObject({ content: null, refusal: "I can't." });
    const search = script({ search: { query: "x" }, text: "See there." });
    const cited = await chat(search, { web_search_options: {} });
    expect(cited.choices[0]?.message.annotations?.[0]).toMatchObject({
      type: "url_citation",
      url_citation: { url: "https://example.com/first", title: "First example" },
    });
    const messages = [{ role: "user", content: search }] as const;
    const streamed = client.chat.completions.stream({ model, messages: [...messages], web_search_options: {} });
    // The helper keeps the last list of annotations alone.
    const { choices } = await streamed.finalChatCompletion();
    expect(choices[0]?.message.annotations).toEqual(cited.choices[0]?.message.annotations);
    expect(choices[0]?.message.annotations).toHaveLength(2);
    const told = await chat(script({ commentary: "I'll look.", text: "Done." }));
    expect(told.choices[0]?.message.content).toBe("I'll look.\n\nDone.");
  });

  it("gets a generated image, and hands it back", async () => {
    const first = await chat(script({ image: true, text: "Here." }), {
      tools: [{ type: "image_generation" } as never],
    });
    const message = first.choices[0]?.message as OpenAI6.Chat.ChatCompletionMessage & { images?: unknown[] };
    expect(message.images).toMatchObject([
      { type: "image_url", image_url: { url: expect.stringMatching(/^data:image/) } },
    ]);
    await chat("", { messages: [{ role: "user", content: "Draw." }, message, { role: "user", content: "Bigger." }] });
    expect(lastSent().input.map(({ type }) => type)).toContain("image_generation_call");
  });

  it("hands encrypted reasoning back, so that the model goes on where it was", async () => {
    const first = await chat(script({ reasoning: "Hm.", text: "4" }));
    const message = first.choices[0]?.message as OpenAI6.Chat.ChatCompletionMessage & { reasoning_content?: string };
    expect(message.reasoning_content).toBe("Hm.");
    await chat("", { messages: [{ role: "user", content: "2+2?" }, message, { role: "user", content: "Sure?" }] });
    const { input } = lastSent();
    expect(input.map(({ type }) => type)).toEqual(["message", "reasoning", "message", "message"]);
    expect(input[1]).toMatchObject({ encrypted_content: expect.stringMatching(/^gAAAA/) });
  });

  it("calls custom tools and tools of any name, and takes results as parts", async () => {
    const name = `mcp.server/${"read file ".repeat(8)}`.trim();
    const tools: OpenAI6.Chat.ChatCompletionTool[] = [
      { type: "custom", custom: { name: "sql", format: { type: "text" } } },
      { type: "function", function: { name, parameters: { type: "object", properties: {} } } },
    ];
    const asked = { role: "user" as const, content: script({ tools: [{ name: "sql", input: "SELECT 1" }] }) };
    const first = await chat("", { messages: [asked], tools });
    const message = first.choices[0]?.message;
    const call = message?.tool_calls?.[0];
    expect(call).toMatchObject({ type: "custom", custom: { name: "sql", input: "SELECT 1" } });
    if (message === undefined || call === undefined) throw new Error("no tool was called");
    const result = {
      role: "tool" as const,
      tool_call_id: call.id,
      content: [{ type: "text" as const, text: "1 row" }],
    };
    const second = await chat("", { messages: [asked, message, result], tools });
    expect(second.choices[0]?.message.content).toContain("1 row");
    const forced = await chat("Go.", { tools, tool_choice: { type: "function", function: { name } } });
    expect(forced.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name } });
    expect(JSON.stringify(lastSent().tools)).not.toContain(name);
  });

  it("calls functions as they were before there were tools", async () => {
    const functions = [{ name: "look", parameters: { type: "object", properties: {} } }];
    const asked = { role: "user" as const, content: script({ tools: [{ name: "look", arguments: {} }] }) };
    const first = await chat("", { messages: [asked], functions });
    const choice = first.choices[0];
    expect(choice).toMatchObject({ finish_reason: "function_call", message: { function_call: { name: "look" } } });
    if (choice === undefined) throw new Error("no choice");
    const result = { role: "function" as const, name: "look", content: "seen" };
    const second = await chat("", { messages: [asked, choice.message, result], functions });
    expect(second.choices[0]?.message.content).toContain("seen");
  });

  it("parses, and runs tools by itself", async () => {
    const response_format = zodResponseFormat(Person, "person");
    const messages = [{ role: "user" as const, content: script({ json: { name: "Ada" } }) }];
    const parsed = await client.chat.completions.parse({ model, messages, response_format });
    expect(parsed.choices[0]?.message.parsed).toEqual({ name: "Ada" });
    const seen: unknown[] = [];
    const look = zodFunction({ name: "look", parameters: Person, function: (given) => seen.push(given) && "seen" });
    const runner = client.chat.completions.runTools({
      model,
      messages: [{ role: "user", content: script({ tools: [{ name: "look", arguments: { name: "Ada" } }] }) }],
      tools: [look],
    });
    expect(await runner.finalContent()).toContain("seen");
    expect(seen).toEqual([{ name: "Ada" }]);
    // What the SDK parsed goes along with the messages that it sends back: it is no loss.
    expect(lastSent().input.filter(({ type }) => type === "function_call")).toHaveLength(1);
  });

  it("answers a Responses body in chat chunks", async () => {
    const body = { model, input: "Say hi.", stream: true, reasoning: { effort: "low" } } as never;
    const stream = (await client.chat.completions.create(
      body,
    )) as unknown as AsyncIterable<OpenAI6.Chat.ChatCompletionChunk>;
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toContain("Say hi.");
  });

  it("hears of what can't be had, with its place", async () => {
    const part = (content: unknown) =>
      ({ messages: [{ role: "user", content: [content] }] }) as unknown as Partial<Params>;
    const wrong: [Partial<Params>, string][] = [
      [part({ type: "input_audio", input_audio: { data: "AA", format: "wav" } }), "messages[0].content[0]"],
      [part({ type: "file", file: { file_id: "file-1" } }), "messages[0].content[0].file.file_id"],
      [{ modalities: ["text", "audio"], audio: { voice: "alloy", format: "mp3" } }, "modalities"],
    ];
    for (const [more, param] of wrong) {
      const asked = chat("x", more);
      await expect(asked).rejects.toMatchObject({ status: 400, param });
      await expect(asked).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    }
  });

  it("tells what was changed, or refuses it where that is wanted", async () => {
    const messages: Params["messages"] = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "x" },
    ];
    const params: Params = { model, messages, reasoning_effort: "none" };
    const { response } = await client.chat.completions.create(params).withResponse();
    expect(response.headers.get("x-codex-adjusted")).toBe('"reasoning_effort";action=clamped;detail="none to low"');
    const strict = client.chat.completions.create(params, { headers: { "x-codex-strict": "1" } });
    await expect(strict).rejects.toMatchObject({ status: 400, param: "reasoning_effort" });
  });
});

describe.each(sdks)("openai %s on responses", (_version, OpenAI) => {
  let client: OpenAI6;
  beforeAll(() => {
    client = new OpenAI({ baseURL: `${house.proxy.url}/v1`, apiKey: "sk-made-up", maxRetries: 0 });
  });
  const replay = ({ output }: OpenAI6.Responses.Response) => output as OpenAI6.Responses.ResponseInputItem[];

  it("shows an image and a file, and takes tool results as parts", async () => {
    const call = { type: "function_call" as const, call_id: "c", name: "look", arguments: "{}" };
    const { output_text } = await client.responses.create({
      model,
      input: [
        { role: "system", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "input_text", text: "What is it?" },
            { type: "input_image", image_url: image, detail: "auto" },
            { type: "input_file", ...pdf },
          ],
        },
        call,
        {
          type: "function_call_output",
          call_id: "c",
          output: [{ type: "input_image", image_url: image, detail: "auto" }],
        },
      ],
    });
    expect(output_text).toContain("look answered");
    expect(lastSent().input.map(({ type }) => type)).toEqual(["message", "function_call", "function_call_output"]);
  });

  it("hears refusals, citations, images and phases", async () => {
    const ask = (answer: object, tools: OpenAI6.Responses.Tool[] = []) =>
      client.responses.create({ model, input: script(answer), tools });
    expect((await ask({ refusal: "I can't." })).output.at(-1)).toMatchObject({
      content: [{ type: "refusal", refusal: "I can't." }],
    });
    const cited = await ask({ search: { query: "x" }, text: "See there." }, [{ type: "web_search_preview" }]);
    expect(cited.output.map(({ type }) => type)).toEqual(expect.arrayContaining(["web_search_call", "message"]));
    expect(cited.output.at(-1)).toMatchObject({ content: [{ annotations: [{ type: "url_citation" }, {}] }] });
    const drawn = await ask({ image: true, text: "Here." }, [{ type: "image_generation" }]);
    expect(drawn.output).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ type: "image_generation_call" })]),
    );
    const told = await ask({ commentary: "I'll look.", text: "Done." });
    expect(told.output.filter(({ type }) => type === "message")).toMatchObject([
      { phase: "commentary" },
      { phase: "final_answer" },
    ]);
  });

  it("parses, and takes back what it has parsed", async () => {
    const look = {
      type: "function" as const,
      name: "look",
      strict: true,
      parameters: zodTextFormat(Person, "p").schema,
    };
    const input = script({ json: { name: "Ada" } });
    const parsed = await client.responses.parse({ model, input, text: { format: zodTextFormat(Person, "person") } });
    expect(parsed.output_parsed).toEqual({ name: "Ada" });
    const asked = { role: "user" as const, content: script({ tools: [{ name: "look", arguments: { name: "Ada" } }] }) };
    const called = await client.responses.parse({ model, input: [asked], tools: [look] });
    const call = called.output.find((item) => item.type === "function_call");
    if (call?.type !== "function_call") throw new Error("no tool was called");
    const output = { type: "function_call_output" as const, call_id: call.call_id, output: "seen" };
    const input2 = [asked, ...replay(parsed), ...replay(called), output];
    const next = await client.responses.create({ model, input: input2, tools: [look] });
    expect(next.output_text).toContain("seen");
    expect(JSON.stringify(lastSent())).not.toContain("parsed");
  });

  it("streams with the SDK's own collector", async () => {
    const stream = client.responses.stream({ model, input: script({ reasoning: "Hm.", text: "one two" }) });
    const final = await stream.finalResponse();
    expect(final.output.map(({ type }) => type)).toEqual(["reasoning", "message"]);
    expect(final.output_text).toBe("one two");
  });

  it("calls custom tools and those of a namespace, of any name", async () => {
    const parameters = { type: "object", properties: {} };
    const inner = { type: "function" as const, name: "read file", parameters, strict: null };
    const tools = [
      { type: "custom" as const, name: "sql" },
      { type: "namespace" as const, name: "my.server", description: "Files.", tools: [inner] },
    ] as OpenAI6.Responses.Tool[];
    const custom = await client.responses.create({
      model,
      tools,
      input: script({ tools: [{ name: "sql", input: "SELECT 1" }] }),
    });
    expect(custom.output.at(-1)).toMatchObject({ type: "custom_tool_call", name: "sql", input: "SELECT 1" });
    const call = { name: "read_file", namespace: "my_server", arguments: {} };
    const named = await client.responses.create({ model, tools, input: script({ tools: [call] }) });
    expect(named.output.at(-1)).toMatchObject({ type: "function_call", name: "read file", namespace: "my.server" });
  });

  it("goes on from an earlier response, which can be asked for and deleted", async () => {
    const first = await client.responses.create({ model, input: "My name is Ada.", metadata: { topic: "names" } });
    const second = await client.responses.create({ model, input: "And mine?", previous_response_id: first.id });
    expect(lastSent().input.map(({ role }) => role)).toEqual(expect.arrayContaining(["user", "assistant", "user"]));
    expect(second.previous_response_id).toBe(first.id);
    expect(await client.responses.retrieve(first.id)).toMatchObject({ id: first.id, metadata: { topic: "names" } });
    await client.responses.delete(first.id);
    await expect(client.responses.retrieve(first.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  it("hears of what can't be had, with its place", async () => {
    const wrong: [Partial<OpenAI6.Responses.ResponseCreateParamsNonStreaming>, string][] = [
      [{ background: true }, "background"],
      [{ conversation: "conv_1" }, "conversation"],
      [{ prompt: { id: "pmpt_1" } }, "prompt"],
      [
        { input: [{ role: "user", content: [{ type: "input_file", file_id: "file-1" }] }] },
        "input[0].content[0].file_id",
      ],
    ];
    for (const [more, param] of wrong) {
      const asked = client.responses.create({ model, input: "x", ...more });
      await expect(asked).rejects.toMatchObject({ status: 400, param });
    }
  });
});
