import { failureResponse } from "./failure-response";

type Handler = (request: Request) => Promise<Response> | Response;

/**
 * Lets in only this app's own page, opened on this machine: whoever reaches these routes spends a person's plan. Keeps
 * out other web pages (`Origin`, `Sec-Fetch-Site`), also those whose name was made to lead here (`Host`), and forms,
 * which cannot send JSON.
 */
export function guarded(handle: Handler): Handler {
  return (request) => {
    const refusal = refusalOf(request);
    return refusal === undefined ? handle(request) : failureResponse(403, { code: "forbidden", message: refusal });
  };
}

function refusalOf({ method, headers }: Request): string | undefined {
  const host = headers.get("host") ?? "";
  if (!isLoopback(host)) return "This app answers to this machine alone. Open it as http://127.0.0.1.";
  const origin = headers.get("origin");
  if (origin !== null && origin !== `http://${host}`) return "Other pages may not use this app.";
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return "Other pages may not use this app.";
  if (method === "POST" && headers.get("content-type")?.split(";")[0]?.trim() !== "application/json") {
    return "Send the body as application/json.";
  }
  return undefined;
}

/** `localhost`, 127.0.0.1 or `[::1]`, with a port or without. */
function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(host);
}
