/** What a secret is called in JSON, in headers and in URLs. */
const secretNames =
  "[\\w-]*(?:token|secret|password|passwd|api[_-]?key|apikey|authorization|credential|cookie|private[_-]?key)";

/**
 * What keys of well-known services begin with: OpenAI and Anthropic (sk), Stripe (sk, pk, rk, whsec), our own (cxo), GitHub,
 * GitLab, Slack, AWS, Google, Hugging Face, Groq, xAI, Replicate, NVIDIA, Perplexity, Tavily, Fireworks, Cerebras, OpenRouter,
 * npm, PyPI, DigitalOcean, Shopify, SendGrid, Databricks, Linear, Notion, Sentry, Vercel, Supabase, Pinecone.
 */
const keyBeginnings =
  "sk|pk|rk|rt|whsec|cxo|ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[abeprs]|xapp|AKIA|ASIA|AIza|ya29\\.|hf|gsk|xai|r8|nvapi|pplx|tvly|fw|csk|npm|pypi|dop_v1|shp(?:at|ss|ca)|SG\\.|dapi|lin_api|ntn|sntry[su]|vcp|sbp|pcsk";

const patterns: readonly [RegExp, string][] = [
  // A field of JSON, and one of JSON that is itself a string in JSON.
  [new RegExp(`("${secretNames}"\\s*:\\s*")(?:[^"\\\\]|\\\\.)+`, "gi"), "$1***"],
  [new RegExp(`(\\\\"${secretNames}\\\\"\\s*:\\s*\\\\")(?:[^"\\\\]|\\\\[^"])+`, "gi"), "$1***"],
  // A header, a parameter or an assignment.
  [new RegExp(`\\b(${secretNames}\\s*[=:]\\s*)(?:bearer\\s+)?[^\\s"'&,;\\\\]{6,}`, "gi"), "$1***"],
  [/\b(bearer\s+)[\w.~+/=-]{6,}/gi, "$1***"],
  // A password in a URL, and a private key whole, also inside a string of JSON.
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@"'\\]*:)[^\s/?#@"'\\]+@/gi, "$1***@"],
  [/-----BEGIN ([A-Z0-9 ]*PRIVATE KEY|PGP MESSAGE)-----[\s\S]*?(?:-----END \1-----|$)/g, "***"],
  // A JSON Web Token, and keys by their customary beginnings.
  [/\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)*/g, "***"],
  [new RegExp(`\\b(?:${keyBeginnings})[-_]?[\\w-]{12,}`, "g"), "***"],
  [/\b\d{8,10}:AA[\w-]{33}\b/g, "***"],
  // Pictures and files, which say nothing to a reader.
  [/(data:[\w/+.-]+;base64,)[\w+/=-]{40,}/g, "$1..."],
  [/("encrypted_content"\s*:\s*")[^"]{40,}/g, "$1..."],
];

/** A text without what may be a secret in it, and without the bulk of pictures. Rather too much than too little. */
export function redact(text: string): string {
  return patterns.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}
