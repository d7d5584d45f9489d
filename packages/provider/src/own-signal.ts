/** A signal for one call, which aborts with its caller's. */
export interface OwnSignal {
  signal: AbortSignal;
  /** To be called when the call is over: its caller's signal may live for as long as the program. */
  end(): void;
}

/** The calls that follow a signal, which has one listener however many they are: from eleven on Node warns of a leak. */
const followers = new WeakMap<AbortSignal, { calls: Set<AbortController>; listener: () => void }>();

const noEnd = () => {};

/**
 * Makes a signal for one call.
 * @param outer the caller's, which may be shared between calls; default: it never aborts
 * @param isOwn whether it is of this call alone, and so can be taken as it is
 */
export function followSignal(outer: AbortSignal | undefined, isOwn = false): OwnSignal {
  if (outer !== undefined && (isOwn || outer.aborted)) return { signal: outer, end: noEnd };
  const call = new AbortController();
  if (outer === undefined) return { signal: call.signal, end: noEnd };
  const followed = followers.get(outer) ?? follow(outer);
  followed.calls.add(call);
  return {
    signal: call.signal,
    end() {
      followed.calls.delete(call);
      if (followed.calls.size > 0 || followers.get(outer) !== followed) return;
      outer.removeEventListener("abort", followed.listener);
      followers.delete(outer);
    },
  };
}

function follow(outer: AbortSignal) {
  const calls = new Set<AbortController>();
  const listener = () => {
    followers.delete(outer);
    for (const call of calls) call.abort(outer.reason);
    calls.clear();
  };
  const followed = { calls, listener };
  outer.addEventListener("abort", listener, { once: true });
  followers.set(outer, followed);
  return followed;
}
