import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

const reasons: Readonly<Record<string, [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "The request's headers are too large. Send fewer or shorter ones."],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "The chunks of the body have too large extensions. Check the client."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "The request did not arrive in time. Send it again, without pauses."],
};

/**
 * Answers what is no HTTP request, in the shape that every other error has, and ends the connection. It has no
 * request to answer to, so it writes to the socket itself.
 */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Duplex): void {
  // Node's own mark of the answer under way: our text in the midst of it would be read as a part of it.
  const { _httpMessage: answering } = socket as { _httpMessage?: { headersSent: boolean } };
  if (!socket.writable || error.code === "ECONNRESET" || answering?.headersSent) return void socket.destroy();
  const [status, message] = reasons[error.code ?? ""] ?? [400, "This is not a request in HTTP/1.1. Check the client."];
  const body = JSON.stringify({
    error: { message, type: "invalid_request_error", param: null, code: "request_invalid" },
  });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${randomUUID()}\r\nconnection: close\r\n\r\n${body}`,
  );
}
