import { expect, it } from "vitest";
import { openHouse } from "./open-house.js";
import { aiCompletions, aiSdks, sdks } from "./sdks.js";
import { ask, chatBody } from "./start-house.js";

const failing = `SIM${JSON.stringify({ text: "Half of an answer", reasoning: false })}`;
/** After the first words, which no new try can mend. */
const fault = { failed: "invalid_prompt", failedAt: "output" } as const;
const refused = expect.stringContaining("your prompt was flagged");
const model = "gpt-6-sol";

it.each([
  ["/v1/chat/completions", chatBody(failing, { stream: true }), false],
  ["/v1/completions", { model, prompt: failing, stream: true }, false],
  ["/v1/responses", { model, input: failing, stream: true }, true],
])(
  "%s ends with the error; the body has no good end where nothing else says that the answer is not whole",
  async (path, body, ends) => {
    const { proxy, simulator } = await openHouse();
    simulator.faults.next(fault);
    const { text, isWhole } = await ask(proxy.url + path, { body });
    expect(text).toContain("request_invalid");
    expect(text).not.toContain("[DONE]");
    expect(isWhole).toBe(ends);
    const good = await ask(proxy.url + path, { body });
    expect(good).toMatchObject({ text: expect.not.stringContaining("request_invalid"), isWhole: true });
  },
);

it.each(sdks)("the OpenAI SDK %s throws the error itself", async (_version, OpenAI) => {
  const { proxy, simulator } = await openHouse();
  simulator.faults.next(fault, 3);
  const client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: "made-up" });
  const messages = [{ role: "user" as const, content: failing }];
  const fromChat = client.chat.completions.create({ model, messages, stream: true });
  const fromCompletions = client.completions.create({ model, prompt: failing, stream: true });
  for (const asked of [fromChat, fromCompletions]) {
    const stream = await asked;
    const reading = (async () => {
      for await (const _chunk of stream);
    })();
    await expect(reading).rejects.toMatchObject({ code: "request_invalid", message: refused });
  }
  const helper = client.chat.completions.stream({ model, messages });
  await expect(helper.finalChatCompletion()).rejects.toMatchObject({ code: "request_invalid", message: refused });
});

it.each([...aiSdks, ...aiCompletions])("%s tells the error itself", async (_name, { ai, model: make }) => {
  const { proxy, simulator } = await openHouse();
  simulator.faults.next(fault);
  const result = ai.streamText({
    model: make({ baseURL: `${proxy.url}/v1`, apiKey: "made-up" }, model),
    prompt: failing,
    maxRetries: 0,
    onError: () => {},
  });
  const errors: unknown[] = [];
  let text = "";
  for await (const part of result.fullStream) {
    if (part.type === "error") errors.push(part.error);
    else if (part.type === "text-delta") text += part.text;
  }
  expect(text).toBe("Half of an answer".slice(0, text.length));
  expect(JSON.stringify(errors[0], Object.getOwnPropertyNames(errors[0] ?? {}))).toEqual(refused);
});
