import { Worker } from "node:worker_threads";

/** What the thread is asked: to compile a schema, and with a text to check it; both are JSON. */
export interface SchemaJob {
  schema: string;
  text?: string;
  /** After so many milliseconds the thread is ended. */
  limitMs: number;
}

/**
 * `invalid`: why the schema can't be compiled; `unknown`: why it could not be told, in a few words, and whether that would
 * be so at another time.
 */
export type SchemaAnswer = { problems: string[] } | { invalid: string } | { unknown: string; isLasting?: boolean };

/** Most jobs that wait for the thread. */
const maxWaiting = 64;
/** How long a thread without work stays; starting one takes about 60 ms. */
const idleMs = 60_000;
/** A schema can be made to need any amount of memory. */
const resourceLimits = { maxOldGenerationSizeMb: 256, stackSizeMb: 4 };

/**
 * One thread for the whole process, started by the first job and ended when it is idle. Jobs run one after another; one that
 * takes too long or too much memory ends with the thread, and the next one gets a new thread. Holds no process open.
 */
export class SchemaThread {
  #worker: Worker | undefined;
  #waiting: { job: SchemaJob; resolve: (answer: SchemaAnswer) => void }[] = [];
  #isBusy = false;
  #idleTimer: NodeJS.Timeout | undefined;

  run(job: SchemaJob): Promise<SchemaAnswer> {
    if (this.#waiting.length >= maxWaiting) return Promise.resolve({ unknown: "too many answers are being checked" });
    return new Promise((resolve) => {
      this.#waiting.push({ job, resolve });
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    clearTimeout(this.#idleTimer);
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.resolve(await this.#ask(next.job).catch(() => ({ unknown: "the check could not be started" })));
    }
    this.#isBusy = false;
    this.#idleTimer = setTimeout(() => this.#end(), idleMs).unref();
  }

  async #ask({ schema, text, limitMs }: SchemaJob): Promise<SchemaAnswer> {
    const worker = await this.#start();
    return await new Promise((resolve) => {
      const settle = (answer: SchemaAnswer) => {
        clearTimeout(timer);
        worker.off("message", settle).off("error", onGone).off("exit", onGone);
        worker.unref();
        resolve(answer);
      };
      const end = (unknown: string) => {
        this.#end();
        settle({ unknown, isLasting: true });
      };
      const onGone = () => end("the check took too much memory");
      const timer = setTimeout(() => end("the check took too long"), limitMs);
      worker.on("message", settle).on("error", onGone).on("exit", onGone);
      // Whoever waits for an answer is not to find the process ended.
      worker.ref();
      worker.postMessage({ schema, text });
    });
  }

  /** The thread, once it takes messages: its start is not part of anybody's time. */
  async #start(): Promise<Worker> {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL("./schema-worker.js", import.meta.url), { resourceLimits, execArgv: [] });
    await new Promise<void>((resolve, reject) => {
      worker.once("online", resolve).once("error", reject).once("exit", reject);
    });
    worker.removeAllListeners();
    // Without a listener an error of an idle thread would end the process.
    worker.on("error", () => {});
    worker.once("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    this.#worker = worker;
    return worker;
  }

  #end(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }
}
