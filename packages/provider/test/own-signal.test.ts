import { getEventListeners } from "node:events";
import { chatDialect, exchange } from "@codex/provider";
import { expect, it, onTestFinished } from "vitest";
import { followSignal } from "../src/own-signal.js";
import { openClient, script } from "./open-client.js";

const body = (marker: object, more: object = {}) => ({
  model: "gpt-6-sol",
  messages: [{ role: "user", content: script(marker) }],
  ...more,
});

/** What Node has warned of since. */
function noteWarnings(): string[] {
  const warnings: string[] = [];
  const note = ({ name, message }: Error) => warnings.push(`${name}: ${message}`);
  process.on("warning", note);
  onTestFinished(() => void process.off("warning", note));
  return warnings;
}

it.each(["no signal", "one shared signal"])("many exchanges at once, with %s, warn of nothing", async (kind) => {
  const { client } = await openClient();
  const shared = new AbortController();
  const signal = kind === "no signal" ? {} : { signal: shared.signal };
  const warnings = noteWarnings();
  const replies = await Promise.all(
    Array.from({ length: 24 }, async (_, at) => {
      const stream = at % 2 === 0;
      const reply = await exchange(client, chatDialect, {
        body: body({ text: "Hello.", delayMs: 5 }, { stream }),
        ...signal,
      });
      let text = typeof reply.body === "string" ? reply.body : "";
      if (typeof reply.body !== "string") for await (const piece of reply.body) text += piece;
      return `${reply.status} ${text}`;
    }),
  );
  // Node tells of it in a turn of its own.
  await new Promise((resolve) => setImmediate(resolve));
  for (const reply of replies) expect(reply).toMatch(/^200 .*Hello/s);
  expect(warnings).toEqual([]);
  expect(getEventListeners(shared.signal, "abort")).toEqual([]);
});

it("a shared signal ends all that follow it, and takes no listener more than one", async () => {
  const { client, sim } = await openClient();
  const shared = new AbortController();
  const begun = sim.waitFor("request", ({ path }) => path.endsWith("/responses"));
  const asked = Array.from({ length: 12 }, () =>
    exchange(client, chatDialect, { body: body({ words: 200, delayMs: 50 }), signal: shared.signal }),
  );
  await begun;
  expect(getEventListeners(shared.signal, "abort")).toHaveLength(1);
  shared.abort(new Error("enough"));
  for (const reply of await Promise.all(asked)) expect(reply.status).toBeGreaterThanOrEqual(400);
});

it("lets go of a call that has ended, and of the signal with the last one", () => {
  const outer = new AbortController();
  const [one, two] = [followSignal(outer.signal), followSignal(outer.signal)];
  one.end();
  one.end();
  expect(getEventListeners(outer.signal, "abort")).toHaveLength(1);
  outer.abort("why");
  expect([one.signal.aborted, two.signal.aborted, two.signal.reason]).toEqual([false, true, "why"]);
  expect(followSignal(outer.signal).signal.aborted).toBe(true);
  two.end();

  const again = new AbortController();
  const three = followSignal(again.signal);
  three.end();
  expect(getEventListeners(again.signal, "abort")).toHaveLength(0);
  const four = followSignal(again.signal);
  again.abort();
  expect(four.signal.aborted).toBe(true);
});
