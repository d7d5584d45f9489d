import type { Reply } from "@codex/provider";

/** A reply as the `Response` that a `fetch` gives. `cancel` is called when its reader goes away before the end. */
export function toResponse({ status, headers, body }: Reply, cancel: () => void): Response {
  return new Response(typeof body === "string" ? body : toStream(body, cancel), { status, headers });
}

function toStream(pieces: AsyncIterable<string>, cancel: () => void): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      // A read under way is freed by the signal alone.
      cancel,
    },
    // Nothing is read ahead: back-pressure reaches the backend.
    { highWaterMark: 0 },
  );
}
