import fc from "fast-check";

/** Bodies of OpenAI's APIs that are in order, by an arbitrary that knows them; and what becomes of one by mistakes. */

type Body = Record<string, unknown>;

const models = fc.constantFrom(
  "gpt-6-sol",
  "codex/gpt-6-luna",
  "gpt-6-sol-high",
  "openai/gpt-5.5",
  "gpt-5.1-codex",
  "gpt-6.1-sol",
);
const word = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }).filter((text) => text.trim() !== "");
const text = fc.oneof(
  word,
  fc.lorem({ maxCount: 8 }),
  fc.constantFrom("Use a tool.", "Search the web.", "Draw a picture.", "Say hi.", "", "\u0000", "🎈".repeat(9)),
);
const id = fc.stringMatching(/^[a-z]{1,6}_[0-9a-zA-Z]{1,12}$/);
const callId = fc.oneof({ weight: 9, arbitrary: id }, { weight: 1, arbitrary: id.map((short) => short.repeat(12)) });
const toolName = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("get_weather", "lookup", "write-file", "a") },
  { weight: 1, arbitrary: fc.constantFrom("mcp.server/read file", "x".repeat(70), "wetter für heute") },
);
const image =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const imageUrl = fc.constantFrom(image, "https://example.com/a.png");
const detail = fc.constantFrom("auto", "low", "high");
const pdf = "data:application/pdf;base64,JVBERi0xLjQK";

const metadata = fc.dictionary(fc.constantFrom("a", "b"), word);
const jsonArguments = fc.dictionary(fc.constantFrom("city", "unit"), word).map((value) => JSON.stringify(value));

const closed = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const schema = fc.constantFrom<Body>(
  closed,
  { type: "object", properties: { city: { type: "string", default: "Rome" }, days: { type: "integer" } } },
  { type: "object", properties: { list: { type: "array" } }, required: ["list"], additionalProperties: false },
  { anyOf: [closed] },
  { type: "object", properties: {} },
);
const format = fc.constantFrom<Body>({ type: "text" }, { type: "grammar", syntax: "lark", definition: 'start: "a"' });

/** Any of the fields, none of them needed. */
const optional = <T extends Record<string, fc.Arbitrary<unknown>>>(fields: T) =>
  fc.record(fields, { requiredKeys: [] });

