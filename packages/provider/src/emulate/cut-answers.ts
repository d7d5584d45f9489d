import type { Backend } from "../backend/backend.js";
import { type Adjustment, adjust } from "../canonical/context.js";
import type { AnswerEnd } from "../dialects/dialect.js";
import { cutEvents } from "./cut-events.js";

const estimated: Adjustment = { field: "usage", action: "emulated", detail: "an estimate, since the answer was cut" };

/** A backend whose answers end where the caller wants them to. */
export function cutAnswers(backend: Backend, end: AnswerEnd): Backend {
  return {
    ...backend,
    ask: (request, context, more) =>
      backend.ask(request, context, (events, about) => {
        const onEstimate = () => adjust(context, estimated);
        const cut = cutEvents(events, end, { inputTokens: about.inputTokens, onEstimate });
        return more ? more(cut, about) : cut;
      }),
  };
}
