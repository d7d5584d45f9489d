import type { ApiRequest } from "./openai-bodies.js";
import type { Answer } from "./start-house.js";

type Body = Record<string, unknown>;

/** What the backend did not take. */
export interface Refusal {
  status: number;
  /** The body as it was sent to the backend. */
  body: unknown;
}

/**
 * What is wrong about what the backend refused; undefined where it was the caller's doing. Only what is listed here is:
 * a request that is refused for anything else has been sent although we should have known.
 */
export function judgeRefusal({ status, text }: Answer, request: ApiRequest, refusals: Refusal[]): string | undefined {
  const body = request.body as Body;
  if (status !== 200) {
    const { message, param } = JSON.parse(text).error as { message: string; param: string | null };
    const isCallers = callersFaults.some(
      ({ says, onlyIf }) => says.test(message) && (onlyIf?.test(JSON.stringify(body)) ?? true),
    );
    return isCallers ? undefined : `the backend said: ${message} (${param})`;
  }
  // Fields of the caller's own making are tried, and left out when they are refused; nothing else is.
  const ours = refusals.find((refusal) => !request.madeUp?.some((field) => field in (refusal.body as Body)));
  return ours && `answered, but first refused: ${JSON.stringify(ours.body)}`;
}

const strict = /"strict":true/;

const callersFaults: readonly { says: RegExp; onlyIf?: RegExp }[] = [
  { says: /model is not supported|Model not found/ },
  // Types that nobody knows: of items, of parts, of tools, of formats; and things to include.
  { says: /^Invalid value: .* Supported values are: 'message', 'reasoning'/ },
  { says: /^Invalid value: .* Supported values are: '(input|output)_text'/ },
  { says: /^Invalid value: .* Supported values are: 'function', 'custom', 'namespace'/ },
  { says: /^Invalid value: .* Supported values are: 'json_object', 'json_schema', and 'text'/ },
  { says: /^Invalid value: .* Supported values are: 'reasoning.encrypted_content'/ },
  // What is inside of a thing that goes through as it is.
  { says: /image data you provided|Expected a valid URL/ },
  { says: /encrypted content .* could not be verified/ },
  { says: /^Missing required parameter: 'text\.format\.(name|schema)'/ },
  { says: /^Tool choice .* not found in 'tools' parameter/ },
  { says: /^Invalid schema for (function|response_format)/, onlyIf: strict },
];