/** Half of the fields are not there, so that each meets the absence of the others. */
function settings(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Body> {
  return fc
    .subarray(Object.keys(fields), { maxLength: 6 })
    .chain((names) =>
      fc.record(
        Object.fromEntries(
          names.map((name) => [
            name,
            fc.oneof(
              { weight: 8, arbitrary: fields[name] as fc.Arbitrary<unknown> },
              { weight: 1, arbitrary: fc.constant(null) },
            ),
          ]),
        ),
      ),
    );
}

const sampling = {
  temperature: fc.constantFrom(0, 0.7, 1, 2),
  top_p: fc.constantFrom(0.1, 1),
  user: word,
  service_tier: fc.constantFrom("auto", "default", "flex", "priority", "fast"),
  metadata,
  store: fc.boolean(),
  parallel_tool_calls: fc.boolean(),
  prompt_cache_key: word,
  prompt_cache_retention: fc.constantFrom("in_memory", "24h"),
  prompt_cache_options: fc.constant({ mode: "implicit", ttl: "30m" }),
  safety_identifier: word,
  top_logprobs: fc.nat(5),
  moderation: fc.constant({ model: "omni-moderation-latest" }),
};
const efforts = fc.constantFrom("none", "minimal", "low", "medium", "high", "xhigh");
const verbosity = fc.constantFrom("low", "medium", "high");

// ------------------------------------------------------------------------------------------------------- chat

const chatPart = fc.oneof(
  fc.record({ type: fc.constant("text"), text }),
  fc.record({ type: fc.constant("image_url"), image_url: fc.record({ url: imageUrl, detail }) }),
  fc.record({ type: fc.constant("file"), file: fc.constant({ file_data: pdf, filename: "a.pdf" }) }),
);
const chatContent = fc.oneof(text, fc.array(chatPart, { minLength: 1, maxLength: 3 }));
const textParts = fc.array(fc.record({ type: fc.constant("text"), text }), { minLength: 1, maxLength: 2 });
const speaker = optional({ name: fc.constantFrom("ann", "bob") });

const saidByUser = fc
  .tuple(chatContent, speaker)
  .map(([content, more]): Body[] => [{ role: "user", content, ...more }]);
const saidBySystem = fc
  .tuple(fc.constantFrom("system", "developer"), fc.oneof(text, textParts), speaker)
  .map(([role, content, more]): Body[] => [{ role, content, ...more }]);
const saidByAssistant = fc
  .tuple(
    fc.oneof(text, textParts, fc.constant([{ type: "refusal", refusal: "No." }])),
    optional({ refusal: text, reasoning_content: text }),
  )
  .map(([content, more]): Body[] => [{ role: "assistant", content, ...more }]);
const functionCall = fc.record({ name: toolName, arguments: jsonArguments });
const calledTools = fc
  .tuple(fc.uniqueArray(callId, { minLength: 1, maxLength: 3 }), functionCall, fc.boolean(), fc.oneof(text, textParts))
  .map(([ids, call, custom, content]): Body[] => [
    {
      role: "assistant",
      content: null,
      tool_calls: ids.map((callId) =>
        custom
          ? { id: callId, type: "custom", custom: { name: call.name, input: "x" } }
          : { id: callId, type: "function", function: call },
      ),
    },
    ...ids.map((callId) => ({ role: "tool", tool_call_id: callId, content })),
  ]);
const calledFunction = fc.tuple(functionCall, text).map(([call, content]): Body[] => [
  { role: "assistant", content: null, function_call: call },
  { role: "function", name: call.name, content },
]);
const turns = fc.array(fc.oneof(saidByUser, saidBySystem, saidByAssistant, calledTools, calledFunction), {
  maxLength: 4,
});

const chatTool = fc.oneof(
  fc.tuple(toolName, schema, fc.constantFrom(undefined, false, null)).map(
    ([name, parameters, strict]): Body => ({
      type: "function",
      function: { name, parameters, ...(strict === undefined ? {} : { strict }) },
    }),
  ),
  fc.tuple(toolName, format).map(([name, given]): Body => {
    const { type, ...grammar } = given;
    return { type: "custom", custom: { name, format: type === "grammar" ? { type, grammar } : given } };
  }),
  fc.constantFrom<Body>({ type: "web_search" }, { type: "image_generation" }),
);
const byName = (tool: Body) => String(((tool.function ?? tool.custom ?? tool) as Body).name ?? tool.type);
/** Tools of different names, and a choice among them. */
const toolsWith = (tool: fc.Arbitrary<Body>) =>
  fc.uniqueArray(tool, { minLength: 1, maxLength: 3, selector: byName }).chain((tools) =>
    fc.record({
      tools: fc.constant(tools),
      tool_choice: fc.constantFrom<unknown>("auto", "none", "required", tools[0] && choiceOf(tools[0])),
    }),
  );

function choiceOf(tool: Body): Body {
  const { type, name } = tool;
  if (type === "namespace") return { type: "allowed_tools", mode: "auto", tools: [tool] };
  const nested = tool[String(type)] as Body | undefined;
  if (nested !== undefined) return { type, [String(type)]: { name: nested.name } };
  return name === undefined ? { type } : { type, name };
}

const responseFormat = fc.oneof(
  fc.constantFrom<Body>({ type: "text" }, { type: "json_object" }),
  schema.map(
    (given): Body => ({
      type: "json_schema",
      json_schema: { name: "answer", schema: given, strict: given === closed },
    }),
  ),
);
const streaming = (options: fc.Arbitrary<Body>) =>
  fc.oneof(
    fc.constant<Body>({}),
    options.map((stream_options): Body => ({ stream: true, stream_options })),
  );

const chatBody = fc
  .tuple(
    fc
      .tuple(models, turns, saidByUser)
      .map(([model, before, last]): Body => ({ model, messages: [...before.flat(), ...last] })),
    fc.oneof(
      fc.constant({}),
      toolsWith(chatTool),
      fc.record({ functions: fc.tuple(functionCall.map(({ name }) => ({ name, parameters: closed }))) }),
    ),
    settings({
      ...sampling,
      frequency_penalty: fc.constantFrom(0, 1),
      presence_penalty: fc.constantFrom(0, 1),
      logit_bias: fc.constant({ "50256": -100 }),
      logprobs: fc.boolean(),
      max_completion_tokens: fc.constantFrom(16, 32000),
      max_tokens: fc.constantFrom(16, 32000),
      modalities: fc.constant(["text"]),
      n: fc.constantFrom(1, 2),
      prediction: fc.constant({ type: "content", content: "x" }),
      reasoning_effort: efforts,
      response_format: responseFormat,
      seed: fc.integer(),
      stop: fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 4 })),
      verbosity,
      web_search_options: fc.constant({
        search_context_size: "low",
        user_location: { type: "approximate", approximate: { city: "Ulm" } },
      }),
    }),
    streaming(optional({ include_usage: fc.boolean(), include_obfuscation: fc.boolean() })),
  )
  .map((parts): Body => Object.assign({}, ...parts));

