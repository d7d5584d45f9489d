import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { leaveOpen, postBytes } from "./abuse.js";
import { deepBody, heavyBodies } from "./heavy-bodies.js";

/** One kind of abuse: does it once, and resolves with what was answered wrongly. */
export type AbusiveShape = (proxyUrl: string) => Promise<string | undefined>;

const mib = 1024 * 1024;
const chat = "/v1/chat/completions";
const head = `POST ${chat} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;
const bomb = brotliCompressSync(Buffer.alloc(63 * mib, " "), { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } });

/** A chat of a size, in pieces that are made anew for each, so that the sender takes no more than one of them. */
export function largeChat(bytes: number): Buffer[] {
  const before = Buffer.from('{"model":"gpt-6-sol","messages":[{"role":"user","content":"');
  const after = Buffer.from('"}]}');
  const piece = Buffer.alloc(mib, "x");
  const pieces = [before];
  let left = bytes - before.length - after.length;
  for (; left > 0; left -= piece.length) pieces.push(piece.subarray(0, Math.min(left, piece.length)));
  return [...pieces, after];
}

async function times(count: number, send: () => Promise<string>, expected: RegExp): Promise<string | undefined> {
  const answers = await Promise.all(Array.from({ length: count }, send));
  return answers.find((answer) => !expected.test(answer));
}

async function hold(url: string, count: number, words: string, more: string, ms: number): Promise<undefined> {
  const connections = leaveOpen(url, count, words, more);
  await connections.opened;
  await new Promise((resolve) => setTimeout(resolve, ms));
  connections.close();
}

/** Each body that is heavy for its size, one after another. */
const heavyShapes = Object.entries(heavyBodies).map(([name, { path, body, statuses }]): [string, AbusiveShape] => [
  name,
  async (url) => {
    const answer = await postBytes(url + path, [Buffer.from(JSON.stringify(body))]);
    return statuses.includes(Number(answer.slice(0, 3))) ? undefined : answer;
  },
]);

/** Each is added to by who mends another kind. */
export const abusiveShapes: Readonly<Record<string, AbusiveShape>> = {
  "40 bodies that unpack to 63 MiB": (url) =>
    times(40, () => postBytes(url + chat, [bomb], { "content-encoding": "br" }), /^413 /),
  "4 compressed bodies of 3 MiB": (url) => {
    const packed = gzipSync(Buffer.concat(largeChat(3 * mib)));
    return times(4, () => postBytes(url + chat, [packed], { "content-encoding": "gzip" }), /^(200|400|413|429) /);
  },
  "10 bodies of 60 MiB": (url) => times(10, () => postBytes(url + chat, largeChat(60 * mib)), /^(400|413|429) /),
  "300 slow bodies": (url) => hold(url, 300, `${head}content-length: 1000\r\n\r\n{`, " ", 5000),
  "20 slow bodies of 60 MiB": (url) => hold(url, 20, `${head}content-length: ${60 * mib}\r\n\r\n{`, " ", 5000),
  "500 headers that do not end": (url) => hold(url, 500, head, "x-a: b\r\n", 5000),
  "1,500 silent connections": (url) => hold(url, 1500, "", "", 2000),
  "10,000 levels": (url) => times(1, () => postBytes(url + chat, [Buffer.from(deepBody)]), /^400 /),
  ...Object.fromEntries(heavyShapes),
};
