/**
 * `pnpm conformance --dir DIR`: replays every `*.chunks.txt` of a folder (one Responses event a line, as JSON) through
 * every dialect, streamed and plain, as they are and with an item id of its own for every event, and checks what must hold
 * for any stream. One line a file that fails, exit code 1; with `--verbose` one line a file that passes too.
 */
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkRecording } from "./conformance/check.js";
import { rotateIds, splitRecording } from "./conformance/recording.js";

const { values } = parseArgs({
  options: { dir: { type: "string" }, verbose: { type: "boolean", short: "v", default: false } },
});
if (values.dir === undefined) {
  console.error("Say where the recordings are: pnpm conformance --dir DIR");
  process.exit(2);
}
const dir = resolve(values.dir);
const names = (await readdir(dir)).filter((name) => name.endsWith(".chunks.txt")).sort();
if (names.length === 0) {
  console.error(`There is no *.chunks.txt in ${dir}.`);
  process.exit(2);
}

let failed = 0;
let replays = 0;
for (const name of names) {
  const faults: string[] = [];
  try {
    for (const [index, recording] of splitRecording(await readFile(join(dir, name), "utf8")).entries()) {
      for (const [kind, events] of [
        ["", recording],
        ["with rotating ids, ", rotateIds(recording)],
      ] as const) {
        const result = await checkRecording(events);
        replays += result.replays;
        faults.push(...result.faults.map((fault) => `answer ${index + 1}, ${kind}${fault}`));
      }
    }
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  if (faults.length > 0) failed++;
  if (faults.length > 0)
    console.log(`FAIL ${name}: ${faults[0]}${faults.length > 1 ? ` (and ${faults.length - 1} more)` : ""}`);
  else if (values.verbose) console.log(`ok   ${name}`);
}
console.log(`${names.length - failed} of ${names.length} recordings hold, in ${replays} replays.`);
process.exit(failed > 0 ? 1 : 0);
