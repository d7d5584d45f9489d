/** What a secret is called in JSON, in headers, in variables and in URLs: what its name ends with. */
const secretNames = `(?:${[
  "token|secret|password|passwd|passphrase|pwd|credentials?|cookie|authorization|signature",
  "api[_-]?key|apikey|(?:access|account|client|encryption|license|master|private|secret|service|signing|subscription)[_-]?key",
  "connection[_-]?string|webhook[_-]?url",
].join("|")})`;

/** How the value of a header such as `authorization` begins. */
const schemes = "(?:(?:basic|bearer|digest|key|negotiate|token)\\s+)?";

/** Keys by their customary beginnings. Each is followed by at least 12 letters, digits, dashes or underscores. */
const keyBeginnings = [
  // OpenAI, Anthropic, DeepSeek, OpenRouter, Stripe, ElevenLabs and many more; this project; refresh tokens.
  "(?:sk|pk|rk|rt|cxo)[-_]",
  // Models elsewhere: Groq, xAI, Perplexity, Hugging Face, Replicate, NVIDIA, Cerebras, Fireworks, Together, Voyage, Jina.
  "gsk_|xai-|pplx-|hf_|r8_|nvapi-|csk-|fw_|tgp_v1_|pa-|jina_",
  // Around models: Tavily, Pinecone, LangSmith, E2B, Firecrawl.
  "tvly-|pcsk_|lsv2_[a-z]{2}_|e2b_|fc-",
  // Forges and registries: GitHub, GitLab, npm, PyPI, RubyGems, Docker.
  "gh[opsur]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|agent|oas|ft|soat)-|npm_|pypi-|rubygems_|dckr_pat_",
  // Clouds: AWS, Google, DigitalOcean, Databricks, Vault, Doppler, Tailscale, Pulumi, Supabase.
  "A(?:KIA|SIA|BIA|CCA)|AIza|ya29\\.|GOCSPX-|do[op]_v1_|dor_v1_|dapi|hv[sbr]\\.|dp\\.(?:pt|st|ct|sa)\\.|tskey-|pul-|sb[ps]_|sb_secret_",
  // Talk, work and watch: Slack, Linear, Notion, Figma, Atlassian, Airtable, Grafana, New Relic, Sentry, PostHog.
  "xox[a-z]-|xapp-|lin_api_|ntn_|secret_|figd_|ATATT|pat[A-Za-z0-9]{14}\\.|gl(?:sa|c)_|NRAK-|sntry[su]_|ph[cx]_",
  // Trade and mail: Stripe's hooks, Square, Shopify, SendGrid, Mailgun, Brevo; and age.
  "whsec_|sq0[a-z]{3}-|shp(?:at|ca|pa|ss)_|SG\\.|key-(?=[0-9a-f]{32})|xkeysib-|AGE-SECRET-KEY-1",
].join("|");

const patterns: readonly [RegExp, string][] = [
  // A block of PEM, whether it ends or was cut off. Its line breaks may be those of a string in JSON.
  [/-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g, "***"],
  // Name and password in a URL; a single word before the @ may be a token.
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/?#"'\\:@]{0,256}):[^\s/?#"'\\@]{1,1024}@/gi, "$1:***@"],
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"'\\:@]{12,1024}@/gi, "$1***@"],
  // A field of JSON, and one of JSON that is itself a string in JSON.
  [new RegExp(`("[\\w.-]{0,200}${secretNames}"\\s*:\\s*")(?:[^"\\\\]|\\\\.)+`, "gi"), "$1***"],
  [new RegExp(`(\\\\"[\\w.-]{0,200}${secretNames}\\\\"\\s*:\\s*\\\\")(?:[^"\\\\]|\\\\[^"])+`, "gi"), "$1***"],
  // A header of cookies, which are several; any other header, a parameter or an assignment. Bounded, for time to grow with the text.
  [/\b((?:set-)?cookie\s*:\s*)[^\r\n"'\\]{4,}/gi, "$1***"],
  [new RegExp(`\\b([\\w.-]{0,60}${secretNames}\\s*[=:]\\s*)${schemes}[^\\s"'&,;\\\\]{6,}`, "gi"), "$1***"],
  [/\b(bearer\s+)[\w.~+/=-]{6,}/gi, "$1***"],
  // The word is an everyday one: what follows has to look like base64.
  [/\b(basic\s+)(?=[A-Za-z]*[\d+/=A-Z])[A-Za-z0-9+/]{8,}={0,2}/gi, "$1***"],
  // A JSON Web Token, and keys by their customary beginnings.
  [/\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)*/g, "***"],
  [new RegExp(`\\b(?:${keyBeginnings})[\\w-]{12,}(?:\\.[\\w-]{8,})*`, "g"), "***"],
  // A bot of Telegram, and an incoming hook of Slack or Discord, whose path is the secret.
  [/\b\d{8,10}:[\w-]{35}\b/g, "***"],
  [/(hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/webhooks\/)[\w/-]{8,}/g, "$1***"],
  // Pictures and files, which say nothing to a reader.
  [/(data:[\w/+.-]+;base64,)[\w+/=-]{40,}/g, "$1..."],
  [/("encrypted_content"\s*:\s*")[^"]{40,}/g, "$1..."],
];

/** A text without what may be a secret in it, and without the bulk of pictures. Rather too much than too little. */
export function redact(text: string): string {
  return patterns.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}
