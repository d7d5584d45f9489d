import type { SimulatorEvent } from "./context.js";
import type { ReceivedRequest } from "./http/request-log.js";

type Listener = (request: ReceivedRequest) => void;

/** What happens at the simulator, for those who wait for it. */
export function createEvents() {
  const listeners = new Map<SimulatorEvent, Set<Listener>>();
  const on = (event: SimulatorEvent, listener: Listener): (() => void) => {
    const set = listeners.get(event) ?? new Set();
    listeners.set(event, set.add(listener));
    return () => set.delete(listener);
  };
  return {
    on,
    emit(event: SimulatorEvent, request: ReceivedRequest): void {
      for (const listener of [...(listeners.get(event) ?? [])]) listener(request);
    },
    waitFor(
      event: SimulatorEvent,
      matches: (request: ReceivedRequest) => boolean = () => true,
    ): Promise<ReceivedRequest> {
      return new Promise((resolve) => {
        const off = on(event, (request) => {
          if (!matches(request)) return;
          off();
          resolve(request);
        });
      });
    },
  };
}
