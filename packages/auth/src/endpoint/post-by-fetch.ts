import { causesOf, findNetworkCode } from "./network-code.js";
import { NoAnswerError, type PostRequest, type RawAnswer } from "./raw-answer.js";

/** POSTs by a fetch that a caller has given. Throws a NoAnswerError, which takes a doubtful request for a sent one. */
export async function postByFetch(request: PostRequest, given: typeof fetch): Promise<RawAnswer> {
  const { url, headers, body, signal } = request;
  let response: Response;
  try {
    response = await given(url, { method: "POST", headers, body, redirect: "manual", signal });
  } catch (error) {
    throw new NoAnswerError(!isNeverSent(error), findNetworkCode(error));
  }
  const { status } = response;
  try {
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.ok) request.onBytes?.(bytes);
    return { status, body: bytes };
  } catch (error) {
    return { status, body: undefined, code: findNetworkCode(error) };
  }
}

const beforeSending =
  /^(UND_ERR_CONNECT_TIMEOUT|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EPROTO|ERR_TLS_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*|ERR_INVALID_URL)$/;

/** Whether the connection was never made: no name, no route, no handshake. */
function isNeverSent(error: unknown): boolean {
  for (const { code, syscall, message } of causesOf(error)) {
    if (typeof code === "string" && beforeSending.test(code)) return true;
    if (syscall === "connect" || syscall === "getaddrinfo") return true;
    if (typeof message === "string" && message.includes("before secure TLS connection was established")) return true;
  }
  return false;
}
