import { answerStored, responsesDialect } from "@codex/provider";
import { describe, expect, it } from "vitest";
import { openClient, type Seen } from "./open-client.js";

/** An answer with an item and events that the public API does not have. */
const note = { type: "configuration_update", id: "note_1", encrypted_content: "made-up" };
const call = {
  type: "function_call",
  id: "fc_1",
  call_id: "call_1",
  name: "look_up",
  arguments: "{}",
  status: "completed",
};
const script = {
  events: [
    { type: "response.created", response: {} },
    { type: "keepalive", sequence_number: 1 },
    { type: "response.output_item.added", output_index: 0, item: { ...note, encrypted_content: undefined } },
    { type: "response.made_up_note.delta", output_index: 0, item_id: "note_1", delta: "made-up" },
    { type: "response.output_item.done", output_index: 0, item: note },
    { type: "response.output_item.added", output_index: 1, item: { ...call, arguments: "", status: "in_progress" } },
    { type: "response.function_call_arguments.delta", output_index: 1, item_id: "fc_1", delta: "{}" },
    { type: "response.function_call_arguments.done", output_index: 1, item_id: "fc_1", arguments: "{}" },
    { type: "response.output_item.done", output_index: 1, item: call },
    { type: "response.completed", response: { output: [note, call] } },
  ],
};
const body = (more: object) => ({ model: "gpt-6-sol", input: `SIM${JSON.stringify(script)}`, ...more });

const outputOf = ({ json, events }: Seen) =>
  ((json ?? events.at(-1)?.response) as { id: string; output: { type: string; id: string }[] }) ?? {};
const typesOf = (items: readonly { type: string }[]) => items.map(({ type }) => type);

describe.each([true, false])("what the public API does not have, streamed: %s", (stream) => {
  it("stays away from its callers, and is there again in the next turn", async () => {
    const { send, client, responses } = await openClient();
    const seen = await send(responsesDialect, body({ stream }));
    const { id, output } = outputOf(seen);
    expect(output).toMatchObject([{ type: "function_call", id: "fc_1" }]);
    expect(seen.outcome.itemsLeftOut).toBe(1);
    if (stream) {
      expect(typesOf(seen.events as { type: string }[]).filter((type) => /note|keepalive/.test(type))).toEqual([]);
      expect(seen.events.map((event) => event.sequence_number)).toEqual(seen.events.map((_, index) => index));
      const places = seen.events.flatMap((event) => (event.output_index === undefined ? [] : [event.output_index]));
      expect(new Set(places)).toEqual(new Set([0]));
    } else expect(seen.headers["x-codex-adjusted"]).toContain("output[0]");

    const result = { type: "function_call_output", call_id: "call_1", output: "found" };
    const next = await send(responsesDialect, { model: "gpt-6-sol", previous_response_id: id, input: [result] });
    expect(next.status).toBe(200);
    const sent = responses().at(-1)?.body as { input: { type: string }[] };
    expect(typesOf(sent.input)).toEqual(["message", "configuration_update", "function_call", "function_call_output"]);

    const kept = async (headers: Record<string, string>) =>
      JSON.parse(await answerStored(client, { action: "retrieve", id, headers }));
    expect((await kept({})).output).toEqual(output);
    expect(typesOf((await kept({ originator: "codex_exec" })).output)).toEqual([
      "configuration_update",
      "function_call",
    ]);
    const listed = await answerStored(client, { action: "input_items", id: outputOf(next).id });
    expect(typesOf(JSON.parse(listed).data)).toEqual(["function_call_output", "function_call", "message"]);
  });

  it("reaches callers that speak Codex", async () => {
    const { send } = await openClient();
    const seen = await send(responsesDialect, body({ stream }), { headers: { originator: "codex_cli_rs" } });
    expect(typesOf(outputOf(seen).output)).toEqual(["configuration_update", "function_call"]);
    expect(seen.outcome.itemsLeftOut).toBeUndefined();
    if (stream) expect(typesOf(seen.events as { type: string }[])).toContain("keepalive");
  });

  it("is lost to the next turn where nothing is to be kept", async () => {
    const { send } = await openClient();
    const seen = await send(responsesDialect, body({ stream, store: false }));
    expect(typesOf(outputOf(seen).output)).toEqual(["function_call"]);
    const next = await send(responsesDialect, {
      model: "gpt-6-sol",
      previous_response_id: outputOf(seen).id,
      input: "x",
    });
    expect(next.json).toMatchObject({ error: { code: "previous_response_not_found" } });
  });
});
