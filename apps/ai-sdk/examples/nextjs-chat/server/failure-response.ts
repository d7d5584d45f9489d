import type { Failure } from "../chat/failure";

/** A failure as the whole answer to a request. */
export function failureResponse(status: number, failure: Failure): Response {
  return Response.json(failure, { status, headers: { "cache-control": "no-store" } });
}
