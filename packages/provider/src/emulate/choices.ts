import type { Backend, FoldedResponse, ResponseStream } from "../backend/backend.js";
import type { RequestContext } from "../canonical/context.js";
import { isTerminal, ResponseEvent, type Usage } from "../canonical/events.js";
import type { ResponsesRequest } from "../canonical/request.js";
import { sumUsage } from "../canonical/sum-usage.js";
import type { StreamEncoder } from "../dialects/dialect.js";

/** How many requests of one caller's request run at a time; the others wait for one of them to end. */
export const choicesAtOnce = 8;

/** An event of one of several answers. It has a type of its own, since none of theirs ends the whole. */
export class ChoiceEvent extends ResponseEvent {
  readonly event: ResponseEvent;
  /** Which of the answers, from 0. */
  readonly choice: number;

  constructor(event: ResponseEvent, choice: number) {
    super("codex.choice", event.raw);
    this.event = event;
    this.choice = choice;
  }
}

/**
 * Asks for several answers in parallel, since the backend gives one at a time. Their events come in one stream, as
 * `ChoiceEvent`s. One that fails fails them all, with its own status as long as nothing has gone out; the others are
 * cancelled then.
 */
export async function streamChoices(
  backend: Backend,
  requests: readonly ResponsesRequest[],
  context: RequestContext,
): Promise<ResponseStream> {
  const controller = new AbortController();
  const signal = AbortSignal.any([context.signal, controller.signal]);
  const open = (request: ResponsesRequest) => backend.ask(request, { ...context, signal }).open();
  try {
    const first = await Promise.all(requests.slice(0, choicesAtOnce).map(open));
    const { headers, model } = first[0] as ResponseStream;
    const sources = requests.map((request, index) => first[index] ?? (() => open(request)));
    return { events: merge(sources, () => controller.abort()), headers, model };
  } catch (error) {
    controller.abort();
    throw error;
  }
}

type Source = ResponseStream | (() => Promise<ResponseStream>);

async function* merge(
  sources: readonly Source[],
  cancel: () => void,
): AsyncGenerator<ResponseEvent[], void, undefined> {
  const readers: AsyncIterator<ResponseEvent[], unknown>[] = [];
  const pending = new Map<number, Promise<{ choice: number; read: IteratorResult<ResponseEvent[], unknown> }>>();

  async function next(choice: number) {
    const source = sources[choice] as Source;
    const stream = typeof source === "function" && readers[choice] === undefined ? await source() : source;
    readers[choice] ??= (stream as ResponseStream).events[Symbol.asyncIterator]();
    return { choice, read: await readers[choice].next() };
  }

  let started = 0;
  const wait = (choice: number) => {
    const read = next(choice);
    // It may fail while nobody asks for more: whoever asks next hears of it, and until then it is no unhandled rejection.
    read.catch(() => {});
    pending.set(choice, read);
  };
  const start = () => {
    if (started < sources.length) wait(started++);
  };
  try {
    while (started < Math.min(choicesAtOnce, sources.length)) start();
    while (pending.size > 0) {
      const { choice, read } = await Promise.race(pending.values());
      pending.delete(choice);
      if (read.done) start();
      else {
        wait(choice);
        yield read.value.map((event) => new ChoiceEvent(event, choice));
      }
    }
  } finally {
    cancel();
  }
}

/** The plain answers, one for each choice, so many at a time. One that fails for good fails them all. */
export async function foldChoices(
  backend: Backend,
  requests: readonly ResponsesRequest[],
  context: RequestContext,
): Promise<FoldedResponse[]> {
  const controller = new AbortController();
  const signal = AbortSignal.any([context.signal, controller.signal]);
  const folded: FoldedResponse[] = [];
  let started = 0;
  const work = async () => {
    while (started < requests.length) {
      const choice = started++;
      folded[choice] = await backend.ask(requests[choice] as ResponsesRequest, { ...context, signal }).fold();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(choicesAtOnce, requests.length) }, work));
    return folded;
  } catch (error) {
    controller.abort();
    throw error;
  }
}

/** An encoder for such a stream, and the usage of all that has ended so far. */
export function encodeChoices(encoder: StreamEncoder): StreamEncoder & { usage(): Usage | undefined } {
  const usages: (Usage | null | undefined)[] = [];
  return {
    event(event) {
      if (!(event instanceof ChoiceEvent)) return encoder.event(event);
      if (isTerminal(event.event.type)) usages.push(event.event.data.response?.usage);
      return encoder.event(event.event, event.choice);
    },
    keepAlive: () => encoder.keepAlive(),
    error: (error) => encoder.error(error),
    end: () => encoder.end(),
    usage: () => sumUsage(usages),
  };
}
