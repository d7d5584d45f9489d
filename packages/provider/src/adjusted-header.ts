import { type Adjustment, adjustmentsLeftOut } from "./canonical/context.js";

/** Longest value of `x-codex-adjusted`, in bytes: proxies on the way limit the size of headers. */
export const maxAdjustedLength = 4096;

/**
 * The header `x-codex-adjusted`: a Structured Field list (RFC 9651), one string a field with its parameters, e.g.
 * `"temperature";action=dropped, "model";action=mapped;detail="gpt-6-sol"`. What does not fit is counted in a last
 * member `"...";more=3`. Undefined when nothing was changed.
 */
export function encodeAdjustments(adjustments: readonly Adjustment[]): string | undefined {
  if (adjustments.length === 0) return undefined;
  const leftOut = adjustmentsLeftOut(adjustments);
  let value = "";
  for (const [index, { field, action, detail }] of adjustments.entries()) {
    const parameters = detail === undefined ? "" : `;detail=${sfString(detail)}`;
    const member = `${index === 0 ? "" : ", "}${sfString(field)};action=${action}${parameters}`;
    if (value.length + member.length > maxAdjustedLength - 24) {
      return `${value}${index === 0 ? "" : ", "}"...";more=${adjustments.length - index + leftOut}`;
    }
    value += member;
  }
  return leftOut === 0 ? value : `${value}, "...";more=${leftOut}`;
}

/** An sf-string is printable ASCII; other characters become `?`, quotes and backslashes are escaped. */
function sfString(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, "?").replace(/["\\]/g, "\\$&")}"`;
}
