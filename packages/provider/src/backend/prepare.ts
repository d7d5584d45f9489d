import { CodexError } from "@codex/errors";
import type { AccountModels, ResolvedModel } from "@codex/models";
import { type DerivedInstructions, type Instructions, isLegacyToolPrompt } from "@codex/prompts";
import {
  buildReasoning,
  buildText,
  type ReasoningNote,
  resolveReasoning,
  resolveVerbosity,
  type UnknownEffort,
} from "@codex/reasoning";
import { adjust, type RequestContext, spell } from "../canonical/context.js";
import { type InputItem, isMessage, type ResponsesRequest } from "../canonical/request.js";
import type { BodyParts } from "./body.js";
import { allText, hoistSystem } from "./input.js";
import type { Learned } from "./learned.js";
import { hasOwnInstructions, speaksLite, splitLiteHead } from "./lite.js";

/** Asks models, reasoning and prompts, in this order, since each needs the answer of the one before. */
export async function prepare(
  request: ResponsesRequest,
  context: RequestContext,
  parts: { models: AccountModels; instructions: Instructions },
  learned: Learned,
  strict: boolean,
): Promise<BodyParts> {
  const resolved = parts.models.peek(request.model) ?? (await parts.models.resolve(request.model, context.signal));
  noteMapping(resolved, context);
  const efforts = learned.efforts.get(resolved.info.slug);
  const model = efforts === undefined ? resolved.info : { ...resolved.info, efforts };

  const { effort, summary, notes, unknown } = resolveReasoning({
    suffix: resolved.effort,
    parameter: request.reasoning?.effort,
    header: context.headers["x-codex-effort"],
    summary: request.reasoning?.summary,
    model,
  });
  if (unknown !== undefined) throw unknownEffort(unknown, model.slug, context);
  const { verbosity, note } = resolveVerbosity({ requested: request.text?.verbosity, model });
  for (const change of note === undefined ? notes : [...notes, note]) noteReasoning(change, context);

  const head = splitLiteHead(withoutLegacyPrompts(request.input, context));
  if (request.instructions !== undefined && isLegacyToolPrompt(request.instructions)) {
    adjust(context, { field: "instructions", action: "dropped", detail: legacyPrompt });
  }
  // A model that is known not to speak it would refuse it.
  const lite = speaksLite(head, context) && (model.responsesLite || !resolved.listed);
  const isOwn = lite && hasOwnInstructions(request, head);
  const tools = [...head.tools, ...(request.tools ?? [])];
  const { messages, input } = hoistSystem(request.instructions, head.rest);
  const isDemanded = learned.officialInstructions.has(model.slug);
  const derivation = parts.instructions.derive({
    messages,
    toolNames: tools.map((tool) => tool.name ?? tool.type),
    model,
    signal: context.signal,
    // The Codex CLI brings the official text itself: the policy is for callers that lack it.
    mode: isDemanded ? "on" : isOwn ? "auto" : undefined,
  });
  const derived = derivation instanceof Promise ? await derivation : derivation;
  const staysInPlace = isOwn && (derived.source === "caller" || derived.source === "default");
  return {
    request,
    model,
    derived: staysInPlace ? noInstructions : fitInstructions(derived, isDemanded, strict, context),
    lite,
    toolsItem: head.item,
    tools,
    input: staysInPlace ? head.rest : input,
    reasoning: buildReasoning({ effort, summary, given: request.reasoning }),
    text: buildText({ verbosity, given: request.text }),
  };
}

const noInstructions: DerivedInstructions = { instructions: "", developer: [], source: "caller" };

/** Notes instructions that are not the caller's. In strict mode our default, which nobody has asked for, stays away. */
function fitInstructions(
  derived: DerivedInstructions,
  isDemanded: boolean,
  strict: boolean,
  context: RequestContext,
): DerivedInstructions {
  const note = { field: "instructions", action: "added" } as const;
  switch (derived.source) {
    case "default":
      if (strict) return { ...derived, instructions: "" };
      adjust(context, { ...note, detail: "our short default, as there were none" });
      break;
    case "official":
    case "bundled":
      if (isDemanded) adjust(context, { ...note, detail: "the official text, as the backend asks" });
      else adjust(context, { ...note, detail: "the official text, as CODEX_MODE asks", bySettings: true });
      break;
    case "remap":
      adjust(context, { ...note, detail: "a note on tool names, as CODEX_MODE asks", bySettings: true });
  }
  return derived;
}

/** A name that the user has defined means what it says; another model than the one named is told. */
function noteMapping({ mapped }: ResolvedModel, context: RequestContext): void {
  if (mapped === undefined || mapped.reason === "alias") return;
  const why = mapped.reason === "retired" ? "retired" : "a dated name";
  adjust(context, { field: "model", action: "mapped", detail: `${mapped.from} is ${why}; ${mapped.to} answers` });
}

function unknownEffort({ field, value, known }: UnknownEffort, slug: string, context: RequestContext): CodexError {
  const message = `There is no reasoning effort \`${value}\`. ${slug} takes ${known.join(", ")}.`;
  return new CodexError("request_invalid", message, { param: spell(context, field) });
}

function noteReasoning({ field, from, to }: ReasoningNote, context: RequestContext): void {
  if (to === undefined) adjust(context, { field, action: "dropped", detail: `the model has no ${from}` });
  else adjust(context, { field, action: "clamped", detail: `${from} to ${to}` });
}

const legacyPrompt = "a legacy toolchain prompt";

/** System messages of old toolchains that tell the model of tools which are not there. */
function withoutLegacyPrompts(input: readonly InputItem[], context: RequestContext): readonly InputItem[] {
  const isLegacy = (item: InputItem): boolean => {
    if (!isMessage(item) || (item.role !== "system" && item.role !== "developer")) return false;
    const text = allText(item);
    return text !== undefined && isLegacyToolPrompt(text);
  };
  const kept = input.filter((item) => !isLegacy(item));
  if (kept.length < input.length) {
    adjust(context, { field: "input", action: "dropped", detail: legacyPrompt });
  }
  return kept;
}
