/** Bodies of 1 to 3 MiB that cost much more than their size if anything in their way is not linear. */
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const user = { role: "user", content: "Hello" };
const model = "gpt-6-sol";
const chat = (more: object) => ({ path: "/v1/chat/completions", body: { model, messages: [user], ...more } });
const responses = (more: object) => ({ path: "/v1/responses", body: { model, input: "Hello", ...more } });
const longName = (index: number) => `${"n".repeat(70)}${index}`;
const schema = (value: object) => ({
  response_format: { type: "json_schema", json_schema: { name: "answer", schema: value, strict: false } },
});
const pattern = "^(a+)+$";

export interface HeavyBody {
  path: string;
  body: object;
  /** The statuses that are right. */
  statuses: readonly number[];
}

/** What `JSON.stringify` itself could not write. */
const deep = "[".repeat(10_000) + "]".repeat(10_000);
/** As they are sent: as JSON. */
export const deepBody = `{"model":"${model}","messages":[{"role":"user","content":"Hello"}],"metadata":${deep}}`;

/** By what they are made of. */
export const heavyBodies: Readonly<Record<string, HeavyBody>> = {
  "4,000 tools whose names begin alike": {
    ...chat({
      tools: times(4000, (index) => ({ type: "function", function: { name: longName(index), parameters: {} } })),
    }),
    statuses: [200],
  },
  "20,000 tools": {
    ...chat({
      tools: times(20_000, (index) => ({ type: "function", function: { name: `t${index}`, parameters: {} } })),
    }),
    statuses: [400],
  },
  "60,000 unknown fields": {
    ...chat(Object.fromEntries(times(60_000, (index) => [`unknown_field_${index}`, index + 1]))),
    statuses: [200],
  },
  "60,000 unknown keys of a part": {
    ...chat({
      messages: [
        {
          role: "user",
          content: [
            {
              type: "text",
              text: "Hello",
              ...Object.fromEntries(times(60_000, (index) => [`unknown_key_${index}`, index + 1])),
            },
          ],
        },
      ],
    }),
    statuses: [200],
  },
  "30,000 references to nothing": {
    ...responses({
      input: [...times(30_000, (index) => ({ type: "item_reference", id: `msg_made_up_${index}` })), user],
    }),
    statuses: [200, 400],
  },
  "10,000 calls with odd names": {
    ...responses({
      input: [
        user,
        ...times(10_000, (index) => ({
          type: "function_call",
          call_id: `call_${index}`,
          name: `${longName(index)} ?`,
          arguments: "{}",
        })),
      ],
    }),
    statuses: [200],
  },
  "20,000 results of calls without an id": {
    ...responses({
      input: [user, ...times(20_000, (index) => ({ type: "function_call_output", output: `result ${index}` }))],
    }),
    statuses: [200, 400],
  },
  "a stop sequence of 200,000 letters": { ...chat({ stop: "a".repeat(200_000) }), statuses: [400] },
  "a pattern with nested repetition": {
    ...chat({
      ...schema({ type: "object", properties: { a: { type: "string", pattern } } }),
      messages: [{ role: "user", content: `SIM${JSON.stringify({ text: `{"a":"${"a".repeat(60)}!"}` })}` }],
    }),
    statuses: [200, 502],
  },
  "3,500 alternatives": {
    ...chat(
      schema({
        anyOf: times(3500, (index) => ({ type: "object", properties: { [`p${index}`]: { type: "string" } } })),
      }),
    ),
    statuses: [200, 400, 502],
  },
  "a model that no header can carry": { ...chat({ model: "модель\n" }), statuses: [400] },
  "4,000 short turns": {
    ...chat({ messages: times(4000, (index) => ({ role: index % 2 ? "assistant" : "user", content: "Go on." })) }),
    statuses: [200, 400],
  },
};
