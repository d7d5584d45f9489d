import type { Backend } from "../backend/backend.js";
import type { RequestContext } from "../canonical/context.js";
import type { ResponseEvent, ResponseObject, Usage } from "../canonical/events.js";
import { asksForJson } from "../canonical/json-word.js";
import { sumUsage } from "../canonical/sum-usage.js";
import type { ParsedRequest, StreamEncoder } from "../dialects/dialect.js";
import { type StreamTextOptions, streamText } from "../stream-text.js";
import { encodeChoices, foldChoices, streamChoices } from "./choices.js";
import { cutAnswers } from "./cut-answers.js";
import { checkStreams, prepareCheck, repairAnswer } from "./structured.js";

/** A request with all that the backend can't do itself: ends, several choices, checked JSON. */
export interface EmulatedRequest {
  /** @param onCommit called with the model that answers, as soon as an answer is certain */
  open(onCommit: (model: string) => void): Promise<EmulatedStream>;
  /** @param onCommit as for `open` */
  fold(onCommit: (model: string) => void): Promise<EmulatedAnswer>;
}

export interface EmulatedStream {
  headers: Readonly<Record<string, string>>;
  /** Whose login has answered; undefined for several choices. */
  account: string | undefined;
  /** The wire text. */
  write(encoder: StreamEncoder, options: StreamTextOptions): AsyncIterable<string>;
}

export interface EmulatedAnswer {
  headers: Readonly<Record<string, string>>;
  account: string | undefined;
  /** One for each choice. */
  responses: ResponseObject[];
  /** Of all of them. */
  usage: Usage | undefined;
}

/**
 * Puts around the backend what it lacks. A schema may change the request; under strict that is refused.
 * @param strict whether any change of the request is refused
 */
export async function emulate(
  backend: Backend,
  { request: asked, requests, end }: ParsedRequest,
  context: RequestContext,
  strict: boolean,
): Promise<EmulatedRequest> {
  const source = end === undefined ? backend : cutAnswers(backend, end);
  const prepared = asksForJson(asked) ? await prepareCheck(asked, context, strict) : undefined;
  const request = prepared?.request ?? asked;
  const choices = prepared ? requests?.map(() => request) : requests;
  // A cut leaves no whole JSON.
  const check = end?.stop ? undefined : prepared?.check;
  return {
    async open(onCommit) {
      const checked = check ? checkStreams(source, check) : source;
      const { events, headers, model, account } = choices
        ? await streamChoices(checked, choices, context)
        : await checked.ask(request, context).open();
      onCommit(model);
      const write: EmulatedStream["write"] = choices
        ? (encoder, options) => choicesText(events, encoder, options)
        : (encoder, options) => streamText(events, encoder, options);
      return { headers, account, write };
    },
    async fold(onCommit) {
      const folded = choices
        ? await foldChoices(source, choices, context)
        : [await source.ask(request, context).fold()];
      const [head] = folded;
      if (head === undefined) throw new Error("There is no choice.");
      onCommit(head.model);
      const responses = await Promise.all(
        folded.map(({ response }) => (check ? repairAnswer(source, request, response, check, context) : response)),
      );
      const usage = choices ? sumUsage(responses.map((one) => one.usage)) : responses[0]?.usage;
      return { headers: head.headers, account: head.account, responses, usage: usage ?? undefined };
    },
  };
}

/** The wire text of several answers: its last event tells only of one of them, so their usage is summed on the way. */
function choicesText(events: AsyncIterable<ResponseEvent[]>, encoder: StreamEncoder, options: StreamTextOptions) {
  const { finish } = options;
  const choices = encodeChoices(encoder);
  const finishAll: StreamTextOptions["finish"] =
    finish &&
    ((ended) => {
      const usage = choices.usage();
      finish(usage && ended.error === undefined ? { usage } : ended);
    });
  return streamText(events, choices, { ...options, finish: finishAll });
}
