#!/usr/bin/env bash
# Every delta of an Anthropic Messages stream is a piece of something: text_delta, thinking_delta, input_json_delta and
# citations_delta are all added to what came before.
#
# Guess: a thinking block's signature, sent as two `signature_delta` events, is their texts joined.
# Seen: it is the last one alone, in @anthropic-ai/sdk 1.14.0 and anthropic 2.14.0 for Python. A server that cuts signatures
# like texts ruins them without an error; the next turn has a signature that nobody signed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"; kill %1 2>/dev/null || true' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @anthropic-ai/sdk@1.14.0
python3 -m venv venv
venv/bin/pip install --quiet anthropic==2.14.0

cat > server.mjs <<'JS'
import { createServer } from "node:http";
const usage = { input_tokens: 1, output_tokens: 0 };
const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], stop_reason: null, usage };
const delta = (fields) => ({ type: "content_block_delta", index: 0, delta: fields });
const events = [
  { type: "message_start", message: { ...message, stop_sequence: null } },
  { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
  delta({ type: "thinking_delta", thinking: "one " }),
  delta({ type: "thinking_delta", thinking: "two" }),
  delta({ type: "signature_delta", signature: "first-" }),
  delta({ type: "signature_delta", signature: "second" }),
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 2 } },
  { type: "message_stop" },
];
createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(events.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join(""));
  });
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
JS
cat > client.mjs <<'JS'
import Anthropic from "@anthropic-ai/sdk";
const client = new Anthropic({ apiKey: "none", baseURL: process.argv[2], maxRetries: 0 });
const stream = client.messages.stream({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "?" }] });
const [block] = (await stream.finalMessage()).content;
console.log(`node   ${block.thinking} | ${block.signature}`);
JS
cat > client.py <<'PY'
import sys, anthropic
client = anthropic.Anthropic(api_key="none", base_url=sys.argv[1], max_retries=0)
with client.messages.stream(model="m", max_tokens=9, messages=[{"role": "user", "content": "?"}]) as stream:
    block = stream.get_final_message().content[0]
print(f"python {block.thinking} | {block.signature}")
PY
node server.mjs > port &
until [ -s port ]; do sleep 0.1; done
base="http://127.0.0.1:$(cat port)"
{ node client.mjs "$base"; venv/bin/python client.py "$base"; } | tee seen
diff seen - <<'SEEN'
node   one two | second
python one two | second
SEEN
