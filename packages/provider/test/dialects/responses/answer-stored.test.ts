import { answerStored, type ResponseStore, responsesDialect, type StoredResponse } from "@codex/provider";
import { expect, it } from "vitest";
import { openClient, type Seen } from "../../open-client.js";

const body = (input: unknown, more: object = {}) => ({ model: "gpt-6-sol", input, ...more });

/** The Response object of a plain answer, or of a stream's last event. */
function responseOf({ events, json }: Seen): { id: string } {
  return (json ?? events.at(-1)?.response) as { id: string };
}

/** A store as a database would be: it keeps JSON, and takes its time. */
function jsonStore(): ResponseStore & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const keyOf = (owner: string, id: string) => JSON.stringify([owner, id]);
  const later = <T>(value: T) => new Promise<T>((resolve) => setImmediate(resolve, value));
  return {
    kept,
    put: async (response) => {
      await later(undefined);
      kept.set(keyOf(response.owner, response.id), JSON.stringify(response));
    },
    get: (owner, id) => later(JSON.parse(kept.get(keyOf(owner, id)) ?? "null") ?? undefined),
    findItem: (owner, itemId) => {
      const all = [...kept.values()].map((text) => JSON.parse(text) as StoredResponse);
      return later(all.find((one) => one.owner === owner && one.itemIds.includes(itemId)));
    },
    delete: (owner, id) => later(kept.delete(keyOf(owner, id))),
  };
}

it.each([false, true])("goes on from a store of one's own that takes its time, streamed: %s", async (stream) => {
  const responseStore = jsonStore();
  const { send, client, responses } = await openClient({ responseStore });
  const first = await send(responsesDialect, body("My name is Ada.", { stream }));
  const response = responseOf(first);
  // What went out last was waited for.
  expect(responseStore.kept.size).toBe(1);
  expect(JSON.parse(await answerStored(client, { action: "retrieve", id: response.id }))).toEqual(response);

  const text = JSON.stringify(body("And mine?", { stream, previous_response_id: response.id }));
  const second = await send(responsesDialect, text);
  expect(second.status).toBe(200);
  const sent = responses().at(-1)?.body as { input: { role?: string; type: string }[] };
  expect(sent.input.map(({ role, type }) => role ?? type)).toEqual(["user", "reasoning", "assistant", "user"]);

  const { id } = responseOf(second);
  const query = new URLSearchParams({ order: "asc" });
  const listed = JSON.parse(await answerStored(client, { action: "input_items", id, query }));
  expect(listed.data.map((item: { content?: { text: string }[] }) => item.content?.[0]?.text)).toEqual([
    "My name is Ada.",
    undefined,
    expect.stringContaining("My name is Ada."),
    "And mine?",
  ]);
  const again = JSON.parse(await answerStored(client, { action: "input_items", id, query }));
  expect(again).toEqual(listed);
});

it("adds no message of ours to what is kept", async () => {
  const { send, client } = await openClient();
  const { json } = await send(responsesDialect, body("Say something.", { text: { format: { type: "json_object" } } }));
  const { id } = json as { id: string };
  const { data } = JSON.parse(await answerStored(client, { action: "input_items", id }));
  expect(data).toHaveLength(1);
});

it("throws what there is not", async () => {
  const { client } = await openClient();
  for (const action of ["retrieve", "delete", "input_items", "cancel"] as const) {
    await expect(answerStored(client, { action, id: "resp_none" })).rejects.toMatchObject({
      code: "response_not_found",
      status: 404,
    });
  }
});
