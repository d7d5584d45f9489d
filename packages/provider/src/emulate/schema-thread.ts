import { Worker } from "node:worker_threads";

/** What a thread is asked: to compile a schema, and with a text to check it; both are JSON. */
export interface SchemaJob {
  schema: string;
  text?: string;
}

/**
 * `invalid`: why the schema can't be compiled; `unknown`: why it could not be told, in a few words, and whether that
 * would be so at another time.
 */
export type SchemaAnswer = { problems: string[] } | { invalid: string } | { unknown: string; isLasting?: boolean };

export interface SchemaThreadOptions {
  /** After so many milliseconds of compiling, and again of checking, the thread is ended. */
  compileMs: number;
  checkMs: number;
  /** Most jobs that wait, and how long one does at most. */
  maxWaiting: number;
  waitMs: number;
  /** How long a thread without work stays; starting one takes about 60 ms. */
  idleMs: number;
}

interface Waiting {
  job: SchemaJob;
  since: number;
  resolve: (answer: SchemaAnswer) => void;
}

/** A schema can be made to need any amount of memory. */
const resourceLimits = { maxOldGenerationSizeMb: 256, stackSizeMb: 4 };

const tooMany: SchemaAnswer = { unknown: "too many answers are being checked" };
const notStarted: SchemaAnswer = { unknown: "the check could not be started" };

/**
 * A thread for schemas, started by the first job and ended when it is idle. Jobs run one after another; one that takes too
 * long or too much memory ends with the thread, and the next one gets a new thread. Holds no process open.
 */
export class SchemaThread {
  readonly #options: SchemaThreadOptions;
  #worker: Worker | undefined;
  readonly #waiting = new Set<Waiting>();
  #isBusy = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: SchemaThreadOptions) {
    this.#options = options;
  }

  run(job: SchemaJob): Promise<SchemaAnswer> {
    if (this.#waiting.size >= this.#options.maxWaiting) return Promise.resolve(tooMany);
    return new Promise((resolve) => {
      this.#waiting.add({ job, since: performance.now(), resolve });
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    clearTimeout(this.#idleTimer);
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      const isLate = performance.now() - next.since > this.#options.waitMs;
      next.resolve(isLate ? tooMany : await this.#ask(next.job).catch(() => notStarted));
    }
    this.#isBusy = false;
    this.#idleTimer = setTimeout(() => this.#end(), this.#options.idleMs).unref();
  }

  async #ask(job: SchemaJob): Promise<SchemaAnswer> {
    const worker = await this.#start();
    const { compileMs, checkMs } = this.#options;
    return await new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (answer: SchemaAnswer) => {
        clearTimeout(timer);
        worker.off("message", onMessage).off("error", onGone).off("exit", onGone);
        worker.unref();
        resolve(answer);
      };
      const onMessage = (said: SchemaAnswer | "compiled") => (said === "compiled" ? limit(checkMs) : settle(said));
      const onGone = () => {
        this.#end();
        settle({ unknown: "the check took too much memory", isLasting: true });
      };
      const onTime = () => {
        this.#end();
        settle({ unknown: "the check took too long", isLasting: true });
      };
      const limit = (ms: number) => {
        clearTimeout(timer);
        // Where this thread itself was held up, an answer may be there already: it is read before the end.
        timer = setTimeout(() => {
          timer = setTimeout(onTime, 1);
        }, ms);
      };
      limit(compileMs);
      worker.on("message", onMessage).on("error", onGone).on("exit", onGone);
      // Whoever waits for an answer is not to find the process ended.
      worker.ref();
      worker.postMessage(job);
    });
  }

  /** The thread, once it has said that it is ready: its start is not part of anybody's time. */
  async #start(): Promise<Worker> {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL("./schema-worker.js", import.meta.url), { resourceLimits, execArgv: [] });
    await new Promise<void>((resolve, reject) => {
      const onReady = () => {
        worker.off("error", reject).off("exit", reject);
        resolve();
      };
      worker.once("message", onReady).once("error", reject).once("exit", reject);
    });
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
