#!/usr/bin/env bash
# Many servers repeat `role`, a tool call's `id` and its `name` in every chunk of a chat stream.
#
# Guess: an accumulator joins the fields that come in pieces (content, arguments) and replaces the rest.
# Seen: openai-python 3.57.0 joins every string but `type`: the role becomes "assistantassistant", the id "call_1call_1",
# the name "addadd". openai-node 7.59.0 replaces them, on the same bytes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"; kill %1 2>/dev/null || true' EXIT
cd "$work"
npm install --silent --no-audit --no-fund openai@7.59.0
python3 -m venv venv
venv/bin/pip install --quiet openai==3.57.0

cat > server.mjs <<'JS'
import { createServer } from "node:http";
const chunk = (delta, finish_reason = null) =>
  ({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason }] });
const call = (text) => chunk({
  role: "assistant",
  tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "add", arguments: text } }],
});
const chunks = [call('{"a":'), call("1}"), chunk({}, "tool_calls")];
createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`${chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`).join("")}data: [DONE]\n\n`);
  });
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
JS
cat > client.mjs <<'JS'
import OpenAI from "openai";
const client = new OpenAI({ apiKey: "none", baseURL: process.argv[2], maxRetries: 0 });
const stream = client.chat.completions.stream({ model: "m", messages: [{ role: "user", content: "?" }] });
const { message } = (await stream.finalChatCompletion()).choices[0];
const [call] = message.tool_calls;
console.log("node  ", message.role, call.id, call.function.name, call.function.arguments);
JS
cat > client.py <<'PY'
import sys, openai
client = openai.OpenAI(api_key="none", base_url=sys.argv[1], max_retries=0)
with client.chat.completions.stream(model="m", messages=[{"role": "user", "content": "?"}]) as stream:
    message = stream.get_final_completion().choices[0].message
call = message.tool_calls[0]
print("python", message.role, call.id, call.function.name, call.function.arguments)
PY
node server.mjs > port &
until [ -s port ]; do sleep 0.1; done
base="http://127.0.0.1:$(cat port)/v1"
{ node client.mjs "$base"; venv/bin/python client.py "$base"; } | tee seen
diff seen - <<'SEEN'
node   assistant call_1 add {"a":1}
python assistantassistant call_1call_1 addadd {"a":1}
SEEN
