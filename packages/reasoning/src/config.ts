/** What the request's own `reasoning` or `text` object holds beside the fields that we decide; it travels on untouched. */
type GivenFields = Readonly<Record<string, unknown>>;

export interface ReasoningBlock {
  effort?: string;
  summary?: string;
  /** `all_turns` with the responses-lite shape, which the backend refuses without it. */
  context?: string;
  [field: string]: unknown;
}

/**
 * The `reasoning` object of a request, or undefined when there is nothing to say. `given` is the caller's own object;
 * its effort and summary are replaced (or removed) by the decided ones.
 */
export function buildReasoning(input: {
  effort?: string | undefined;
  summary?: string | undefined;
  /** Whether the request is sent in the responses-lite shape. Default false. */
  lite?: boolean;
  given?: GivenFields | undefined;
}): ReasoningBlock | undefined {
  const reasoning: ReasoningBlock = {};
  for (const field in input.given) {
    if (field !== "effort" && field !== "summary") reasoning[field] = input.given[field];
  }
  if (input.effort !== undefined) reasoning.effort = input.effort;
  if (input.summary !== undefined) reasoning.summary = input.summary;
  if (input.lite) reasoning.context = "all_turns";
  return unlessEmpty(reasoning);
}

export interface TextBlock {
  verbosity?: string;
  format?: Readonly<Record<string, unknown>>;
  [field: string]: unknown;
}

/** The `text` object of a request, or undefined when there is nothing to say. `given` is the caller's own, format included. */
export function buildText(input: {
  verbosity?: string | undefined;
  given?: GivenFields | undefined;
}): TextBlock | undefined {
  const text: TextBlock = {};
  for (const field in input.given) if (field !== "verbosity") text[field] = input.given[field];
  if (input.verbosity !== undefined) text.verbosity = input.verbosity;
  return unlessEmpty(text);
}

function unlessEmpty<T extends object>(block: T): T | undefined {
  for (const _field in block) return block;
  return undefined;
}
