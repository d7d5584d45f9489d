import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** What a program saw that reads a login file all the time, and knows nothing of us. */
export interface Readings {
  reads: number;
  /** How many of them were no JSON with a token. */
  broken: number;
  /** How many different access tokens it has seen. */
  tokens: number;
}

const program = `
  const { readFileSync } = require("node:fs");
  const { parentPort, workerData } = require("node:worker_threads");
  const stop = new Int32Array(workerData.stop);
  const tokens = new Set();
  let reads = 0;
  let broken = 0;
  parentPort.postMessage("ready");
  while (Atomics.load(stop, 0) === 0) {
    reads += 1;
    try {
      tokens.add(JSON.parse(readFileSync(workerData.path, "utf8")).tokens.access_token);
    } catch {
      broken += 1;
    }
  }
  parentPort.postMessage({ reads, broken, tokens: tokens.size });
`;

/** Starts to read a login file over and over, in a thread of its own; the function that it gives ends that. */
export async function startReader(path: string): Promise<() => Promise<Readings>> {
  const stop = new SharedArrayBuffer(4);
  const worker = new Worker(program, { eval: true, workerData: { path, stop } });
  await once(worker, "message");
  return async () => {
    Atomics.store(new Int32Array(stop), 0, 1);
    const [readings] = (await once(worker, "message")) as [Readings];
    return readings;
  };
}