// -------------------------------------------------------------------------------------------------- responses

const inputPart = fc.oneof(
  fc.record({ type: fc.constantFrom("input_text", "text"), text }),
  fc.record({ type: fc.constant("input_image"), image_url: imageUrl, detail }),
  fc.record({ type: fc.constant("input_file"), file_data: fc.constant(pdf), filename: fc.constant("a.pdf") }),
);
const inputContent = fc.oneof(text, fc.array(inputPart, { minLength: 1, maxLength: 3 }));
const inputMessage = fc
  .tuple(
    fc.constantFrom("user", "system", "developer"),
    inputContent,
    optional({ type: fc.constant("message"), status: fc.constant("completed"), id }),
  )
  .map(([role, content, more]): Body[] => [{ role, content, ...more }]);
const outputMessage = fc
  .tuple(text, optional({ id, status: fc.constant("completed"), phase: fc.constantFrom("commentary", "final_answer") }))
  .map(([said, more]): Body[] => [
    {
      type: "message",
      role: "assistant",
      content: [{ type: "output_text", text: said, annotations: [], logprobs: [] }],
      ...more,
    },
  ]);
const inputCalls = fc
  .tuple(
    fc.uniqueArray(callId, { minLength: 1, maxLength: 3 }),
    functionCall,
    fc.boolean(),
    inputContent,
    optional({ id, namespace: toolName, status: fc.constant("completed") }),
  )
  .map(([ids, call, custom, output, more]): Body[] => {
    const prefix = custom ? "custom_tool" : "function";
    const given = custom ? { name: call.name, input: "x" } : call;
    return [
      ...ids.map((call_id) => ({ type: `${prefix}_call`, call_id, ...given, ...more })),
      ...ids.map((call_id) => ({ type: `${prefix}_call_output`, call_id, output })),
    ];
  });
const otherItem = fc.constantFrom<Body[]>(
  [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: null, status: null }],
  [{ type: "item_reference", id: "msg_unknown" }],
  [{ type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "x" } }],
  [{ type: "image_generation_call", id: "ig_1", status: "completed", result: "iVBORw0KGgo=" }],
  [{ type: "additional_tools", role: "developer", tools: [{ type: "function", name: "more", parameters: {} }] }],
);
const inputItems = fc
  .tuple(fc.array(fc.oneof(inputMessage, outputMessage, inputCalls, otherItem), { maxLength: 4 }), inputContent)
  .map(([items, content]) => [...items.flat(), { role: "user", content }]);

const responsesFunction = fc.tuple(toolName, schema, fc.constantFrom(undefined, false, null)).map(
  ([name, parameters, strict]): Body => ({
    type: "function",
    name,
    parameters,
    ...(strict === undefined ? {} : { strict }),
  }),
);
const responsesTool = fc.oneof(
  responsesFunction,
  fc.tuple(toolName, format).map(([name, given]): Body => ({ type: "custom", name, format: given })),
  fc
    .tuple(toolName, responsesFunction)
    .map(([name, inner]): Body => ({ type: "namespace", name, description: "x", tools: [inner] })),
  fc.constantFrom<Body>(
    { type: "web_search_preview" },
    { type: "web_search", filters: { allowed_domains: ["example.com"] } },
    { type: "image_generation" },
  ),
);
const textFormat = fc.oneof(
  fc.constantFrom<Body>({ type: "text" }, { type: "json_object" }),
  schema.map((given): Body => ({ type: "json_schema", name: "answer", schema: given, strict: given === closed })),
);
const includes = fc.subarray([
  ...["reasoning.encrypted_content", "message.output_text.logprobs", "web_search_call.action.sources"],
  ...["file_search_call.results", "message.input_image.image_url", "code_interpreter_call.outputs"],
]);

const responsesBody = fc
  .tuple(
    fc.record({ model: models, input: fc.oneof(word, inputItems) }),
    fc.oneof(fc.constant({}), toolsWith(responsesTool)),
    settings({
      ...sampling,
      background: fc.constant(false),
      context_management: fc.constant([{ type: "compaction", compact_threshold: 1000 }]),
      include: includes,
      instructions: text,
      max_output_tokens: fc.constantFrom(16, 32000),
      max_tool_calls: fc.constant(3),
      reasoning: optional({
        effort: efforts,
        summary: fc.constantFrom("auto", "concise", "detailed"),
        context: fc.constant("auto"),
      }),
      text: optional({ verbosity, format: textFormat }),
      truncation: fc.constantFrom("auto", "disabled"),
      client_metadata: metadata,
    }),
    streaming(optional({ include_obfuscation: fc.boolean() })),
  )
  .map((parts): Body => Object.assign({}, ...parts));

