import type { AccessContext, Session } from "@codex/auth";
import { toCodexError } from "@codex/errors";
import type { AccountModels } from "@codex/models";
import type { Instructions } from "@codex/prompts";
import { type BackoffOptions, delay } from "@codex/transport";
import { abortedError } from "../aborted-error.js";
import { isLargeText, takeTurn } from "../body-text.js";
import type { RequestContext } from "../canonical/context.js";
import type { ResponseEvent } from "../canonical/events.js";
import { foldResponse } from "../canonical/fold.js";
import type { ResponsesRequest } from "../canonical/request.js";
import type { TimeLimits } from "../time-limits.js";
import { attempt } from "./attempt.js";
import type { AnswerFacts, AnswerHead, Backend, ResponseTransform } from "./backend.js";
import { type BodyParts, buildBody } from "./body.js";
import { fitKey } from "./cache-key.js";
import type { Circuit } from "./circuit.js";
import { type Identity, responsesHeaders } from "./headers.js";
import { holdUntilOutput } from "./hold.js";
import { createInputSizes } from "./input-sizes.js";
import { createLearned } from "./learned.js";
import { nameClosestModels } from "./model-refusal.js";
import { prepare } from "./prepare.js";
import {
  foreignReasoning,
  hasForeignReasoning,
  isEncryptedReasoning,
  keepsAll,
  type ReasoningFilter,
  refusedReasoning,
  withoutReasoning,
} from "./reasoning-blobs.js";
import { isDroppable, itemFieldOf } from "./refused-fields.js";
import { newTally, nextStep } from "./retry.js";
import { isStrict, refuseAdjustments } from "./strict.js";
import { type RateLimits, rateLimitsFromEvent, rateLimitsFromHeaders } from "./usage.js";

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
  /** Called with the plan's limits with every answer that carries them, refusals included. */
  onRateLimits: (limits: RateLimits) => void;
  backoff: BackoffOptions | undefined;
  timeLimits: TimeLimits;
  now: () => number;
}

export function createBackend(parts: BackendParts): Backend {
  const { session, circuit, models, identity, now } = parts;
  const learned = createLearned();
  const inputSizes = createInputSizes();
  const url = `${parts.baseUrl}/responses`;

  /** Builds the request as it would be sent now, with all that has been learned. */
  function draw(prepared: BodyParts, drops: ReasoningFilter, context: RequestContext) {
    const lite = learned.lite.get(prepared.model.slug) ?? prepared.lite;
    const input = withoutReasoning(prepared.input, drops, context);
    const built = buildBody({ ...prepared, input }, { ...learned, lite }, context);
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

  /** The one loop of attempts. It ends with what `read` makes of an answer that has begun to put out. */
  async function send<T>(
    { request, context }: Asked,
    patienceMs: number,
    read: (events: AsyncIterableIterator<ResponseEvent[]>, head: AnswerHead, about: AnswerFacts) => T | Promise<T>,
  ): Promise<T> {
    const { signal } = context;
    const strict = isStrict(parts, context);
    const tally = newTally(now());
    let drops: ReasoningFilter = keepsAll;
    let prepared = await prepare(request, context, parts, learned, strict);
    let drawn = draw(prepared, drops, context);
    const { "x-codex-session": named } = context.headers;
    const sessionId = named === undefined ? undefined : fitKey(named, "x-codex-session", context);
    if (strict) refuseAdjustments(context);
    let access: AccessContext = await session.current(signal);
    if (hasForeignReasoning(prepared.input, context, access.accountId)) {
      drops = foreignReasoning(context, access.accountId);
      drawn = draw(prepared, drops, context);
      if (strict) refuseAdjustments(context);
    }

    for (;;) {
      // It has just been written, and is turned into bytes now.
      if (isLargeText(drawn.text)) await takeTurn();
      const model = prepared.model.slug;
      const headers = responsesHeaders(access, identity, {
        model,
        serviceTier: drawn.serviceTier,
        lite: drawn.lite,
        session: sessionId ?? drawn.cacheKey,
        requestId: context.headers["x-request-id"],
      });
      let hadOutput = false;
      try {
        const size = inputSizes.measure(drawn.cacheKey, drawn.text);
        const answer = await attempt(circuit, { url, headers, body: drawn.text }, signal, {
          now,
          onHeaders: noteHeaders,
          onCodexEvent: noteEvent,
          onEnd: size.note,
        });
        const held = await holdUntilOutput(answer.events, { ...parts.timeLimits, patienceMs });
        hadOutput = true;
        const { accountId } = access;
        const head: AnswerHead = {
          headers: answer.headers,
          model,
          ...(accountId !== undefined && { account: accountId }),
        };
        return await read(held, head, { request, model, inputTokens: size.estimate });
      } catch (thrown) {
        if (signal.aborted) throw abortedError(signal, thrown);
        const error = toCodexError(thrown);
        const situation = { lite: drawn.lite, strict, hadOutput, now: now(), backoff: parts.backoff };
        const step = nextStep(error, tally, situation);
        switch (step.kind) {
          case "wait":
            await delay(step.ms, signal);
            break;
          case "refresh":
            access = await session.refresh(access, signal);
            break;
          case "official_instructions":
            learned.officialInstructions.add(model);
            prepared = await prepare(request, context, parts, learned, strict);
            if (strict) refuseAdjustments(context);
            break;
          case "drop_field":
            if (!isDroppable(step.field)) throw error;
            learned.refusedFields.add(step.field);
            break;
          case "drop_item_field": {
            const lesson = itemFieldOf(step.field, JSON.parse(drawn.text));
            if (lesson === undefined || learned.refusedItemFields.has(lesson)) throw error;
            learned.refusedItemFields.add(lesson);
            break;
          }
          case "drop_reasoning":
            if (!prepared.input.some(isEncryptedReasoning)) throw error;
            drops = refusedReasoning;
            break;
          case "switch_shape":
            learned.lite.set(model, step.lite);
            break;
          case "learn_efforts":
            learned.efforts.set(model, step.efforts);
            prepared = await prepare(request, context, parts, learned, strict);
            // The effort is clamped now, which strict mode refuses as it would have before it was known.
            if (strict) refuseAdjustments(context);
            break;
          case "give_up":
            if (step.spent) error.triesSpent = true;
            throw await nameClosestModels(error, model, models, context);
        }
        if (step.kind !== "wait" && step.kind !== "refresh") drawn = draw(prepared, drops, context);
      }
    }
  }

  function changed(events: AsyncIterable<ResponseEvent[]>, { change }: Asked, about: AnswerFacts) {
    const own = parts.transform ? parts.transform(events, about) : events;
    return change ? change(own, about) : own;
  }

  return {
    strict: parts.strict,
    ask(request, context, change) {
      const asked: Asked = { request, context, change };
      return {
        open: ({ patienceMs = parts.timeLimits.patienceMs } = {}) =>
          send(asked, patienceMs, (held, head, about) => ({ ...head, events: changed(held, asked, about) })),
        fold: () =>
          send(asked, Number.POSITIVE_INFINITY, async (held, head, about) => {
            try {
              return {
                ...head,
                response: await foldResponse(changed(held, asked, about), { inOneText: context.inOneText === true }),
              };
            } catch (thrown) {
              held.return?.().catch(() => {});
              throw thrown;
            }
          }),
      };
    },
  };
}

interface Asked {
  request: ResponsesRequest;
  context: RequestContext;
  change: ResponseTransform | undefined;
}
