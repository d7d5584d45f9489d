import type { CodexClient, Reply } from "@codex/provider";
import { jsonReply, noStore } from "./reply.js";

/**
 * Whether a request would have a chance: somebody is signed in, the backend does not count as down, and the proxy is not
 * about to stop. 503 when not, so that a load balancer or a container knows; the reasons name nobody.
 */
export async function answerReady(client: CodexClient, isStopping: boolean): Promise<Reply> {
  const { state, problem } = await client.session.status();
  const isSignedIn = state === "signed_in" && problem === undefined;
  const { state: circuit } = client.circuit;
  const ready = isSignedIn && circuit !== "open" && !isStopping;
  const body = { status: ready ? "ready" : "not_ready", login: state, backend: circuit, stopping: isStopping };
  return jsonReply(body, { status: ready ? 200 : 503, headers: noStore });
}
