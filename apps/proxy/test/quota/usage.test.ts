import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openHouse } from "../open-house.js";
import { ask, chatBody, type House } from "../start-house.js";

const usageRequests = ({ simulator }: House) =>
  simulator.requests.filter(({ path }) => path.endsWith("/wham/usage")).length;
const chat = (house: House, headers: Record<string, string> = {}, tokens = 100) => {
  const usage = { input_tokens: tokens - 10, output_tokens: 10 };
  const body = chatBody(`SIM${JSON.stringify({ text: "Yes.", usage })}`);
  return ask(`${house.proxy.url}/v1/chat/completions`, { body, headers });
};
const reserve = (minutes: number, percent: number) => ({ quota: { reserve: [{ minutes, percent }], shares: {} } });

describe("GET /v1/usage", () => {
  it("tells the windows by their names, asked for once, then from what answers say", async () => {
    const house = await openHouse({ config: reserve(10_080, 10) });
    const first = await ask(`${house.proxy.url}/v1/usage`);
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({
      object: "usage",
      plan: "plus",
      stale: false,
      limits: [
        {
          id: "codex",
          reached: false,
          windows: [
            { name: "5h", window_minutes: 300, used_percent: 12, remaining_percent: 88, reserve_percent: null },
            { name: "weekly", used_percent: 34, resets_at: expect.any(Number), reserve_percent: 10 },
          ],
        },
      ],
      credits: { has_credits: false, unlimited: false, balance: null },
      keys: [],
    });
    house.simulator.rateLimits.primaryUsedPercent = 55;
    await chat(house);
    expect((await ask(`${house.proxy.url}/usage`)).json.limits[0].windows[0].used_percent).toBe(55);
    expect(usageRequests(house)).toBe(1);
    house.simulator.rateLimits.primaryUsedPercent = 56;
    expect((await ask(`${house.proxy.url}/v1/usage?fresh=1`)).json.limits[0].windows[0].used_percent).toBe(56);
    expect(usageRequests(house)).toBe(2);
  });

  it("tells what it knows when the backend does not say, and why it knows nothing", async () => {
    const house = await openHouse();
    house.simulator.faults.always({ route: "usage", status: 403, body: { detail: "No." } });
    expect(await ask(`${house.proxy.url}/v1/usage`)).toMatchObject({ status: 403 });
    await chat(house);
    expect((await ask(`${house.proxy.url}/v1/usage?fresh=1`)).json).toMatchObject({ stale: true, plan: "plus" });
  });

  it("wants a key where callers need one", async () => {
    const { proxy } = await openHouse({ config: { apiKeys: ["k1"] } });
    expect((await ask(`${proxy.url}/v1/usage`)).status).toBe(401);
  });
});

describe("a reserve", () => {
  it("is refused locally, says until when, and costs the backend nothing", async () => {
    const house = await openHouse({ config: reserve(10_080, 10) });
    house.simulator.rateLimits.secondaryUsedPercent = 91;
    const refused = await chat(house);
    expect(refused.status).toBe(429);
    expect(refused.headers["x-should-retry"]).toBe("false");
    expect(refused.json.error).toMatchObject({
      type: "usage_limit_reached",
      message: expect.stringMatching(/weekly window is 91 % used, and its last 10 % are held back.*reserve\.weekly/),
      resets_at: expect.any(Number),
    });
    expect(house.simulator.stats.responses).toBe(0);
    await chat(house);
    expect(usageRequests(house)).toBe(1);
  });

  it("lets requests through up to it, and those of other windows", async () => {
    const house = await openHouse({ config: reserve(300, 20) });
    house.simulator.rateLimits.primaryUsedPercent = 80;
    house.simulator.rateLimits.secondaryUsedPercent = 99;
    expect((await chat(house)).status).toBe(200);
    house.simulator.rateLimits.primaryUsedPercent = 80.5;
    expect((await chat(house)).status).toBe(200);
    expect((await chat(house)).status).toBe(429);
  });

  it("does not stand in the way when the backend does not tell", async () => {
    const house = await openHouse({ config: reserve(300, 20) });
    house.simulator.faults.always({ route: "usage", status: 500, body: {} });
    expect((await chat(house)).status).toBe(200);
  });
});

describe("shares of keys", () => {
  it("count what each key has used, refuse who has used theirs, and outlive the proxy", async () => {
    const shares = { "*": [{ minutes: 10_080, percent: 5 }] };
    const house = await openHouse({ config: { apiKeys: ["one", "two"], quota: { reserve: [], shares } } });
    const { rateLimits } = house.simulator;
    const asKey = (key: string) => ({ authorization: `Bearer ${key}` });
    const usage = async (key: string) => (await ask(`${house.proxy.url}/v1/usage`, { headers: asKey(key) })).json.keys;
    expect((await chat(house, asKey("one"))).status).toBe(200);
    rateLimits.secondaryUsedPercent = 38;
    expect((await chat(house, asKey("two"), 300)).status).toBe(200);
    // A rise is seen with the next answer's headers: 4 percent for 100 and 300 tokens.
    expect(await usage("one")).toEqual([
      expect.objectContaining({ name: expect.stringMatching(/^key-/), windows: expect.anything() }),
    ]);
    const week = (keys: { windows: { name: string }[] }[]) => keys[0]?.windows.find(({ name }) => name === "weekly");
    expect(week(await usage("one"))).toMatchObject({ used_percent: 1, share_percent: 5, tokens: 100 });
    expect(week(await usage("two"))).toMatchObject({ used_percent: 3, tokens: 300 });
    expect((await chat(house, asKey("two"), 100)).status).toBe(200);
    rateLimits.secondaryUsedPercent = 41;
    expect((await chat(house, asKey("two"), 100)).status).toBe(200);
    const refused = await chat(house, asKey("two"));
    expect(refused.status).toBe(429);
    expect(refused.json.error.message).toMatch(
      /key-\w+ has used its share of the plan: 6 % of the weekly window, of 5 %/,
    );
    expect((await chat(house, asKey("one"))).status).toBe(200);
  });

  it("are kept in a file for its owner only", async () => {
    const folder = await mkdtemp(join(tmpdir(), "codex-usage-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "state", "usage.json");
    const house = await openHouse({ config: { apiKeys: ["one"], usageFile: file } });
    await chat(house, { authorization: "Bearer one" });
    await house.proxy.stop();
    if (process.platform !== "win32") expect((await stat(file)).mode & 0o777).toBe(0o600);
    const kept = JSON.parse(await readFile(file, "utf8"));
    expect(kept).toMatchObject({ version: 1, windows: [{ minutes: 300 }, { minutes: 10_080 }] });
    expect(JSON.stringify(kept)).not.toContain('"one"');
  });
});
