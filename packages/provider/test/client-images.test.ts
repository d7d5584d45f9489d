import { describe, expect, it } from "vitest";
import { openClient } from "./open-client.js";

const asked = { model: "gpt-image-2", prompt: "A perch." };

describe("client.images", () => {
  it("makes pictures, and changes given ones", async () => {
    const { client, sim } = await openClient();
    const made = await client.images({ ...asked, n: 2 });
    expect(made.data).toHaveLength(2);
    const images = [{ image_url: `data:image/png;base64,${made.data[0]?.b64_json}` }];
    expect((await client.images({ ...asked, images })).data).toHaveLength(1);
    expect(sim.requests.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      "POST /backend-api/codex/images/generations 200",
      "POST /backend-api/codex/images/edits 200",
    ]);
  });

  it("renews a refused token once, and says why it fails", async () => {
    const { client, sim } = await openClient();
    sim.expireAccessTokens();
    expect((await client.images(asked)).data).toHaveLength(1);
    expect(sim.refreshCount).toBe(1);
    sim.faults.next({ route: "images", error: "usage_limit" });
    await expect(client.images(asked)).rejects.toMatchObject({ code: "usage_limit_reached", retryable: false });
    sim.faults.next({ route: "images", status: 200, body: { data: [{ url: "x" }] } });
    await expect(client.images(asked)).rejects.toMatchObject({ code: "upstream_rejected" });
  });

  it("ends with its signal", async () => {
    const { client, sim } = await openClient();
    sim.faults.next({ route: "images", stall: "before-headers" });
    const abort = new AbortController();
    const waiting = client.images(asked, abort.signal);
    await sim.waitFor("request", ({ path }) => path.endsWith("/generations"));
    abort.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
  });
});
