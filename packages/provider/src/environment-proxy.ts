import { CodexError } from "@codex/errors";
import type { EnvironmentProxy } from "@codex/transport";

/**
 * HTTPS_PROXY, HTTP_PROXY and NO_PROXY, each in small letters too, which win. As with curl an address without a scheme is
 * that of an http proxy. Throws `request_invalid` that names the variable and does not show its value, which may hold a
 * password.
 */
export function readEnvironmentProxy(env: Readonly<Record<string, string | undefined>>): EnvironmentProxy {
  const read = (name: string) => {
    const used = [name.toLowerCase(), name].find((candidate) => (env[candidate] ?? "").trim() !== "");
    return used === undefined ? undefined : parseProxyUrl((env[used] as string).trim(), used);
  };
  return {
    httpsProxy: read("HTTPS_PROXY"),
    httpProxy: read("HTTP_PROXY"),
    noProxy: env.no_proxy || env.NO_PROXY || undefined,
  };
}

function parseProxyUrl(text: string, name: string): string {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.hostname === "") {
    throw wrong(`${name} is the address of a proxy, such as http://proxy.example:8080. What it holds is no address.`);
  }
  if (parsed.protocol === "http:" || parsed.protocol === "https:") return url;
  const kind = parsed.protocol.slice(0, -1);
  throw wrong(`${name} names a proxy of the kind ${kind}. Only those of the kinds http and https are supported.`);
}

function wrong(message: string): CodexError {
  return new CodexError("request_invalid", message);
}
