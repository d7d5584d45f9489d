#!/usr/bin/env bash
# `reasoning_content` is the field in which most servers stream a model's reasoning on chat, piece by piece.
#
# Guess: a helper that gathers a message either joins an unknown text field like `content`, or leaves it out.
# Seen: `chat.completions.stream()` of openai-node 7.59.0 keeps the last piece alone ("carry." of "3, then carry."): the field
# is there and looks whole. openai-python 3.57.0 joins it.
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
const pieces = ["3, ", "then ", "carry."].map((reasoning_content) => chunk({ reasoning_content }));
const chunks = [chunk({ role: "assistant", content: "" }), ...pieces, chunk({ content: "13" }), chunk({}, "stop")];
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
console.log("node  ", message.content, message.reasoning_content);
JS
cat > client.py <<'PY'
import sys, openai
client = openai.OpenAI(api_key="none", base_url=sys.argv[1], max_retries=0)
with client.chat.completions.stream(model="m", messages=[{"role": "user", "content": "?"}]) as stream:
    message = stream.get_final_completion().choices[0].message
print("python", message.content, message.reasoning_content)
PY
node server.mjs > port &
until [ -s port ]; do sleep 0.1; done
base="http://127.0.0.1:$(cat port)/v1"
{ node client.mjs "$base"; venv/bin/python client.py "$base"; } | tee seen
diff seen - <<'SEEN'
node   13 carry.
python 13 3, then carry.
SEEN
