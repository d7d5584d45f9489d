import { expect, it } from "vitest";
import { readKeptInput } from "../../src/dialects/responses/read-kept-input.js";
import { createMemoryStore } from "../../src/responses-store/memory-store.js";
import { recall } from "../../src/responses-store/recall.js";

const call = { type: "function_call", id: "fc_1", call_id: "c1", name: "look", arguments: "{}" };
const said = { type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text: "He" }] };

function storeOf(...output: { id?: string }[]) {
  const store = createMemoryStore();
  store.put({
    id: "resp_1",
    owner: "me",
    turns: [{ key: "resp_1:input", kind: "request", json: JSON.stringify({ model: "m", input: "Hi" }) }],
    response: JSON.stringify({ id: "resp_1", output }),
    itemIds: output.flatMap((item) => item.id ?? []),
  });
  return store;
}

it("waits for nothing when a request refers to nothing", () => {
  const store = storeOf(said);
  for (const body of [{ input: "x" }, { input: [said], previous_response_id: null }, undefined, "x", []]) {
    expect(recall(store, "me", body, readKeptInput)).toEqual({ earlier: [], items: new Map(), turns: [] });
  }
});

it("has the input of a turn as parsed, and its output", async () => {
  const { earlier, turns } = await recall(storeOf(said), "me", { previous_response_id: "resp_1" }, readKeptInput);
  expect(earlier).toEqual([{ type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] }, said]);
  expect(turns.map((turn) => turn.key)).toEqual(["resp_1:input", "resp_1:output"]);
});

it("leaves out half a call and half of reasoning, and keeps half a message", async () => {
  const half = { status: "incomplete" };
  const store = storeOf({ ...said, ...half }, { ...call, ...half }, { type: "reasoning", ...half } as object);
  const { earlier } = await recall(store, "me", { previous_response_id: "resp_1" }, readKeptInput);
  expect(earlier.map((item) => item.id)).toEqual([undefined, "msg_1"]);
});

it("finds items by their ids, for their owner alone, and lets the others be", async () => {
  const references = ["fc_1", "msg_1", "msg_none"].map((id) => ({ type: "item_reference", id }));
  const found = await recall(storeOf(said, call), "me", { input: references }, readKeptInput);
  expect([...found.items]).toEqual([
    ["msg_1", said],
    ["fc_1", call],
  ]);
  expect((await recall(storeOf(said, call), "you", { input: references }, readKeptInput)).items.size).toBe(0);
  await expect(recall(storeOf(said), "you", { previous_response_id: "resp_1" }, readKeptInput)).rejects.toMatchObject({
    code: "previous_response_not_found",
    status: 400,
    param: "previous_response_id",
  });
});
