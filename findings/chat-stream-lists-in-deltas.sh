#!/usr/bin/env bash
# A chat stream brings its citations (`delta.annotations`, a field of the public message type) one by one as they are found.
#
# Guess: lists in deltas are appended, as everybody does with `tool_calls`.
# Seen: on the second one openai-python 3.57.0 raises RuntimeError, since a list's entries need an `index` there; with an
# index it keeps both. openai-node 7.59.0 keeps the last delta's list alone, with an index or without. All citations in one
# delta is the only form that both keep.
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
const cited = (title, more) =>
  ({ type: "url_citation", url_citation: { url: "https://example.org", title, start_index: 0, end_index: 2 }, ...more });
const begin = chunk({ role: "assistant", content: "Hi" });
const forms = {
  apart: [begin, chunk({ annotations: [cited("a")] }), chunk({ annotations: [cited("b")] }), chunk({}, "stop")],
  indexed: [
    begin, chunk({ annotations: [cited("a", { index: 0 })] }), chunk({ annotations: [cited("b", { index: 1 })] }),
    chunk({}, "stop"),
  ],
  together: [begin, chunk({ annotations: [cited("a"), cited("b")] }), chunk({}, "stop")],
};
createServer((request, response) => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const chunks = forms[request.url.split("/")[1]];
    response.end(`${chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`).join("")}data: [DONE]\n\n`);
  });
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
JS
cat > client.mjs <<'JS'
import OpenAI from "openai";
for (const form of ["apart", "indexed", "together"]) {
  const client = new OpenAI({ apiKey: "none", baseURL: `${process.argv[2]}/${form}`, maxRetries: 0 });
  const stream = client.chat.completions.stream({ model: "m", messages: [{ role: "user", content: "?" }] });
  const { message } = (await stream.finalChatCompletion()).choices[0];
  console.log("node  ", form, message.annotations.map((one) => one.url_citation.title).join(" "));
}
JS
cat > client.py <<'PY'
import sys, openai
for form in ["apart", "indexed", "together"]:
    client = openai.OpenAI(api_key="none", base_url=f"{sys.argv[1]}/{form}", max_retries=0)
    try:
        with client.chat.completions.stream(model="m", messages=[{"role": "user", "content": "?"}]) as stream:
            message = stream.get_final_completion().choices[0].message
        print("python", form, *(one.url_citation.title for one in message.annotations))
    except RuntimeError as error:
        print("python", form, "RuntimeError")
PY
node server.mjs > port &
until [ -s port ]; do sleep 0.1; done
base="http://127.0.0.1:$(cat port)"
{ node client.mjs "$base"; venv/bin/python client.py "$base"; } | tee seen
diff seen - <<'SEEN'
node   apart b
node   indexed b
node   together a b
python apart RuntimeError
python indexed a b
python together a b
SEEN
