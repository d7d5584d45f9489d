import { expect, it } from "vitest";
import { redact } from "../../src/observe/redact.js";

const nested = JSON.stringify({ messages: [{ content: JSON.stringify({ refresh_token: "abcdef1234567" }) }] });

it.each([
  ['{"access_token":"abcdefgh12345678","a":1}', '{"access_token":"***","a":1}'],
  ['{"password":"with \\"quotes\\" in it","b":2}', '{"password":"***","b":2}'],
  ["authorization: Bearer abcdefghij.klm", "authorization: ***"],
  ["https://x.test/?api_key=abcdefgh1234&b=2", "https://x.test/?api_key=***&b=2"],
  ["bearer abcdefghijk", "bearer ***"],
  ["a eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln b", "a *** b"],
  ["cxo_abcdefghijklmnopqrstuvwxyz", "***"],
  ["hf_abcdefghijklmnopqrstuvwx and gsk_abcdefghijklmnopqrstuvwx", "*** and ***"],
  ["xai-abcdefghijklmnopqrstuvwx, sk-ant-api03-abcdefghijkl, nvapi-abcdefghijklmnop", "***, ***, ***"],
  ["ya29.a0abcdefghijklmnopqrst, SG.abcdefghijklmnopqrstuv.x", "***, ***.x"],
  ["bot 123456789:AAabcdefghijklmnopqrstuvwxyz0123456", "bot ***"],
  ["postgres://me:pa55word!@db.test:5432/x", "postgres://me:***@db.test:5432/x"],
  ["http://user:p%40ss@proxy.test and http://:only@x.test", "http://user:***@proxy.test and http://:***@x.test"],
  ["a -----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY----- b", "a *** b"],
  [JSON.stringify({ a: "-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----\n" }), '{"a":"***\\n"}'],
  ["cut off: -----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn", "cut off: ***"],
  [nested, nested.replace("abcdef1234567", "***")],
  [`"data:image/png;base64,${"A".repeat(100)}"`, '"data:image/png;base64,..."'],
  [`{"encrypted_content":"${"x".repeat(60)}"}`, '{"encrypted_content":"..."}'],
])("blots out %s", (text, shown) => expect(redact(text)).toBe(shown));

it.each([
  '{"max_tokens":1000000,"prompt_tokens":1234567}',
  "Explain tokens and secrets to me.",
  "http://127.0.0.1:8080/a@b",
  "sharp hf fw npm install",
  '{"stop":"token"}',
])("leaves %s", (text) => expect(redact(text)).toBe(text));
