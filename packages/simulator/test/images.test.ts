import { expect, test } from "vitest";
import { start } from "./client.js";

const generations = "/backend-api/codex/images/generations";
const edits = "/backend-api/codex/images/edits";
const asked = { model: "gpt-image-2", prompt: "A perch." };

test("the image routes give as many pictures as are asked for", async () => {
  const client = await start({ now: () => 1_800_000_000_000 });
  const reply = await client.send(generations, { ...asked, n: 2, size: "1024x1024" });
  const { created, data, size } = (await reply.json()) as {
    created: number;
    data: { b64_json: string }[];
    size: string;
  };
  expect({ status: reply.status, created, size, count: data.length }).toEqual({
    status: 200,
    created: 1_800_000_000,
    size: "1024x1024",
    count: 2,
  });
  expect(
    Buffer.from(data[0]?.b64_json ?? "", "base64")
      .subarray(1, 4)
      .toString(),
  ).toBe("PNG");
  const edit = await client.send(edits, { ...asked, images: [{ image_url: "data:image/png;base64,AAAA" }] });
  expect(edit.status).toBe(200);
});

test("they refuse what the official client does not send", async () => {
  const client = await start();
  const refusals = [
    [generations, { ...asked, output_format: "webp" }, "Unsupported parameter: output_format"],
    [generations, { ...asked, images: [] }, "Unsupported parameter: images"],
    [generations, { model: "gpt-image-2" }, "'prompt'"],
    [generations, { ...asked, n: 11 }, "'n'"],
    [generations, { ...asked, model: "dall-e-3" }, "'dall-e-3' model is not supported"],
    [edits, asked, "'images'"],
  ] as const;
  for (const [path, body, words] of refusals) {
    const reply = await client.send(path, body);
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain(words);
  }
});

test("they need a login, and can be made to fail", async () => {
  const client = await start();
  client.sim.faults.next({ route: "images", error: "overloaded" });
  expect((await client.send(generations, asked)).status).toBe(503);
  expect((await client.send(generations, asked, { authorization: "" })).status).toBe(401);
});
