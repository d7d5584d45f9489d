import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { chatDialect, type Dialect, exchange, responsesDialect } from "@codex/provider";
import { expect, it } from "vitest";
import { openClient, script } from "./open-client.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

type Body = Record<string, unknown>;
/** Each with a part of it that is passed on as it is. */
const bodies: [string, Dialect, (prompt: string) => [Body, object]][] = [
  [
    "chat",
    chatDialect,
    (content) => {
      const parameters = { type: "object", properties: {} };
      const tools = [{ type: "function", function: { name: "look", parameters } }];
      return [{ messages: [{ role: "user", content }], tools }, parameters];
    },
  ],
  [
    "responses",
    responsesDialect,
    (content) => {
      const summary = [{ type: "summary_text", text: "Considered." }];
      const reasoning = { type: "reasoning", summary, encrypted_content: "gAAAA" };
      return [{ input: [reasoning, { role: "user", content }], store: false }, summary];
    },
  ],
];

it.each(bodies)("%s: nobody holds a request's input while its answer streams", async (_name, dialect, makeBody) => {
  const { client } = await openClient({}, { questions: { encryptedContent: "accept" } });
  /** In a function of its own, whose variables are gone when it is over. */
  async function begin() {
    const [body, part] = makeBody(script({ text: "Hello there", delayMs: 50 }));
    const input = new WeakRef(part);
    const reply = await exchange(client, dialect, { body: { ...body, model: "gpt-6-sol", stream: true } });
    if (typeof reply.body === "string") throw new Error(reply.body);
    const pieces = reply.body[Symbol.asyncIterator]();
    await pieces.next();
    return { input, pieces };
  }
  const { input, pieces } = await begin();
  await new Promise(setImmediate);
  collectGarbage();
  expect(input.deref()).toBeUndefined();
  let text = "";
  for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) text += piece.value;
  expect(text).toContain(dialect === chatDialect ? "[DONE]" : "response.completed");
});
