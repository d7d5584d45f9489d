import type { ClientRequest } from "node:http";
import type { TLSSocket } from "node:tls";
import { findNetworkCode } from "./network-code.js";
import { isSuccess, maxAnswerBytes, NoAnswerError, type PostRequest, type RawAnswer } from "./raw-answer.js";

const connectTimeoutMs = 10_000;

/**
 * POSTs by Node's own `http` or `https`, on its global agent, so that NODE_EXTRA_CA_CERTS and NODE_USE_ENV_PROXY hold.
 * Throws a NoAnswerError, which knows for certain whether a connection was made.
 */
export async function postByNode({ url, headers, body, signal, onBytes }: PostRequest): Promise<RawAnswer> {
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  return await new Promise<RawAnswer>((resolve, reject) => {
    const length = Buffer.byteLength(body);
    const sent = request(url, {
      method: "POST",
      // A connection is not kept: the next refresh is days away, and a stale one would lose that answer.
      headers: { ...headers, "accept-encoding": "identity", "content-length": length, connection: "close" },
      signal,
    });
    let isConnected = false;
    onConnected(sent, () => {
      isConnected = true;
    });
    const codeOf = (error: unknown) => findNetworkCode(signal.aborted ? signal.reason : error);
    sent.on("error", (error) => reject(new NoAnswerError(isConnected, codeOf(error))));
    sent.once("response", (response) => {
      const status = response.statusCode ?? 0;
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        if (isSuccess(status)) onBytes?.(chunk);
        size += chunk.length;
        chunks.push(chunk);
        if (size > maxAnswerBytes) response.destroy();
      });
      response.once("end", () => resolve({ status, body: Buffer.concat(chunks) }));
      response.once("error", (error) => resolve({ status, body: undefined, code: codeOf(error) }));
      response.once("close", () => resolve({ status, body: undefined }));
    });
    sent.end(body);
  });
}

/** Calls back when the request can go out: connected, and with TLS after the handshake. Ends it if that takes too long. */
function onConnected(sent: ClientRequest, act: () => void): void {
  const timer = setTimeout(() => {
    sent.destroy(Object.assign(new Error("The connection took too long."), { code: "ETIMEDOUT" }));
  }, connectTimeoutMs).unref();
  const done = () => {
    clearTimeout(timer);
    act();
  };
  sent.once("close", () => clearTimeout(timer));
  sent.once("socket", (socket) => {
    const { secureConnecting } = socket as TLSSocket & { secureConnecting?: boolean };
    if (socket.connecting || secureConnecting === true) {
      socket.once(secureConnecting === true ? "secureConnect" : "connect", done);
    } else done();
  });
}
