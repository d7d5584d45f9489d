// Asks two servers the same question at a steady beat, whether or not the last one was answered, in a thread of its own: so what
// a test does meanwhile is not measured, and a server that stands still for a second misses forty beats, not one.
import { Agent, request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

const { urls, everyMs, timeoutMs } = workerData;
const agent = new Agent({ keepAlive: true });
const samples = urls.map(() => []);
let isMeasuring = false;
let asking = 0;

function ask(url, into) {
  const began = performance.now();
  asking++;
  const note = (failure) => {
    asking--;
    into.push({ ms: performance.now() - began, ...(failure && { failure: String(failure) }) });
    if (!isMeasuring && asking === 0) tell();
  };
  const sent = request(url, { agent, timeout: timeoutMs }, (response) => {
    response.resume();
    response.on("end", () => note(response.statusCode === 200 ? undefined : `status ${response.statusCode}`));
  });
  sent.on("timeout", () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  sent.on("error", note);
  sent.end();
}

function tell() {
  parentPort.postMessage(samples.splice(0, samples.length, ...urls.map(() => [])));
}

let timer;
parentPort.on("message", (word) => {
  isMeasuring = word === "begin";
  clearInterval(timer);
  if (isMeasuring) {
    const beat = () => {
      for (let i = 0; i < urls.length; i++) ask(urls[i], samples[i]);
    };
    beat();
    timer = setInterval(beat, everyMs);
  } else if (asking === 0) tell();
});
