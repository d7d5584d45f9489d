/** Folds chat chunks into a message, as a client that knows nothing of us does it. */
export interface FoldedChat {
  ids: Set<unknown>;
  role: unknown;
  content: string;
  reasoning: string;
  refusal: string;
  calls: Record<string, unknown>[];
  functionCall: { name: string; arguments: string } | undefined;
  annotations: unknown[];
  images: unknown[];
  details: unknown[];
  finishReason: unknown;
  usage: unknown;
  error: unknown;
}

type Fields = Record<string, unknown>;

export function foldChunks(chunks: Fields[]): FoldedChat {
  const folded: FoldedChat = {
    ids: new Set(),
    role: undefined,
    content: "",
    reasoning: "",
    refusal: "",
    calls: [],
    functionCall: undefined,
    annotations: [],
    images: [],
    details: [],
    finishReason: undefined,
    usage: undefined,
    error: undefined,
  };
  for (const chunk of chunks) {
    if (chunk.error !== undefined) {
      folded.error = chunk.error;
      continue;
    }
    folded.ids.add(chunk.id);
    if (chunk.usage) folded.usage = chunk.usage;
    const [choice] = chunk.choices as { delta: Fields; finish_reason: unknown }[];
    if (choice === undefined) continue;
    if (choice.finish_reason !== null) folded.finishReason = choice.finish_reason;
    addDelta(folded, choice.delta);
  }
  return folded;
}

function addDelta(folded: FoldedChat, delta: Fields): void {
  if (delta.role !== undefined) folded.role = delta.role;
  folded.content += (delta.content as string | undefined) ?? "";
  folded.reasoning += (delta.reasoning_content as string | undefined) ?? "";
  folded.refusal += (delta.refusal as string | undefined) ?? "";
  folded.annotations.push(...((delta.annotations as unknown[] | undefined) ?? []));
  folded.images.push(...((delta.images as unknown[] | undefined) ?? []));
  folded.details.push(...((delta.reasoning_details as unknown[] | undefined) ?? []));
  const legacy = delta.function_call as { name?: string; arguments: string } | undefined;
  if (legacy?.name !== undefined) folded.functionCall = { name: legacy.name, arguments: "" };
  if (legacy !== undefined && folded.functionCall) folded.functionCall.arguments += legacy.arguments;
  for (const piece of (delta.tool_calls as Fields[] | undefined) ?? []) addCall(folded.calls, piece);
}

/** Id, type and name may come once only; a second time is an error of the stream. */
function addCall(calls: Fields[], { index, ...piece }: Fields): void {
  const known = calls[index as number];
  if (known === undefined) {
    calls[index as number] = structuredClone(piece);
    return;
  }
  for (const [key, value] of Object.entries(piece)) {
    if (typeof value !== "object" || value === null) throw new Error(`${key} came twice`);
    const inner = known[key] as Fields;
    for (const [field, text] of Object.entries(value)) inner[field] = `${inner[field] ?? ""}${text}`;
  }
}

/** A plain answer in the shape of `foldChunks`. */
export function foldPlain(answer: object): Record<string, unknown> {
  const { id, choices, usage } = answer as {
    id: string;
    usage: unknown;
    choices: [{ message: Fields; finish_reason: string }];
  };
  const [{ message, finish_reason }] = choices;
  return {
    ids: new Set([id]),
    content: message.content ?? "",
    reasoning: message.reasoning_content ?? "",
    refusal: message.refusal ?? "",
    calls: message.tool_calls ?? [],
    functionCall: message.function_call,
    annotations: message.annotations,
    images: message.images ?? [],
    details: message.reasoning_details ?? [],
    finishReason: finish_reason,
    usage,
  };
}
