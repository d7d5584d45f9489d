import { isCodexError } from "@codex/errors";
import fc from "fast-check";
import type { Dialect } from "../../src/dialects/dialect.js";
import { createContext } from "./play.js";

const anything = fc.anything({ maxDepth: 3, withNullPrototype: false });
const json = fc.jsonValue({ maxDepth: 3 });
const word = fc.string({ minLength: 1, maxLength: 8 });
/** What belongs there, and now and then anything that JSON can say. */
const near = <T>(valid: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 60, arbitrary: valid }, { weight: 1, arbitrary: json });
const rarely = <T>(valid: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 20, arbitrary: fc.constantFrom(null, undefined, "") }, { weight: 4, arbitrary: near(valid) });
const list = <T>(of: fc.Arbitrary<T>) => near(fc.array(near(of), { maxLength: 4 }));

const part = fc.oneof(
  fc.record({ type: near(fc.constantFrom("text", "input_text", "output_text")), text: near(fc.string()) }),
  fc.record({ type: near(fc.constant("image_url")), image_url: near(fc.record({ url: near(fc.webUrl()) })) }),
  fc.record({ type: near(fc.constant("file")), file: near(fc.record({ file_id: near(word) })) }),
  fc.record({ type: near(fc.constant("refusal")), refusal: near(fc.string()) }),
);
const content = near(fc.oneof(fc.string(), fc.array(near(part), { minLength: 1, maxLength: 3 })));
const named = near(fc.record({ name: near(word), arguments: near(fc.json()), description: rarely(word) }));
const call = fc.record({ id: near(word), type: near(fc.constant("function")), function: named });
const message = fc.oneof(
  fc.record({ role: near(fc.constantFrom("system", "developer", "user")), content, name: rarely(word) }),
  fc.record({ role: fc.constant("assistant"), content, tool_calls: rarely(list(call)), reasoning_details: json }),
  fc.record({ role: near(fc.constantFrom("tool")), content, tool_call_id: near(word) }),
  fc.record({ role: fc.constant("assistant"), function_call: named }),
);
const item = fc.oneof(
  fc.record({ role: near(fc.constantFrom("system", "user", "assistant")), content, id: rarely(word) }),
  fc.record({ type: near(fc.constant("function_call")), call_id: near(word), name: near(word), arguments: json }),
  fc.record({ type: near(fc.constant("function_call_output")), call_id: near(word), output: content }),
  fc.record({ type: near(word), anything: json }),
);
const tool = fc.oneof(
  fc.record({ type: near(fc.constant("function")), function: named }),
  fc.record({ type: near(fc.constant("function")), name: near(word), parameters: rarely(fc.dictionary(word, json)) }),
  fc.record({ type: near(fc.constant("custom")), custom: named }),
  fc.record({ type: near(word), anything: json }),
);
const format = fc.record({
  type: near(fc.constantFrom("json_object", "text", "json_schema")),
  json_schema: near(fc.record({ name: near(word), schema: near(fc.constant({ type: "object" })) })),
});
const model = near(word);
const common = {
  tools: rarely(list(tool)),
  tool_choice: rarely(fc.constantFrom("auto", "none")),
  stream: rarely(fc.boolean()),
  reasoning: rarely(fc.record({ effort: near(word) })),
  made_up: json,
};
const body = fc.oneof(
  fc.record({
    model,
    messages: list(message),
    functions: rarely(list(named)),
    response_format: rarely(format),
    web_search_options: rarely(fc.record({ search_context_size: word })),
    stream_options: rarely(fc.record({ include_usage: fc.boolean() })),
    ...common,
  }),
  fc.record({ model, input: near(fc.oneof(word, list(item))), text: rarely(fc.record({ format })), ...common }),
  fc.record({
    model,
    prompt: near(fc.oneof(word, fc.array(near(word), { maxLength: 4 }))),
    n: rarely(fc.integer({ min: 0, max: 9 })),
    best_of: rarely(fc.nat(3)),
    stop: rarely(fc.oneof(word, fc.array(word, { maxLength: 5 }))),
    max_tokens: rarely(fc.nat(3)),
    echo: rarely(fc.boolean()),
    ...common,
  }),
);

/** A property of a parser, and how many of the bodies so far were requests. */
export interface ParseProperty {
  property: fc.IProperty<[unknown]>;
  accepted(): number;
}

/** Any body is a request or the caller's mistake, and is not changed. */
export function parses(dialect: Dialect): ParseProperty {
  let accepted = 0;
  const given = fc.oneof({ weight: 9, arbitrary: body }, { weight: 1, arbitrary: anything });
  const property = fc.property(given, (value) => {
    const before = JSON.stringify(value, bigintAsText);
    try {
      const { request, stream } = dialect.parseRequest(value, createContext());
      accepted++;
      check(typeof request.model === "string" && typeof stream === "boolean", "model and stream");
      check(Array.isArray(request.input), "a list as input");
      for (const { type } of request.input) check(typeof type === "string", "items with a type");
      for (const known of request.tools ?? []) {
        check(known.type !== "function" || typeof known.strict === "boolean", "functions that say if they are strict");
      }
    } catch (error) {
      if (!isCodexError(error)) throw error;
      check(
        error.status === 400 && error.message.endsWith("."),
        `a 400 in words, not ${error.status} ${error.message}`,
      );
    }
    check(JSON.stringify(value, bigintAsText) === before, "the body as it was");
  });
  return { property, accepted: () => accepted };
}

/** Plainer than `expect`, which would take longer than what it looks at, a million times. */
function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Expected ${what}.`);
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
