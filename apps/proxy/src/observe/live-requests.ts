import type { Observer, RequestRecord } from "./request-record.js";

/** The requests that are under way. */
export interface LiveRequests extends Required<Observer> {
  /** Oldest first. */
  list(): readonly RequestRecord[];
  count(): number;
  /** How many of them are streams that are being sent. */
  streams(): number;
}

export function trackLiveRequests(): LiveRequests {
  const live = new Set<RequestRecord>();
  return {
    begin: (record) => void live.add(record),
    end: (record) => void live.delete(record),
    list: () => [...live],
    count: () => live.size,
    streams: () => {
      let streams = 0;
      for (const { isStreaming } of live) if (isStreaming) streams++;
      return streams;
    },
  };
}
