#!/usr/bin/env bash
# A sign of life on a silent chat stream, in the way that other APIs of this field have it: an SSE event of its own name.
#
#     event: ping
#     data: {}
#
# Guess: who reads unnamed events skips an event with a name that it does not know, as browsers' EventSource does.
# Seen: openai-node 7.59.0 hands `{}` on as a chunk, so that `chunk.choices[0]` throws in its callers, and its own helper
# throws "chunk.choices is not iterable"; openai-python 3.57.0 hands on a chunk whose `choices` is None. @ai-sdk/openai 3.0.141
# and @langchain/openai 1.5.8 read on. A comment line (": ping") is skipped by all four.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"; kill %1 2>/dev/null || true' EXIT
cd "$work"
npm install --silent --no-audit --no-fund openai@7.59.0 @langchain/openai@1.5.8 @ai-sdk/openai@3.0.141 ai@6.0.326
python3 -m venv venv
venv/bin/pip install --quiet openai==3.57.0

cat > server.mjs <<'JS'
import { createServer } from "node:http";
const chunk = (delta, finish_reason = null) =>
  ({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason }] });
const chunks = [chunk({ role: "assistant", content: "" }), chunk({ content: "Hello" }), chunk({}, "stop")];
const signs = { named: "event: ping\ndata: {}\n\n", comment: ": ping\n\n" };
createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const events = chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`);
    response.end(`${signs[request.url.split("/")[1]]}${events.join("")}data: [DONE]\n\n`);
  });
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
JS
cat > client.mjs <<'JS'
import { createOpenAI } from "@ai-sdk/openai";
import { ChatOpenAI } from "@langchain/openai";
import { streamText } from "ai";
import OpenAI from "openai";
const apiKey = "none";
const ask = { model: "m", messages: [{ role: "user", content: "?" }] };
const clients = {
  async "openai-node"(baseURL) {
    const client = new OpenAI({ apiKey, baseURL, maxRetries: 0 });
    const seen = [];
    for await (const one of await client.chat.completions.create({ ...ask, stream: true })) seen.push(one);
    return seen.map((one) => (one.choices ? one.choices[0].delta.content ?? "" : "(no choices)")).join("");
  },
  async "openai-node helper"(baseURL) {
    const stream = new OpenAI({ apiKey, baseURL, maxRetries: 0 }).chat.completions.stream(ask);
    return (await stream.finalChatCompletion()).choices[0].message.content;
  },
  async "ai-sdk"(baseURL) {
    return await streamText({ model: createOpenAI({ apiKey, baseURL }).chat("m"), prompt: "?", maxRetries: 0 }).text;
  },
  async langchain(baseURL) {
    const model = new ChatOpenAI({ apiKey, model: "m", maxRetries: 0, configuration: { baseURL } });
    let text = "";
    for await (const one of await model.stream("?")) text += one.content;
    return text;
  },
};
for (const [name, read] of Object.entries(clients)) {
  for (const form of ["named", "comment"]) {
    const seen = await read(`${process.argv[2]}/${form}/v1`).catch((error) => error.message);
    console.log(`${name}, ${form}: ${seen}`);
  }
}
JS
cat > client.py <<'PY'
import sys, openai
for form in ["named", "comment"]:
    client = openai.OpenAI(api_key="none", base_url=f"{sys.argv[1]}/{form}/v1", max_retries=0)
    seen = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "?"}], stream=True)
    texts = ["(no choices)" if one.choices is None else one.choices[0].delta.content or "" for one in seen]
    print(f"openai-python, {form}: {''.join(texts)}")
PY
node server.mjs > port &
until [ -s port ]; do sleep 0.1; done
base="http://127.0.0.1:$(cat port)"
{ AI_SDK_LOG_WARNINGS=false node client.mjs "$base" 2>/dev/null; venv/bin/python client.py "$base"; } | tee seen
diff seen - <<'SEEN'
openai-node, named: (no choices)Hello
openai-node, comment: Hello
openai-node helper, named: chunk.choices is not iterable
openai-node helper, comment: Hello
ai-sdk, named: Hello
ai-sdk, comment: Hello
langchain, named: Hello
langchain, comment: Hello
openai-python, named: (no choices)Hello
openai-python, comment: Hello
SEEN
