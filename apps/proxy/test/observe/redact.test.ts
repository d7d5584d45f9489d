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
  [nested, nested.replace("abcdef1234567", "***")],
  [`"data:image/png;base64,${"A".repeat(100)}"`, '"data:image/png;base64,..."'],
  [`{"encrypted_content":"${"x".repeat(60)}"}`, '{"encrypted_content":"..."}'],
])("blots out %s", (text, shown) => expect(redact(text)).toBe(shown));

it.each(['{"max_tokens":1000000,"prompt_tokens":1234567}', "Explain tokens and secrets to me.", '{"stop":"token"}'])(
  "leaves %s",
  (text) => expect(redact(text)).toBe(text),
);
