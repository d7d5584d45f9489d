import type { AccessContext, Session } from "@codex/auth";
import { CodexError, toCodexError } from "@codex/errors";
import type { AccountModels } from "@codex/models";
import type { Instructions } from "@codex/prompts";
import { type BackoffOptions, delay } from "@codex/transport";
import { abortedError } from "../aborted-error.js";
import type { RequestContext } from "../canonical/context.js";
import type { ResponseEvent } from "../canonical/events.js";
import type { ResponsesRequest } from "../canonical/request.js";
import type { TimeLimits } from "../time-limits.js";
import { attempt } from "./attempt.js";
import { type BodyParts, buildBody, isDroppable } from "./body.js";
import { fitKey } from "./cache-key.js";
import type { Circuit } from "./circuit.js";
import { type Identity, responsesHeaders } from "./headers.js";
import { holdUntilOutput } from "./hold.js";
import { createLearned } from "./learned.js";
import { nameClosestModels } from "./model-refusal.js";
import { prepare } from "./prepare.js";
import { newTally, nextStep } from "./retry.js";
import { type RateLimits, rateLimitsFromEvent, rateLimitsFromHeaders } from "./usage.js";

/** Changes the events of an answer before a dialect puts them into words; plain answers are folds of what it returns. */
export type ResponseTransform = (
  events: AsyncIterable<ResponseEvent[]>,
  about: { request: ResponsesRequest; model: string },
) => AsyncIterable<ResponseEvent[]>;

/** The parts that a client is made of; `createCodexClient` fills in what it is not given. */
export interface BackendParts {
  baseUrl: string;
  session: Session;
  circuit: Circuit;
  models: AccountModels;
  instructions: Instructions;
  identity: Identity;
  /** Whether any adjustment is refused; the header `x-codex-strict: 1` asks for it request by request. */
  strict: boolean;
  transform: ResponseTransform | undefined;
  /** Told of the plan's limits with every answer that carries them, refusals included. */
  onRateLimits: (limits: RateLimits) => void;
  backoff: BackoffOptions | undefined;
  timeLimits: TimeLimits;
  now: () => number;
}

/** An answer that has been committed to: its failures from here on are in-band. */
export interface ResponseStream {
  events: AsyncIterable<ResponseEvent[]>;
  /** The backend's own headers, names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** The model that was asked, as the backend names it. */
  model: string;
}

export interface StreamOptions {
  /** How long to wait for output before committing, in milliseconds from the backend's headers. Default 12,000. */
  patienceMs?: number;
}

/** The conversation with the backend: one request in, one committed stream out. */
export interface Backend {
  /** Whether any adjustment is refused, of whatever request. Default false. */
  readonly strict?: boolean;
  /**
   * Settles at commit: the first event with output, or the end of the patience. Until then a failure is thrown with its
   * true status, after what the retry table allows.
   */
  stream(request: ResponsesRequest, context: RequestContext, options?: StreamOptions): Promise<ResponseStream>;
}

export function createBackend(parts: BackendParts): Backend {
  const { session, circuit, models, identity, now } = parts;
  const learned = createLearned();
  const url = `${parts.baseUrl}/responses`;

  /** Builds the request as it would be sent now, with all that has been learned. */
  function draw(prepared: BodyParts, context: RequestContext) {
    const lite = learned.lite.get(prepared.model.slug) ?? prepared.lite;
    const built = buildBody(prepared, { lite, refusedFields: learned.refusedFields }, context);
    return {
      text: JSON.stringify(built.body),
      cacheKey: built.cacheKey,
      serviceTier: built.serviceTier,
      lite: built.lite,
    };
  }

  function noteHeaders(headers: Readonly<Record<string, string>>): void {
    models.noteEtag(headers["x-models-etag"]);
    for (const limits of rateLimitsFromHeaders(headers)) parts.onRateLimits(limits);
  }

  function noteEvent(event: ResponseEvent): void {
    const limits = event.type === "codex.rate_limits" ? rateLimitsFromEvent(event.data) : undefined;
    if (limits) parts.onRateLimits(limits);
  }

  return {
    strict: parts.strict,
    async stream(request, context, options = {}) {
      const { signal } = context;
      const strict = isStrict(parts, context);
      const tally = newTally(now());
      let prepared = await prepare(request, context, parts, learned);
      let drawn = draw(prepared, context);
      const { "x-codex-session": named } = context.headers;
      const sessionId = named === undefined ? undefined : fitKey(named, "x-codex-session", context);
      if (strict) refuseAdjustments(context);
      let access: AccessContext = await session.current(signal);

      for (;;) {
        const headers = responsesHeaders(access, identity, {
          model: prepared.model.slug,
          serviceTier: drawn.serviceTier,
          lite: drawn.lite,
          session: sessionId ?? drawn.cacheKey,
          requestId: context.headers["x-request-id"],
        });
        try {
          const answer = await attempt(circuit, { url, headers, body: drawn.text }, signal, {
            now,
            onHeaders: noteHeaders,
            onCodexEvent: noteEvent,
          });
          const held = await holdUntilOutput(answer.events, { ...parts.timeLimits, ...options });
          const model = prepared.model.slug;
          const events = parts.transform ? parts.transform(held, { request, model }) : held;
          return { events, headers: answer.headers, model };
        } catch (thrown) {
          if (signal.aborted) throw abortedError(signal, thrown);
          const error = toCodexError(thrown);
          const step = nextStep(error, tally, { lite: drawn.lite, strict, now: now(), backoff: parts.backoff });
          switch (step.kind) {
            case "wait":
              await delay(step.ms, signal);
              break;
            case "refresh":
              access = await session.refresh(access, signal);
              break;
            case "official_instructions":
              learned.officialInstructions.add(prepared.model.slug);
              prepared = await prepare(request, context, parts, learned);
              drawn = draw(prepared, context);
              break;
            case "drop_field":
              if (!isDroppable(step.field)) throw error;
              learned.refusedFields.add(step.field);
              drawn = draw(prepared, context);
              break;
            case "switch_shape":
              learned.lite.set(prepared.model.slug, step.lite);
              drawn = draw(prepared, context);
              break;
            case "learn_efforts":
              learned.efforts.set(prepared.model.slug, step.efforts);
              prepared = await prepare(request, context, parts, learned);
              drawn = draw(prepared, context);
              // The effort is clamped now, which strict mode refuses as it would have before it was known.
              if (strict) refuseAdjustments(context);
              break;
            case "give_up":
              throw await nameClosestModels(error, prepared.model.slug, models, signal);
          }
        }
      }
    },
  };
}

/** Strict mode: nothing may be changed about a request. Checked once, just before it goes out. */
function refuseAdjustments(context: RequestContext): void {
  const [first] = context.adjustments;
  if (first === undefined) return;
  const reason = first.detail === undefined ? "" : ` (${first.detail})`;
  throw new CodexError(
    "request_invalid",
    `Strict mode: \`${first.field}\` would be ${first.action}${reason}. Leave it out, or send the request without strict mode.`,
    { param: first.field },
  );
}

/** Whether a request is to go out just as it came, or not at all: for all of them, or by `x-codex-strict: 1`. */
export function isStrict({ strict }: Pick<Backend, "strict">, context: RequestContext): boolean {
  return strict === true || isOn(context.headers["x-codex-strict"]);
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && /^(1|true|on|yes)$/i.test(value.trim());
}
