#!/usr/bin/env bash
# A server keeps the errors of its last requests, for a page about them: code and message are all that it shows.
#
# Guess: an error is text and a few fields. What it was made from is garbage as soon as the request is over.
# Seen: Node 20.20.2, 22.23.3 and 24.21.0 make the text of `stack` when it is first read. Until then the error holds the
# objects whose methods were running when it was made, and all that these hold: a refused upload of 64 MiB stays for as long as
# the error does. Reading `message` changes nothing; reading `stack` once lets go of everything.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > held.mjs <<'JS'
class Upload {
  constructor(mib) {
    this.body = Buffer.alloc(mib * 1024 * 1024, "x");
  }
  refuse() {
    return new Error("refused");
  }
}
async function heldMib() {
  for (let i = 0; i < 4; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Math.round(process.memoryUsage().arrayBuffers / 1024 / 1024);
}
const kept = [];
(() => kept.push(new Upload(64).refuse()))();
const held = { made: await heldMib() };
void kept[0].message;
held.message = await heldMib();
void kept[0].stack;
held.stack = await heldMib();
console.log(process.version, JSON.stringify(held));
JS

for version in 20.20.2 22.23.3 24.21.0; do
  npm install --silent --no-audit --no-fund --no-save --prefix "$version" "node@$version"
  "$version/node_modules/node/bin/node" --expose-gc held.mjs
done | tee seen.txt

diff seen.txt - <<'SEEN'
v20.20.2 {"made":64,"message":64,"stack":0}
v22.23.3 {"made":64,"message":64,"stack":0}
v24.21.0 {"made":64,"message":64,"stack":0}
SEEN
