/** What a client makes of a completion, streamed or plain: the choices in their order, and the usage. */
export interface FoldedCompletion {
  ids: Set<unknown>;
  choices: { text: string; finish_reason: unknown }[];
  usage: unknown;
  error: unknown;
}

type Fields = Record<string, unknown>;
interface Choice {
  index: number;
  text: string;
  finish_reason: unknown;
}

export function foldCompletion(chunks: Fields[]): FoldedCompletion {
  const folded: FoldedCompletion = { ids: new Set(), choices: [], usage: undefined, error: undefined };
  for (const chunk of chunks) {
    if (chunk.error !== undefined) {
      folded.error = chunk.error;
      continue;
    }
    folded.ids.add(chunk.id);
    if (chunk.usage) folded.usage = chunk.usage;
    for (const { index, text, finish_reason } of chunk.choices as Choice[]) {
      folded.choices[index] ??= { text: "", finish_reason: null };
      const choice = folded.choices[index];
      if (choice.finish_reason !== null) throw new Error("a chunk after the finish reason");
      choice.text += text;
      choice.finish_reason = finish_reason;
    }
  }
  return folded;
}
