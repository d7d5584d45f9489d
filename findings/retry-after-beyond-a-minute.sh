#!/usr/bin/env bash
# A 429 with `retry-after: 3600`: a plan's window is used up for an hour.
#
# Guess: an SDK waits for the hour, or gives the 429 to its caller at once; one vendor's two SDKs do the same.
# Seen: openai-node 7.59.0 disregards whatever is over 60 seconds and falls back on its own short back-off: three requests
# within some seconds. openai-python 3.57.0 sends one and raises. `x-should-retry: false` ends it at once in both.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"; kill %1 2>/dev/null || true' EXIT
cd "$work"
npm install --silent --no-audit --no-fund openai@7.59.0
python3 -m venv venv
venv/bin/pip install --quiet openai==3.57.0

cat > server.mjs <<'JS'
import { createServer } from "node:http";
const counts = {};
createServer((request, response) => {
  const [, form] = request.url.split("/");
  if (form === "counts") return response.end(JSON.stringify(counts));
  counts[form] = (counts[form] ?? 0) + 1;
  request.resume().on("end", () => {
    const more = form.endsWith("told") ? { "x-should-retry": "false" } : {};
    response.writeHead(429, { "content-type": "application/json", "retry-after": "3600", ...more });
    response.end(JSON.stringify({ error: { message: "used up", type: "usage_limit", code: null, param: null } }));
  });
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
JS
cat > client.mjs <<'JS'
import OpenAI from "openai";
for (const form of ["node", "node-told"]) {
  const client = new OpenAI({ apiKey: "none", baseURL: `${process.argv[2]}/${form}` });
  await client.chat.completions.create({ model: "m", messages: [{ role: "user", content: "?" }] }).catch(() => {});
}
JS
cat > client.py <<'PY'
import sys, openai
for form in ["python", "python-told"]:
    client = openai.OpenAI(api_key="none", base_url=f"{sys.argv[1]}/{form}")
    try:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "?"}])
    except openai.RateLimitError:
        pass
PY
node server.mjs > port &
until [ -s port ]; do sleep 0.1; done
base="http://127.0.0.1:$(cat port)"
timeout 60 node client.mjs "$base"
timeout 60 venv/bin/python client.py "$base"
curl -s "$base/counts" | tee seen
diff <(cat seen; echo) <(echo '{"node":3,"node-told":1,"python":1,"python-told":1}')
