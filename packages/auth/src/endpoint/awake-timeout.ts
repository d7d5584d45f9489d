/** A time limit that counts only while this process runs. */
export interface AwakeTimeout {
  /** Aborts with a `TimeoutError` when the time is over. */
  signal: AbortSignal;
  /** Frees the timer. */
  end(): void;
}

const tickMs = 1_000;

/**
 * Starts a time limit. A process that was asleep (a laptop's lid, SIGSTOP) finds its old timers overdue when it wakes,
 * before it can read the answer that has been waiting for it, and would give that up: so a sleep counts as one second.
 */
export function startAwakeTimeout(timeoutMs: number): AwakeTimeout {
  const controller = new AbortController();
  const abort = () => controller.abort(new DOMException("The time is over.", "TimeoutError"));
  let left = timeoutMs;
  let timer: NodeJS.Timeout;
  let last: NodeJS.Immediate | undefined;
  const tick = () => {
    if (left <= 0) {
      // Not before what has come in the meantime is read.
      last = setImmediate(abort);
      return;
    }
    const step = Math.min(left, tickMs);
    left -= step;
    timer = setTimeout(tick, step);
    timer.unref();
  };
  tick();
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      clearImmediate(last);
    },
  };
}
