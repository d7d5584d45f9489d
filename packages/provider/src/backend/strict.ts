import { CodexError } from "@codex/errors";
import type { RequestContext } from "../canonical/context.js";

/** Strict mode: nothing may be changed about a request. Checked once, just before it goes out. */
export function refuseAdjustments(context: RequestContext): void {
  const first = context.adjustments.find(({ bySettings }) => bySettings !== true);
  if (first === undefined) return;
  const reason = first.detail === undefined ? "" : ` (${first.detail})`;
  throw new CodexError(
    "request_invalid",
    `Strict mode: \`${first.field}\` would be ${first.action}${reason}. Leave it out, or send the request without strict mode.`,
    { param: first.field },
  );
}

/** Whether a request is to go out just as it came, or not at all: for all of them, or by `x-codex-strict: 1`. */
export function isStrict({ strict }: { readonly strict?: boolean }, context: RequestContext): boolean {
  return strict === true || isOn(context.headers["x-codex-strict"]);
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && /^(1|true|on|yes)$/i.test(value.trim());
}
