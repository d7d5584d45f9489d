/** What a secret is called in JSON, in headers and in URLs. */
const secretNames =
  "[\\w-]*(?:token|secret|password|passwd|api[_-]?key|apikey|authorization|credential|cookie|private[_-]?key)";

const patterns: readonly [RegExp, string][] = [
  // A field of JSON, and one of JSON that is itself a string in JSON.
  [new RegExp(`("${secretNames}"\\s*:\\s*")(?:[^"\\\\]|\\\\.)+`, "gi"), "$1***"],
  [new RegExp(`(\\\\"${secretNames}\\\\"\\s*:\\s*\\\\")(?:[^"\\\\]|\\\\[^"])+`, "gi"), "$1***"],
  // A header, a parameter or an assignment.
  [new RegExp(`\\b(${secretNames}\\s*[=:]\\s*)(?:bearer\\s+)?[^\\s"'&,;\\\\]{6,}`, "gi"), "$1***"],
  [/\b(bearer\s+)[\w.~+/=-]{6,}/gi, "$1***"],
  // A JSON Web Token, and keys by their customary beginnings.
  [/\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)*/g, "***"],
  [/\b(?:sk|pk|rk|rt|cxo|ghp|gho|ghs|github_pat|glpat|xox[abp]|AKIA|AIza)[-_]?[\w-]{12,}/g, "***"],
  // Pictures and files, which say nothing to a reader.
  [/(data:[\w/+.-]+;base64,)[\w+/=-]{40,}/g, "$1..."],
  [/("encrypted_content"\s*:\s*")[^"]{40,}/g, "$1..."],
];

/** A text without what may be a secret in it, and without the bulk of pictures. Rather too much than too little. */
export function redact(text: string): string {
  return patterns.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}
