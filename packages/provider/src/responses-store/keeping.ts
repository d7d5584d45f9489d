import type { EndedResponse, ReplyOptions } from "../dialects/dialect.js";
import type { ResponseStore } from "../responses-store.js";
import { keepResponse, withLeftOut } from "./keep.js";
import type { RecalledTurns } from "./recall.js";

/** Keeps an answer, with the account that has given it. */
export type Keeping = (ended: EndedResponse | undefined, account: string | undefined) => void | Promise<void>;

export function createKeeping(
  store: ResponseStore,
  recalled: RecalledTurns,
  request: { owner?: string | undefined; body: unknown },
  text: string | undefined,
  reply: ReplyOptions,
  hooks: { onStoreFailure?: (error: unknown) => void },
): Keeping {
  const kept = { owner: request.owner ?? "", recalled, body: request.body as object, text };
  const onFailure = hooks.onStoreFailure ?? (() => {});
  return (ended, account) => {
    if (ended === undefined) return;
    const { response, json } = withLeftOut(ended, reply.leftOut);
    return keepResponse(store, response, json, { ...kept, account }, onFailure);
  };
}
