/** What a client gets out of an answer, whatever its dialect; read as a client reads it. */
export interface Answer {
  text: string;
  refusal: string;
  reasoning: string;
  calls: { name: string; input: string }[];
  /** Input, output and total tokens. */
  usage: unknown[] | undefined;
  isIncomplete: boolean;
  isEnded: boolean;
  hasError: boolean;
}

type Fields = Record<string, unknown>;

interface ChatToolCall {
  index?: number;
  function?: { name?: string; arguments?: string };
  custom?: { name?: string; input?: string };
}

interface ChatMessage {
  content?: string | null;
  refusal?: string | null;
  reasoning_content?: string;
  tool_calls?: ChatToolCall[];
}

const lengthReasons = new Set(["length", "content_filter"]);

export function readChatPlain(text: string): Answer {
  const body = JSON.parse(text) as { choices: { message: ChatMessage; finish_reason: string }[]; usage?: Fields };
  const answer = emptyAnswer();
  const choice = body.choices[0];
  if (choice === undefined) return answer;
  addChat(answer, {
    ...choice.message,
    tool_calls: (choice.message.tool_calls ?? []).map((call, index) => ({ ...call, index })),
  });
  answer.isIncomplete = lengthReasons.has(choice.finish_reason);
  answer.usage = chatUsage(body.usage);
  answer.isEnded = true;
  return answer;
}

export function readChatStream(text: string): Answer {
  const answer = emptyAnswer();
  for (const data of dataOf(text)) {
    if (data === "[DONE]") {
      answer.isEnded = true;
      continue;
    }
    if (answer.isEnded) throw new Error("a chunk after [DONE]");
    const chunk = JSON.parse(data) as {
      choices?: { delta: ChatMessage; finish_reason: string | null }[];
      usage?: Fields;
      error?: object;
    };
    if (chunk.error !== undefined) answer.hasError = true;
    const choice = chunk.choices?.[0];
    if (choice !== undefined) addChat(answer, choice.delta);
    if (choice?.finish_reason && lengthReasons.has(choice.finish_reason)) answer.isIncomplete = true;
    if (chunk.usage) answer.usage = chatUsage(chunk.usage);
  }
  return answer;
}

function addChat(answer: Answer, delta: ChatMessage): void {
  answer.text += delta.content ?? "";
  answer.refusal += delta.refusal ?? "";
  answer.reasoning += delta.reasoning_content ?? "";
  for (const call of delta.tool_calls ?? []) {
    const index = call.index ?? Number.NaN;
    const known = answer.calls[index];
    const name = call.function?.name ?? call.custom?.name;
    const input = call.function?.arguments ?? call.custom?.input ?? "";
    if (known === undefined) answer.calls[index] = { name: name ?? "?", input };
    else known.input += input;
  }
}

function chatUsage(usage: Fields | undefined): unknown[] | undefined {
  return usage && [usage.prompt_tokens, usage.completion_tokens, usage.total_tokens];
}

interface CompletionBody {
  choices?: { text: string; finish_reason: string | null }[];
  usage?: Fields | null;
  error?: object;
}

/** A completion has one text: a refusal is part of it, and calls and reasoning are not told. */
export function readCompletionPlain(text: string): Answer {
  const answer = emptyAnswer();
  addCompletion(answer, JSON.parse(text) as CompletionBody);
  answer.isEnded = true;
  return answer;
}

export function readCompletionStream(text: string): Answer {
  const answer = emptyAnswer();
  for (const data of dataOf(text)) {
    if (answer.isEnded) throw new Error("a chunk after [DONE]");
    if (data === "[DONE]") answer.isEnded = true;
    else addCompletion(answer, JSON.parse(data) as CompletionBody);
  }
  return answer;
}

function addCompletion(answer: Answer, { choices, usage, error }: CompletionBody): void {
  if (error !== undefined) answer.hasError = true;
  const choice = choices?.[0];
  answer.text += choice?.text ?? "";
  if (choice?.finish_reason && lengthReasons.has(choice.finish_reason)) answer.isIncomplete = true;
  if (usage) answer.usage = chatUsage(usage);
}

export function readResponsesPlain(text: string): Answer {
  const answer = emptyAnswer();
  addResponse(answer, JSON.parse(text) as Fields);
  return answer;
}

/** As a client that looks at deltas; what the terminal event repeats must agree with them. */
export function readResponsesStream(text: string): Answer {
  const answer = emptyAnswer();
  let last = -1;
  const streamed = emptyAnswer();
  const calls = new Map<unknown, { name: string; input: string; isWhole: boolean }>();
  for (const data of dataOf(text)) {
    const event = JSON.parse(data) as Fields;
    if (typeof event.sequence_number === "number") {
      if (event.sequence_number <= last) throw new Error(`sequence number ${event.sequence_number} after ${last}`);
      last = event.sequence_number;
    }
    const item = event.item as Fields | undefined;
    switch (event.type) {
      case "response.output_text.delta":
        streamed.text += event.delta;
        break;
      case "response.refusal.delta":
        streamed.refusal += event.delta;
        break;
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        streamed.reasoning += event.delta;
        break;
      case "response.output_item.added":
        if (item?.name !== undefined)
          calls.set(event.output_index, { name: String(item.name), input: "", isWhole: false });
        break;
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta": {
        const call = calls.get(event.output_index);
        if (call !== undefined) call.input += event.delta;
        break;
      }
      case "response.output_item.done":
        if (item !== undefined && (item.type === "function_call" || item.type === "custom_tool_call")) {
          calls.set(event.output_index, {
            name: String(item.name),
            input: String(item.arguments ?? item.input),
            isWhole: true,
          });
        }
        break;
      case "response.completed":
      case "response.incomplete":
      case "response.done":
        addResponse(answer, event.response as Fields);
        break;
      case "error":
      case "response.failed":
        answer.hasError = true;
    }
  }
  streamed.calls = [...calls.values()].map(({ name, input }) => ({ name, input }));
  if (!answer.isEnded) return { ...streamed, hasError: answer.hasError };
  return answer;
}

function addResponse(answer: Answer, response: Fields): void {
  for (const item of (response.output as Fields[] | undefined) ?? []) {
    for (const part of (item.content as Fields[] | undefined) ?? []) {
      if (part.type === "output_text") answer.text += part.text;
      else if (part.type === "refusal") answer.refusal += part.refusal;
      else if (part.type === "reasoning_text") answer.reasoning += part.text;
    }
    for (const part of (item.summary as Fields[] | undefined) ?? []) answer.reasoning += part.text;
    if (item.type === "function_call" || item.type === "custom_tool_call") {
      answer.calls.push({ name: String(item.name), input: String(item.arguments ?? item.input) });
    }
  }
  const usage = response.usage as Fields | null | undefined;
  if (usage) answer.usage = [usage.input_tokens, usage.output_tokens, usage.total_tokens];
  answer.isIncomplete = response.status === "incomplete";
  answer.isEnded = true;
}

function* dataOf(text: string): Generator<string> {
  for (const line of text.split("\n")) if (line.startsWith("data: ")) yield line.slice(6);
}

function emptyAnswer(): Answer {
  return {
    text: "",
    refusal: "",
    reasoning: "",
    calls: [],
    usage: undefined,
    isIncomplete: false,
    isEnded: false,
    hasError: false,
  };
}
