import type { ModelInfo } from "@codex/models";
import { toolBridge, toolRemap } from "./bridge.js";
import type { CodexMode } from "./mode.js";
import { createOfficialTexts, type InstructionSources, officialSources } from "./official.js";
import { callerText, type SystemMessage } from "./system-text.js";
import type { Personality } from "./template.js";
import { bundledInstructions, defaultInstructions } from "./texts.js";
import { waitFor } from "./wait.js";

export interface DeriveInput {
  /** The system and developer messages at the head of the conversation, in order. */
  readonly messages: readonly SystemMessage[];
  /** The names of the request's tools. */
  readonly toolNames: readonly string[];
  /** The model that is asked, with the text that the account's list has for it. */
  readonly model: ModelInfo;
  /** Overrides the mode for this request, as when the backend asks for the official instructions. */
  readonly mode?: CodexMode | undefined;
  /** Ends the waiting of this caller; what is being fetched goes on for the next one. */
  readonly signal?: AbortSignal | undefined;
}

export interface DerivedInstructions {
  /** The value of the request's `instructions`. */
  readonly instructions: string;
  /** Texts of developer messages that go to the head of `input`, in order. */
  readonly developer: readonly string[];
  /**
   * Where `instructions` come from: the caller's text, our short default, OpenAI's text, our stand-in for it, the note on
   * tool names that mode `off` puts before the caller's text, or the `deriveInstructions` option.
   */
  readonly source: "caller" | "default" | "official" | "bundled" | "remap" | "custom";
}

/**
 * Replaces the whole policy. It gets the messages as they came, legacy tool prompts included. A string becomes the
 * instructions, with no developer messages; `source` may be left out.
 */
export type DeriveInstructions = (
  messages: readonly SystemMessage[],
  context: { readonly mode: CodexMode; readonly model: ModelInfo; readonly toolNames: readonly string[] },
) => CustomInstructions | Promise<CustomInstructions>;

export type CustomInstructions = string | { readonly instructions: string; readonly developer?: readonly string[] };

export interface InstructionsOptions {
  /** Default `auto`. */
  mode?: CodexMode;
  /** Used in mode `on` alone, for models whose text the account's list lacks. Default: the global fetch. */
  fetch?: typeof fetch;
  /** A folder for the file cache, made when needed. Default: none, memory only. */
  cacheDir?: string;
  /** Milliseconds since 1970. Default Date.now. */
  now?: () => number;
  deriveInstructions?: DeriveInstructions;
  /** Default: the openai/codex repository on GitHub. */
  sources?: InstructionSources;
  /** How long a fetched text is served without asking again. Default 15 minutes. */
  ttlMs?: number;
  /** Limit for one fetch. Default 20 000. */
  timeoutMs?: number;
  /** The least time between two fetches when the first failed. Default 60 000. */
  retryMs?: number;
  /** Which voice the official template gets where it has several. Default `default`. */
  personality?: Personality;
  /** Called with each failed fetch and each file that could not be read or written. None of them fails a request. */
  onFailure?: (error: unknown) => void;
}

export interface Instructions {
  /**
   * The instructions for one request. A promise only where a first text must be fetched (mode `on`), or where
   * `deriveInstructions` gives one. Rejects for nothing but the caller's signal and errors of `deriveInstructions`.
   */
  derive(input: DeriveInput): DerivedInstructions | Promise<DerivedInstructions>;
  /**
   * The renewal of old texts that is under way, which ends with the process: a short-lived one may want to wait for it. Never
   * rejects; undefined where nothing is being renewed.
   */
  renewal?(): Promise<void> | undefined;
}

/** Puts the CODEX_MODE policy to work. One instance serves a whole program; it holds nothing of any conversation. */
export function createInstructions(options: InstructionsOptions = {}): Instructions {
  const official = createOfficialTexts({
    fetch: options.fetch ?? globalThis.fetch,
    cacheDir: options.cacheDir,
    now: options.now ?? Date.now,
    sources: options.sources ?? officialSources,
    ttlMs: options.ttlMs ?? 15 * 60_000,
    retryMs: options.retryMs ?? 60_000,
    timeoutMs: options.timeoutMs ?? 20_000,
    personality: options.personality ?? "default",
    onFailure: options.onFailure ?? (() => undefined),
  });

  function deriveOn(input: DeriveInput): DerivedInstructions | Promise<DerivedInstructions> {
    const text = official.of(input.model);
    if (!(text instanceof Promise)) return withOfficial(text, input);
    return waitFor(text, input.signal).then((found) => withOfficial(found, input));
  }

  return {
    renewal: official.renewal,
    derive(input) {
      const mode = input.mode ?? options.mode ?? "auto";
      if (options.deriveInstructions !== undefined) {
        const context = { mode, model: input.model, toolNames: input.toolNames };
        const custom = options.deriveInstructions(input.messages, context);
        return custom instanceof Promise ? custom.then(fromCustom) : fromCustom(custom);
      }
      if (mode === "on") return deriveOn(input);
      return mode === "off" ? deriveOff(input) : deriveAuto(input);
    },
  };
}

function deriveAuto({ messages }: DeriveInput): DerivedInstructions {
  const caller = callerText(messages);
  return caller === ""
    ? { instructions: defaultInstructions, developer: [], source: "default" }
    : { instructions: caller, developer: [], source: "caller" };
}

function deriveOff({ messages, toolNames }: DeriveInput): DerivedInstructions {
  const caller = callerText(messages);
  const remap = toolRemap(toolNames);
  return { instructions: caller === "" ? remap : `${remap}\n\n${caller}`, developer: [], source: "remap" };
}

/** The caller's text goes after the official one, and the note on tools where there are some. */
function withOfficial(text: string | undefined, { messages, toolNames }: DeriveInput): DerivedInstructions {
  const caller = callerText(messages);
  const developer = caller === "" ? [] : [caller];
  if (toolNames.length > 0) developer.push(toolBridge(toolNames));
  return { instructions: text ?? bundledInstructions, developer, source: text === undefined ? "bundled" : "official" };
}

function fromCustom(custom: CustomInstructions): DerivedInstructions {
  if (typeof custom === "string") return { instructions: custom, developer: [], source: "custom" };
  return { instructions: custom.instructions, developer: custom.developer ?? [], source: "custom" };
}
