import { CodexError } from "@codex/errors";
import type { TransportResponse } from "@codex/transport";
import { beforeEach, describe, expect, it } from "vitest";
import { type Circuit, createCircuit } from "../../src/backend/circuit.js";

const request = { url: "http://127.0.0.1/responses", headers: {}, body: "{}" };
const never = new AbortController().signal;
const refused = new CodexError("upstream_unreachable", "The backend cannot be reached (ECONNREFUSED).");

let clock: number;
let asked: number;
let answer: () => Promise<TransportResponse>;
let circuit: Circuit;

async function* nothing(): AsyncGenerator<Uint8Array[]> {}
const status = (code: number) => async () => ({ status: code, headers: {}, body: nothing() });
const fail = async () => {
  throw refused;
};

beforeEach(() => {
  clock = 1_000_000;
  asked = 0;
  answer = fail;
  const post = () => {
    asked++;
    return answer();
  };
  circuit = createCircuit({ post }, { failures: 3, spanMs: 1000, restMs: 5000, maxRestMs: 15_000, now: () => clock });
});

const attempt = (signal = never) => circuit.post(request, signal);
const code = () =>
  attempt().then(
    (response) => response.status,
    (error: CodexError) => error.code,
  );

/** Fails until it is open. */
async function open(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await code();
    clock += 500;
  }
  expect(circuit.state).toBe("open");
}

describe("the circuit", () => {
  it.each([
    ["upstream_unreachable", "The backend cannot be reached (ECONNREFUSED). Check the network and try again."],
    ["upstream_timeout", "The backend at http://127.0.0.1 did not answer. Try again."],
  ] as const)("says once that it is to be tried again, when it is asked again: %s", async (why, message) => {
    answer = () => Promise.reject(new CodexError(why, message));
    await open();
    const told = await attempt().catch((error: CodexError) => error.message);
    expect(String(told).match(/try again/gi)).toHaveLength(1);
    expect(told).toContain(`${message.split(/ (Try|Check)/)[0]} It is asked again`);
  });

  it.each([
    ["unreachable", fail],
    ["500", status(500)],
    ["502", status(502)],
    ["503", status(503)],
  ])("opens when attempts have failed one after another: %s", async (_what, how) => {
    answer = how;
    await open();
    const before = asked;
    expect(await code()).toBe("circuit_open");
    expect(asked).toBe(before);
  });

  it.each([200, 400, 401, 402, 403, 404, 413, 429])("stays closed for a %s, however often", async (answered) => {
    answer = status(answered);
    for (let i = 0; i < 20; i++) {
      expect(await code()).toBe(answered);
      clock += 1000;
    }
  });

  it("does not open for one success among many failures", async () => {
    for (let i = 0; i < 20; i++) {
      answer = i % 3 === 2 ? status(200) : fail;
      await code();
      clock += 1000;
    }
    expect(circuit.state).toBe("closed");
  });

  it("leaves a hiccup under many requests at once to their retries", async () => {
    await Promise.all(Array.from({ length: 100 }, code));
    clock += 999;
    await code();
    expect(circuit.state).toBe("closed");
    clock += 1;
    await code();
    expect(circuit.state).toBe("open");
  });

  it("does not count callers that leave", async () => {
    const gone = AbortSignal.abort(new Error("left"));
    for (let i = 0; i < 20; i++) {
      await attempt(gone).catch(() => {});
      clock += 1000;
    }
    expect(circuit.state).toBe("closed");
  });

  it("says why, and when to come back", async () => {
    await open();
    clock += 1000;
    await expect(attempt()).rejects.toMatchObject({
      code: "circuit_open",
      status: 503,
      retryable: true,
      retryAfterMs: 3500,
      message: expect.stringMatching(/last 3 attempts failed.*ECONNREFUSED.*in 4 s/),
    });
  });

  it("lets one attempt through after its rest, and closes when that goes well", async () => {
    await open();
    clock += 5000;
    let settle!: (response: TransportResponse) => void;
    answer = () => new Promise((resolve) => (settle = resolve));
    const probe = attempt();
    expect(circuit.state).toBe("probing");
    expect(await code()).toBe("circuit_open");
    settle(await status(429)());
    expect((await probe).status).toBe(429);
    expect(circuit.state).toBe("closed");
  });

  it("rests twice as long after each probe that fails, up to the longest rest", async () => {
    await open();
    clock += 5000;
    for (const rest of [10_000, 15_000, 15_000]) {
      expect(await code()).toBe("upstream_unreachable");
      await expect(attempt()).rejects.toMatchObject({ code: "circuit_open", retryAfterMs: rest });
      clock += rest;
    }
    answer = status(200);
    expect(await code()).toBe(200);
    answer = fail;
    await open();
    await expect(attempt()).rejects.toMatchObject({ retryAfterMs: 4500 });
  });

  it("lets a further attempt through while a probe hangs", async () => {
    await open();
    clock += 5000;
    answer = () => new Promise(() => {});
    void attempt();
    clock += 14_999;
    await expect(attempt()).rejects.toMatchObject({ code: "circuit_open", retryAfterMs: 1000 });
    clock += 1;
    answer = status(200);
    expect(await code()).toBe(200);
    expect(circuit.state).toBe("closed");
  });

  it.each([
    ["a request that cannot be sent", new CodexError("request_invalid", "A header is invalid.", { param: "model" })],
    ["an error without a name", new TypeError("made up")],
    ["a certificate that is not trusted", new CodexError("upstream_unreachable", "made up", { retryable: false })],
  ])("does not count %s", async (_what, error) => {
    answer = async () => {
      throw error;
    };
    for (let i = 0; i < 20; i++) {
      await code();
      clock += 1000;
    }
    expect(circuit.state).toBe("closed");
  });

  it("has the first good answer at most 5 s after an outage of 45 s, with its own settings", async () => {
    circuit = createCircuit({ post: () => answer() }, { now: () => clock });
    const end = clock + 45_000;
    answer = async () => (clock < end ? fail() : status(200)());
    // A caller every 250 ms.
    while ((await code()) !== 200) clock += 250;
    expect(clock - end).toBeLessThanOrEqual(5000);
    expect(clock - end).toBeGreaterThanOrEqual(0);
  });

  it("lets the next one try when the caller of the probe leaves", async () => {
    await open();
    clock += 5000;
    const caller = new AbortController();
    answer = async () => {
      caller.abort();
      throw caller.signal.reason;
    };
    await attempt(caller.signal).catch(() => {});
    answer = status(200);
    expect(await code()).toBe(200);
    expect(circuit.state).toBe("closed");
  });

  it("is closed by an attempt that was on its way and goes well, and not held open by one that fails", async () => {
    const settle: ((response: TransportResponse) => void)[] = [];
    const late = () => new Promise<TransportResponse>((resolve) => settle.push(resolve));
    answer = late;
    const first = attempt();
    const second = attempt();
    answer = fail;
    await open();
    settle[0]?.(await status(500)());
    await first;
    await expect(attempt()).rejects.toMatchObject({ retryAfterMs: 4500 });
    settle[1]?.(await status(200)());
    await second;
    expect(circuit.state).toBe("closed");
  });
});
