#!/usr/bin/env bash
# A chat stream fails after its first words: an error frame, and then the connection breaks off instead of the body's good end.
#
#     data: {"error":{"message":"Overloaded here.","type":"server_error","code":"overloaded"}}
#
# Guess: whoever reads frames one by one hears of the error first, and of the connection afterwards or not at all.
# Seen: openai-node 7.59.0 and openai-python 3.57.0 do. The AI SDK 6.0.326 (@ai-sdk/openai 3.0.141) tells the frame's error as
# a part of `fullStream`, as it does all failures, and then throws "Failed to process successful response" out of the same
# iteration, be the break at once or 200 ms later: a program that handles error parts still ends. With a good end it does not.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"; kill %1 2>/dev/null || true' EXIT
cd "$work"
npm install --silent --no-audit --no-fund openai@7.59.0 @ai-sdk/openai@3.0.141 ai@6.0.326
python3 -m venv venv
venv/bin/pip install --quiet openai==3.57.0

cat > server.mjs <<'JS'
import { createServer } from "node:http";
const chunk = (delta) =>
  ({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: null }] });
const error = { message: "Overloaded here.", type: "server_error", code: "overloaded" };
const frames = [chunk({ role: "assistant", content: "" }), chunk({ content: "Hello" }), { error }];
const ends = {
  whole: (response) => response.end(),
  broken: (response) => response.socket.destroySoon(),
  later: (response) => setTimeout(() => response.socket.destroySoon(), 200),
};
createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(frames.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(""));
    ends[request.url.split("/")[1]](response);
  });
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
JS
cat > client.mjs <<'JS'
import { createOpenAI } from "@ai-sdk/openai";
import { streamText } from "ai";
import OpenAI from "openai";
const apiKey = "none";
const clients = {
  async "openai-node"(baseURL, seen) {
    const client = new OpenAI({ apiKey, baseURL, maxRetries: 0 });
    const asked = { model: "m", messages: [{ role: "user", content: "?" }], stream: true };
    for await (const _chunk of await client.chat.completions.create(asked));
  },
  async "ai-sdk"(baseURL, seen) {
    const model = createOpenAI({ apiKey, baseURL }).chat("m");
    const { fullStream } = streamText({ model, prompt: "?", maxRetries: 0, onError() {} });
    for await (const part of fullStream) if (part.type === "error") seen.push(`part: ${part.error.message}`);
  },
};
for (const [name, read] of Object.entries(clients)) {
  for (const end of ["whole", "broken", "later"]) {
    const seen = [];
    await read(`${process.argv[2]}/${end}/v1`, seen).catch((error) => seen.push(`thrown: ${error.message}`));
    console.log(`${name}, ${end}: ${seen.join(", ")}`);
  }
}
JS
cat > client.py <<'PY'
import sys, openai
for end in ["whole", "broken", "later"]:
    client = openai.OpenAI(api_key="none", base_url=f"{sys.argv[1]}/{end}/v1", max_retries=0)
    try:
        for _ in client.chat.completions.create(model="m", messages=[{"role": "user", "content": "?"}], stream=True):
            pass
        print(f"openai-python, {end}: nothing")
    except Exception as error:
        print(f"openai-python, {end}: thrown: {error}")
PY
node server.mjs > port &
until [ -s port ]; do sleep 0.1; done
base="http://127.0.0.1:$(cat port)"
{ AI_SDK_LOG_WARNINGS=false node client.mjs "$base" 2>/dev/null; venv/bin/python client.py "$base"; } | tee seen
diff seen - <<'SEEN'
openai-node, whole: thrown: Overloaded here.
openai-node, broken: thrown: Overloaded here.
openai-node, later: thrown: Overloaded here.
ai-sdk, whole: part: Overloaded here.
ai-sdk, broken: part: Overloaded here., thrown: Failed to process successful response
ai-sdk, later: part: Overloaded here., thrown: Failed to process successful response
openai-python, whole: thrown: Overloaded here.
openai-python, broken: thrown: Overloaded here.
openai-python, later: thrown: Overloaded here.
SEEN
