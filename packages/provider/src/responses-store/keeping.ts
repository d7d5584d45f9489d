import type { EndedResponse, ReplyOptions } from "../dialects/dialect.js";
import { type KeptRequest, keepResponse, withLeftOut } from "./keep.js";
import type { ResponseStore } from "./store.js";

/** Keeps an answer, with the account that has given it. */
export type Keeping = (ended: EndedResponse | undefined, account: string | undefined) => void | Promise<void>;

export function createKeeping(
  store: ResponseStore,
  kept: Omit<KeptRequest, "account">,
  reply: ReplyOptions,
  onFailure: (error: unknown) => void = () => {},
): Keeping {
  return (ended, account) => {
    if (ended === undefined) return;
    const { response, json } = withLeftOut(ended, reply.leftOut);
    return keepResponse(store, response, json, { ...kept, account }, onFailure);
  };
}
