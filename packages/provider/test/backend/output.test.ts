import { describe, expect, it } from "vitest";
import { isOutput } from "../../src/backend/output.js";
import { createEvent, type EventData } from "../../src/canonical/events.js";

const done = (item: object): EventData => ({ type: "response.output_item.done", item: item as never });
const added = (item: object): EventData => ({ type: "response.output_item.added", item: item as never });

describe("isOutput", () => {
  it.each<EventData>([
    { type: "response.output_text.delta", delta: "H" },
    { type: "response.refusal.delta", delta: "No" },
    { type: "response.reasoning_summary_text.delta", delta: "Hm" },
    { type: "response.reasoning_text.delta", delta: "Hm" },
    { type: "response.function_call_arguments.delta", delta: "{" },
    { type: "response.custom_tool_call_input.delta", delta: "ls" },
    { type: "response.mcp_call_arguments.delta", delta: "{" },
    { type: "response.image_generation_call.partial_image", partial_image_b64: "iVBO" },
    { type: "response.output_text.done", text: "Hi" },
    { type: "response.function_call_arguments.done", arguments: "{}" },
    { type: "response.content_part.done", part: { type: "output_text", text: "Hi" } },
    { type: "response.reasoning_summary_part.done", part: { type: "summary_text", text: "Hm" } },
    done({ type: "message", content: [{ type: "output_text", text: "Hi" }] }),
    done({ type: "message", content: [{ type: "refusal", refusal: "No" }] }),
    done({ type: "reasoning", summary: [{ type: "summary_text", text: "Hm" }] }),
    done({ type: "reasoning", summary: [], encrypted_content: "gAAA" }),
    done({ type: "function_call", name: "f", arguments: "", call_id: "c" }),
    done({ type: "custom_tool_call", name: "f", input: "", call_id: "c" }),
    done({ type: "image_generation_call", result: "iVBO" }),
  ])("is $type with something in it", (data) => {
    expect(isOutput(createEvent(data))).toBe(true);
  });

  it.each<EventData>([
    { type: "response.created", response: {} },
    { type: "response.in_progress", response: {} },
    { type: "keepalive" },
    { type: "codex.rate_limits" },
    { type: "response.something_new.delta", delta: "x" },
    { type: "response.output_text.delta", delta: "" },
    { type: "response.function_call_arguments.delta", delta: "" },
    { type: "response.output_text.done", text: "" },
    { type: "response.output_text.annotation.added", annotation: { type: "url_citation", url: "https://a.example" } },
    { type: "response.content_part.added", part: { type: "output_text", text: "" } },
    { type: "response.reasoning_summary_part.added", part: { type: "summary_text", text: "" } },
    { type: "response.web_search_call.searching" },
    { type: "response.image_generation_call.generating" },
    added({ type: "message", content: [] }),
    added({ type: "reasoning", summary: [], encrypted_content: "gAAA" }),
    added({ type: "function_call", name: "f", arguments: "" }),
    done({ type: "message", content: [] }),
    done({ type: "message", content: [{ type: "output_text", text: "" }] }),
    done({ type: "reasoning", summary: [] }),
    done({ type: "web_search_call", status: "completed", action: { type: "search", query: "q" } }),
  ])("is not $type", (data) => {
    expect(isOutput(createEvent(data))).toBe(false);
  });
});