// ------------------------------------------------------------------------------------------------ completions

const completionsBody = fc
  .tuple(
    fc.record({ model: models, prompt: fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 2 })) }),
    settings({
      best_of: fc.constant(2),
      echo: fc.boolean(),
      frequency_penalty: fc.constantFrom(0, 1),
      logit_bias: fc.constant({ "50256": -100 }),
      logprobs: fc.nat(5),
      max_tokens: fc.constantFrom(16, 2000),
      n: fc.constantFrom(1, 2),
      presence_penalty: fc.constantFrom(0, 1),
      seed: fc.integer(),
      stop: fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 4 })),
      temperature: fc.constantFrom(0, 1),
      top_p: fc.constantFrom(0.1, 1),
      user: word,
    }),
    streaming(optional({ include_usage: fc.boolean() })),
  )
  .map((parts): Body => {
    const body: Body = Object.assign({}, ...parts);
    return body.best_of !== undefined && typeof body.n === "number" && body.n > 2 ? { ...body, n: 1 } : body;
  });

/** A request that is in order, on its route. */
export interface ApiRequest {
  route: "chat/completions" | "responses" | "completions";
  body: unknown;
  /** Fields of the body that a mistake has made. Default: none. */
  madeUp?: readonly string[];
}

const on = (route: ApiRequest["route"], body: fc.Arbitrary<unknown>) =>
  body.map((given): ApiRequest => ({ route, body: given }));

/** What every client may send. Cursor's Responses bodies on the chat route are in order here too. */
export const validRequest: fc.Arbitrary<ApiRequest> = fc.oneof(
  { weight: 5, arbitrary: on("chat/completions", chatBody) },
  { weight: 5, arbitrary: on("responses", responsesBody) },
  { weight: 1, arbitrary: on("chat/completions", responsesBody) },
  { weight: 1, arbitrary: on("completions", completionsBody) },
);

// ---------------------------------------------------------------------------------------------------- mistakes

type Mistake = (holder: Body | unknown[], key: string | number, junk: unknown) => void;

const mistakes: readonly Mistake[] = [
  (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  (holder, key, junk) => {
    (holder as Body)[key] = junk;
  },
  (holder, key) => {
    if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
    else holder[`${key}s`] = holder[key];
  },
  (holder, key) => {
    (holder as Body)[key] = null;
  },
  (holder, _key, junk) => {
    if (Array.isArray(holder)) holder.unshift(junk);
    else holder.made_up = junk;
  },
  (holder, key) => {
    (holder as Body)[key] = { nested: (holder as Body)[key] };
  },
];

/** Every place in a body. */
function placesOf(value: unknown, into: [Body | unknown[], string | number][] = []): typeof into {
  if (typeof value !== "object" || value === null) return into;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    into.push([value as Body, key]);
    placesOf((value as Body)[key], into);
  }
  return into;
}

const mistake = fc.record({ at: fc.nat(), kind: fc.nat(mistakes.length - 1), junk: fc.jsonValue({ maxDepth: 2 }) });

/** The same with a mistake or a few somewhere in it. */
export const nearlyValidRequest: fc.Arbitrary<ApiRequest> = fc
  .tuple(validRequest, fc.array(mistake, { minLength: 1, maxLength: 3 }))
  .map(([request, made]) => {
    const body = structuredClone(request.body);
    for (const { at, kind, junk } of made) {
      const places = placesOf(body);
      const place = places[at % Math.max(places.length, 1)];
      if (place !== undefined) mistakes[kind]?.(...place, structuredClone(junk));
    }
    const madeUp = Object.keys(body as Body).filter((field) => !(field in (request.body as Body)));
    return { route: request.route, body, madeUp };
  });

const fieldNames = [
  "model",
  "messages",
  "input",
  "prompt",
  "tools",
  "stream",
  "text",
  "reasoning",
  "n",
  "stop",
  "include",
];
const knownModel = fc.oneof(
  { weight: 3, arbitrary: fc.constant<unknown>("gpt-6-sol") },
  { weight: 1, arbitrary: fc.jsonValue() },
);

/** Anything that is JSON, some of it with the API's own names for keys. */
export const anyRequest: fc.Arbitrary<ApiRequest> = fc.record({
  route: fc.constantFrom<ApiRequest["route"]>("chat/completions", "responses", "completions"),
  body: fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom(...fieldNames), fc.jsonValue({ maxDepth: 3 })),
    fc
      .tuple(knownModel, fc.dictionary(fc.oneof(fc.constantFrom(...fieldNames), word), fc.jsonValue()))
      .map(([model, rest]) => ({ ...rest, model })),
  ),
});
