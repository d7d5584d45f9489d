/**
 * What is not known for sure about the real backend: each question on which reports disagree is one named switch,
 * and a profile is a set of answers.
 */

export interface Questions {
  /** When `instructions` may be absent: never, when a developer message opens the input, or always. */
  instructions: "required" | "developer-message" | "optional";
  /** Whether any text is good as instructions, or only the official ones, as in late 2025. */
  instructionsText: "any" | "official";
  /** Which request fields are refused: those with a quoted refusal, or every field that the official client never sends. */
  unsupportedParameters: "reported" | "all";
  /** Whether input items may carry ids of answers that were never stored. */
  itemIds: "accept" | "refuse";
  /** Whether a tool call that came with a reasoning item must be sent back with it (seen where ids are sent). */
  reasoningPartner: "ignore" | "required";
  /** Whether `encrypted_content` must be one that this simulator made. */
  encryptedContent: "accept" | "verify";
  /** Whether a function tool without `strict` is held to the rules of strict schemas. */
  toolStrict: "explicit" | "default-true";
  /**
   * Whether the `version` header must be sent, or is only looked at when it is. Reports of a gate exist, yet LiteLLM's and
   * LangChain's own clients of the real backend send none.
   */
  versionHeader: "optional" | "required";
  /** What a client hears whose version is below the model's minimum. */
  clientTooOld: "not_supported" | "not_found";
  /** The body for a model that the account cannot use. */
  modelRefusal: "detail" | "error";
  /** Whether `chatgpt-account-id` must be sent. One that is sent must always be the token's. */
  accountHeader: "optional" | "required";
  /** Whether `session-id` must be sent (hyphenated, as the official client spells it since 2026). */
  sessionHeader: "optional" | "required";
  /** Whether responses-lite may be chosen freely, must be used by the models flagged for it, or is refused. */
  responsesLite: "optional" | "required" | "refused";
  /** Which service tiers are taken: those the model lists, or any known one. */
  serviceTiers: "listed" | "known";
  /** What `response.completed` carries as `output`: the real backend often sends an empty list. */
  completedOutput: "empty" | "full";
  /**
   * Which part of the input counts as cached: all before the last answer, whatever came before; or what an earlier request
   * with the same `prompt_cache_key` began with, in steps of 128 tokens.
   */
  promptCache: "earlier-turns" | "by-key";
  /** Whether an event stream is compressed for those who ask for it, as the Codex CLI does since 0.171. Not seen so far. */
  compression: "never" | "asked";
  /** How rate limits are told on a stream. */
  rateLimits: "headers" | "event" | "both" | "none";
  /** What `GET /models` says without a proper `client_version`; and what the version 0.0.0 lists. */
  clientVersion: "required" | "zero-lists-all";
  /** Whether `GET /models` honours If-None-Match with a 304. */
  modelsConditional: boolean;
  /** Whether `/backend-api/codex/usage` answers like `/backend-api/wham/usage`. */
  codexUsagePath: boolean;
  /** Whether `POST /responses/compact` is there. */
  compactEndpoint: boolean;
  /** Which bodies the token endpoint takes for a refresh. */
  refreshBody: "json" | "json-and-form";
  /** For how many seconds a used refresh token is still answered, with the tokens that it was exchanged for. */
  refreshGraceSeconds: number;
  /** Whether using a refresh token twice also revokes the tokens that descend from it. */
  refreshReuseRevokes: boolean;
  /** Whether a refresh makes the access token before it invalid at once. */
  refreshInvalidatesAccess: boolean;
  /** Which redirect URIs the authorize page takes: the registered ones (ports 1455 and 1457), or any path and port on a loopback host. */
  redirectUris: "registered" | "loopback";
  /** Whether signing in by device code is enabled. */
  deviceLogin: boolean;
  /** The status while a device code waits for its person. */
  devicePending: 403 | 404;
  /** Whether any well-formed, unexpired JWT is taken as a bearer token, or only those issued here. */
  bearer: "issued" | "any-jwt";
}

/** `genuine` takes what the official client sends; `strict` gives the harsher answer to each question. */
export type Profile = "genuine" | "strict";

/** The answers of both profiles, to read or to derive others from. */
export const profiles: Readonly<Record<Profile, Readonly<Questions>>> = {
  genuine: {
    instructions: "developer-message",
    instructionsText: "any",
    unsupportedParameters: "reported",
    itemIds: "accept",
    reasoningPartner: "ignore",
    encryptedContent: "accept",
    toolStrict: "explicit",
    versionHeader: "optional",
    clientTooOld: "not_supported",
    modelRefusal: "detail",
    accountHeader: "optional",
    sessionHeader: "optional",
    responsesLite: "optional",
    serviceTiers: "known",
    completedOutput: "full",
    promptCache: "earlier-turns",
    compression: "never",
    rateLimits: "both",
    clientVersion: "zero-lists-all",
    modelsConditional: true,
    codexUsagePath: true,
    compactEndpoint: true,
    refreshBody: "json-and-form",
    refreshGraceSeconds: 0,
    refreshReuseRevokes: false,
    refreshInvalidatesAccess: false,
    redirectUris: "registered",
    deviceLogin: true,
    devicePending: 403,
    bearer: "issued",
  },
  strict: {
    instructions: "required",
    instructionsText: "any",
    unsupportedParameters: "all",
    itemIds: "refuse",
    reasoningPartner: "required",
    encryptedContent: "verify",
    toolStrict: "default-true",
    versionHeader: "optional",
    clientTooOld: "not_found",
    modelRefusal: "detail",
    accountHeader: "required",
    sessionHeader: "optional",
    responsesLite: "optional",
    serviceTiers: "listed",
    completedOutput: "empty",
    promptCache: "earlier-turns",
    compression: "asked",
    rateLimits: "both",
    clientVersion: "required",
    modelsConditional: false,
    codexUsagePath: false,
    compactEndpoint: false,
    refreshBody: "json",
    refreshGraceSeconds: 0,
    refreshReuseRevokes: true,
    refreshInvalidatesAccess: false,
    redirectUris: "registered",
    deviceLogin: true,
    devicePending: 404,
    bearer: "issued",
  },
};

/** A profile's answers with some of them replaced. */
export function answerQuestions(profile: Profile, overrides: Partial<Questions> = {}): Questions {
  return { ...profiles[profile], ...overrides };
}
