import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { openHouse } from "./open-house.js";
import { chatBody, responsesBody } from "./start-house.js";

const script = (marker: object) => `SIM${JSON.stringify({ reasoning: false, ...marker })}`;
const toBackend = ({ path }: { path: string }) => path.endsWith("/responses");

/** Sends a request and ends its own side of the connection at once; all that comes back. */
async function askAndEnd(
  port: number,
  path: string,
  body: object,
  { version = "1.1", end = true } = {},
): Promise<string> {
  const json = JSON.stringify(body);
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const head = `POST ${path} HTTP/${version}\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n`;
  socket.write(head + json);
  if (end) socket.end();
  let text = "";
  for await (const chunk of socket.setEncoding("utf8")) text += chunk;
  return text;
}

describe("a caller that ends its own side", () => {
  const text = "one two three four";
  const slow = script({ text, delayMs: 60 });
  const bodies = {
    "/v1/chat/completions": (stream: boolean) => chatBody(slow, { stream }),
    "/v1/responses": (stream: boolean) => responsesBody(slow, { stream }),
    "/v1/completions": (stream: boolean) => ({ model: "gpt-6-sol", prompt: slow, stream }),
  };

  it.each(Object.entries(bodies))("gets the whole answer of %s, plain and streamed", async (path, body) => {
    const { proxy } = await openHouse();
    const plain = await askAndEnd(proxy.port, path, body(false));
    // What is written to see whether it is there is what any client of HTTP/1.1 skips.
    const [last = "", ...before] = plain.split(/(?=HTTP\/1\.1 )/).reverse();
    expect(before.map((interim) => interim.trim())).toEqual(before.map(() => "HTTP/1.1 100 Continue"));
    expect(last).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(last).toContain(text);
    const streamed = (await askAndEnd(proxy.port, path, body(true))).replace(/HTTP\/1.1 100 Continue\r\n\r\n/g, "");
    expect(streamed).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(streamed.endsWith("\r\n0\r\n\r\n")).toBe(true);
    for (const word of ["one", " two", " three", " four"]) expect(streamed).toContain(`"${word}"`);
  });

  it("gets it in HTTP/1.0 too, which has no interim answers", async () => {
    const { proxy } = await openHouse();
    const answer = await askAndEnd(proxy.port, "/v1/chat/completions", bodies["/v1/chat/completions"](false), {
      version: "1.0",
    });
    expect(answer.match(/HTTP\/1\./g)).toHaveLength(1);
    expect(answer).toContain(text);
  });

  it("is read past the interim answers by Node's own client", async () => {
    const { proxy } = await openHouse();
    const body = JSON.stringify(bodies["/v1/chat/completions"](false));
    const sent = request(`${proxy.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-length": body.length },
    });
    let interim = 0;
    sent.on("information", () => interim++).on("continue", () => interim++);
    sent.end(body);
    const [socket] = await once(sent, "socket");
    if (socket.connecting) await once(socket, "connect");
    socket.end();
    const [response] = await once(sent, "response");
    let answer = "";
    for await (const chunk of response.setEncoding("utf8")) answer += chunk;
    expect(JSON.parse(answer).choices[0].message.content).toBe(text);
    expect(interim).toBeGreaterThan(0);
  });

  it("and then goes away is noticed, before the answer and within a stream", async () => {
    const { proxy, simulator } = await openHouse();
    for (const stream of [false, true]) {
      const begun = simulator.waitFor("request", toBackend);
      const json = JSON.stringify(chatBody(script({ words: 100, fault: { stall: 20 } }), { stream }));
      const socket = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
      socket.on("error", () => {}).resume();
      socket.end(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n${json}`,
      );
      await begun;
      await once(socket, "data");
      const gone = simulator.waitFor("disconnect", toBackend);
      socket.destroy();
      await gone;
    }
    expect(simulator.activeResponses).toBe(0);
  });
});
