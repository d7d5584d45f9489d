import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, type Profile, type Simulator } from "@codex/simulator";
import { type ProxyConfig, type ProxyParts, type RunningProxy, startProxy } from "../src/index.js";

/** A simulator, a login for it in a temporary folder, and a proxy in front, all on real sockets. */
export interface House {
  simulator: Simulator;
  proxy: RunningProxy;
  folder: string;
  authFile: string;
  /** Every line that the proxy logged. */
  log: string[];
  /** The tokens that the login file held at first: none may ever be seen outside. */
  secrets: readonly string[];
  close(): Promise<void>;
}

export interface HouseOptions {
  profile?: Profile;
  config?: Partial<ProxyConfig>;
  client?: ProxyConfig["client"];
  parts?: ProxyParts;
  /** The text of the login file; `null` for none. Default: a good login. */
  login?: string | null | ((simulator: Simulator) => string);
}

export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), "codex-proxy-"));
  const authFile = join(folder, "auth.json");
  const simulator = await createSimulator({ profile: options.profile ?? "strict" });
  const given = typeof options.login === "function" ? options.login(simulator) : options.login;
  const login = given === undefined ? JSON.stringify(simulator.authJson()) : given;
  if (login !== null) await writeFile(authFile, login, { mode: 0o600 });
  const log: string[] = [];
  const config: ProxyConfig = {
    host: "127.0.0.1",
    port: 0,
    apiKeys: [],
    allowedHosts: [],
    allowedOrigins: [],
    logFormat: "pretty",
    logLevel: "warn",
    verbose: false,
    ...options.config,
    client: {
      baseUrl: simulator.baseUrl,
      authFile,
      codexHome: folder,
      refreshTokenUrl: simulator.tokenUrl,
      cacheDir: join(folder, "cache"),
      ...options.client,
    },
  };
  const clear = async () => {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  };
  const proxy = await startProxy(config, { log: (line) => log.push(line), ...options.parts }).catch(async (error) => {
    await clear();
    throw error;
  });
  return {
    simulator,
    proxy,
    folder,
    authFile,
    log,
    secrets: [...(login ?? "").matchAll(/_token":"([^"]{20,})"/g)].map(([, token]) => token as string),
    async close() {
      await Promise.all([proxy.stop(), simulator.close()]);
      await clear();
    },
  };
}

export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  text: string;
  /** Whether its body came to a good end. */
  isWhole: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes.
  json: any;
}

export interface AskOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal;
}

/** A request by node:http, which sends just the headers that it is given, Host included. */
export function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  const { body } = options;
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const headers = { ...(text === undefined ? {} : { "content-type": "application/json" }), ...options.headers };
  return new Promise((resolve, reject) => {
    const method = options.method ?? (text === undefined ? "GET" : "POST");
    const sent = request(url, { method, headers, ...(options.signal && { signal: options.signal }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      const answer = () => Buffer.concat(chunks).toString();
      // A stream may break off after an error in it, and after nothing else.
      response.on("error", (error) => (/^data: \{"error":/m.test(answer()) ? settle() : reject(error)));
      response.on("end", () => settle());
      const settle = () => {
        const text = answer();
        resolve({
          isWhole: response.complete,
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string | undefined>,
          text,
          get json() {
            return JSON.parse(text);
          },
        });
      };
    });
    sent.on("error", reject);
    sent.end(text);
  });
}

/** A chat with one message of the user. */
export function chatBody(content: string, more: object = {}) {
  return { model: "gpt-6-sol", messages: [{ role: "user", content }], ...more };
}

/** The same for the responses route. */
export function responsesBody(input: string, more: object = {}) {
  return { model: "gpt-6-sol", input, ...more };
}
