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

/** Made up, and put together here: no scanner of secrets may take this file for a leak. */
const made = (length: number) => "a1B2c3D4e5F6g7H8".repeat(8).slice(0, length);

it.each([
  ["OpenAI", "sk-proj-", 48],
  ["Anthropic", "sk-ant-api03-", 60],
  ["OpenRouter", "sk-or-v1-", 64],
  ["Google", "AIza", 35],
  ["Google OAuth", "ya29.", 40],
  ["Google OAuth client", "GOCSPX-", 28],
  ["Groq", "gsk_", 52],
  ["xAI", "xai-", 80],
  ["Perplexity", "pplx-", 48],
  ["Hugging Face", "hf_", 34],
  ["Replicate", "r8_", 37],
  ["NVIDIA", "nvapi-", 64],
  ["AWS", "AKIA", 16],
  ["AWS, for a session", "ASIA", 16],
  ["GitHub", "ghp_", 36],
  ["GitHub, for a user", "ghu_", 36],
  ["GitHub, fine-grained", "github_pat_", 82],
  ["GitLab", "glpat-", 20],
  ["npm", "npm_", 36],
  ["PyPI", "pypi-", 100],
  ["Slack", "xoxb-", 40],
  ["Slack, for an app", "xapp-", 40],
  ["Stripe", "sk_live_", 24],
  ["Stripe's hooks", "whsec_", 32],
  ["Tavily", "tvly-", 32],
  ["Pinecone", "pcsk_", 60],
  ["LangSmith", "lsv2_pt_", 40],
  ["Vault", "hvs.", 24],
  ["DigitalOcean", "dop_v1_", 64],
  ["Linear", "lin_api_", 40],
  ["Notion", "ntn_", 46],
  ["Grafana", "glsa_", 32],
  ["SendGrid", "SG.", 22],
  ["Shopify", "shpat_", 32],
  ["age", "AGE-SECRET-KEY-1", 58],
] as const)("blots out a key of %s", (_vendor, beginning, length) => {
  const key = beginning + made(length);
  for (const text of [key, `Why is ${key} refused?`, JSON.stringify({ content: `export KEY=${key}\n` })]) {
    expect(redact(text)).not.toContain(made(12));
  }
});

it.each([
  ["a password in a URL", `postgres://me:${made(9)}@db.test:5432/x?y=1`, "postgres://me:***@db.test:5432/x?y=1"],
  ["one without a name", `redis://:${made(9)}@db.test`, "redis://:***@db.test"],
  ["a token in a URL", `https://${made(20)}@forge.test/a.git`, "https://***@forge.test/a.git"],
  ["several cookies", `Cookie: a=1; sid=${made(20)}\r\nAccept: */*`, "Cookie: ***\r\nAccept: */*"],
  ["basic credentials", `authorization: Basic ${made(20)}==`, "authorization: ***"],
  ["those behind a flag", `curl -H 'Proxy-Authorization: Basic ${made(20)}'`, "curl -H 'Proxy-Authorization: ***'"],
  ["variables of AWS", `AWS_SECRET_ACCESS_KEY=${made(40)}`, "AWS_SECRET_ACCESS_KEY=***"],
  ["a key of Azure", `AccountName=x;AccountKey=${made(80)}==;E=y`, "AccountName=x;AccountKey=***;E=y"],
  ["a hook of Slack", `https://hooks.slack.com/services/T0/B0/${made(20)}`, "https://hooks.slack.com/services/***"],
  ["a bot of Telegram", `bot 123456789:${made(35)}`, "bot ***"],
])("blots out %s", (_what, text, shown) => expect(redact(text)).toBe(shown));

it.each(["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK", "CERTIFICATE"])(
  "blots out a block of PEM, %s, also in JSON and when it was cut off",
  (kind) => {
    const block = `-----BEGIN ${kind}-----\nProc-Type: 4,ENCRYPTED\n\n${made(64)}\n${made(30)}==\n-----END ${kind}-----\n`;
    for (const text of [block, JSON.stringify({ content: block }), JSON.stringify(JSON.stringify({ block }))]) {
      expect(redact(text)).not.toContain(made(12));
      expect(redact(text.slice(0, text.indexOf("==")))).not.toContain(made(12));
    }
    expect(redact(`before ${block}after`)).toBe("before ***\nafter");
  },
);

it.each([
  "See https://example.test/a:b@c and mail me@example.test.",
  "The basic idea, a task-oriented-approach; risk-free-investments-of-2024.",
  "http://127.0.0.1:11455/v1 and ssh://git@forge.test/repo",
])("leaves %s", (text) => expect(redact(text)).toBe(text));

it.each(["a-", "a.", "token", '"', "https://a", "-----BEGIN A-----", "cookie:", "sk-", "bearer "])(
  "takes time that grows with the text, of %j again and again",
  (part) => {
    const time = (length: number) => {
      const text = part.repeat(Math.ceil(length / part.length));
      const start = performance.now();
      redact(text);
      return performance.now() - start;
    };
    time(1000);
    const [once, four] = [time(50_000), time(200_000)];
    expect(four).toBeLessThan(Math.max(once * 10, 300));
  },
);
