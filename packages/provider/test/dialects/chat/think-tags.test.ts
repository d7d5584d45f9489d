import fc from "fast-check";
import { expect, it } from "vitest";
import { withoutThinkTags } from "../../../src/dialects/chat/think-tags.js";
import { chatDialect } from "../../../src/dialects/index.js";
import { createContext, playFinal } from "../play.js";
import { message, reasoning, stream } from "../streams.js";

it.each([
  ["<think>\nHm.\n</think>\n\nFour.", "Four."],
  ["<think>\nHm.\n\nHm.\n</think>\n\n", ""],
  ["<think>\nHm.\n</think>\n", ""],
  ["One.\n\n<think>\nHm.\n</think>\n\nTwo.", "One.\n\nTwo."],
  ["<think>\nA\n</think>\n\nOne.\n\n<think>\nB\n</think>\n", "One."],
  ["Use <think>\ntags\n</think> so.", "Use <think>\ntags\n</think> so."],
  ["<think>\nnever closed", "<think>\nnever closed"],
  ["plain", "plain"],
])("%j becomes %j", (text, expected) => {
  expect(withoutThinkTags(text)).toBe(expected);
});

const words = fc.array(fc.stringMatching(/^[a-z .]{1,6}$/), { minLength: 1, maxLength: 3 });

it("takes out just what was put in", () => {
  const { reply } = chatDialect.parseRequest(
    { model: "m", messages: [{ role: "user", content: "x" }] },
    createContext(),
  );
  const contentOf = (answer: object) =>
    (answer as { choices: { message: { content: string | null } }[] }).choices[0]?.message.content ?? "";
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), words), { maxLength: 5 }), (items) => {
      const events = stream(
        items.flatMap(([isText, given], index) => (isText ? message(index, given) : reasoning(index, [given]))),
      );
      const thinking = contentOf(playFinal(chatDialect, events, { ...reply, reasoning: "think" }));
      const silent = contentOf(playFinal(chatDialect, events, { ...reply, reasoning: "none" }));
      expect(withoutThinkTags(thinking)).toBe(silent);
    }),
  );
});

it("is done to what an assistant has said, and to nothing else, only where it was put in", () => {
  const tagged = "<think>\nHm.\n</think>\n\nFour.";
  const messages = [
    { role: "user", content: tagged },
    { role: "assistant", content: tagged },
    { role: "assistant", content: [{ type: "text", text: "<think>\nHm.\n</think>\n" }] },
  ];
  const texts = (reasoning?: "think") => {
    const context = { ...createContext(), ...(reasoning && { reasoning }) };
    const { request } = chatDialect.parseRequest({ model: "m", messages }, context);
    return request.input.map((item) => (item.content as { text: string }[])[0]?.text);
  };
  expect(texts("think")).toEqual([tagged, "Four."]);
  expect(texts()).toEqual([tagged, tagged, "<think>\nHm.\n</think>\n"]);
});
