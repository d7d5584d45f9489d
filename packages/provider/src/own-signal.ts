/** A signal for one call, which aborts with its caller's. */
export interface OwnSignal {
  signal: AbortSignal;
  /** To be called when the call is over: its caller's signal may live for as long as the program. */
  end(): void;
}

/** The calls that follow a signal, which has one listener however many they are: from eleven on Node warns of a leak. */
const followers = new WeakMap<AbortSignal, { calls: Set<AbortController>; listener: () => void }>();

/** Makes a signal for one call. @param outer the caller's, which may be shared between calls; default: it never aborts */
export function followSignal(outer: AbortSignal | undefined): OwnSignal {
  const call = new AbortController();
  if (outer === undefined) return { signal: call.signal, end: () => {} };
  if (outer.aborted) return { signal: outer, end: () => {} };
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
