import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** Made-up tokens carry this word, so that a test can look for them where they must not be. */
export const canary = "CANARY";

export interface TokenOptions {
  account?: string;
  /** Seconds from `now`. */
  lifetime?: number;
  /** Unix milliseconds of the issuer's clock; default: the real time. */
  now?: number;
  email?: string;
  plan?: string;
  fedramp?: boolean;
  claims?: Record<string, unknown>;
}

let counter = 0;

/** An unsigned JWT with the claims that ChatGPT tokens have. */
export function makeToken(options: TokenOptions = {}): string {
  const iat = Math.floor((options.now ?? Date.now()) / 1000);
  counter += 1;
  const payload = {
    iat,
    exp: iat + (options.lifetime ?? 864_000),
    jti: `${process.pid}-${counter}`,
    email: options.email ?? "person@example.test",
    "https://api.openai.com/auth": {
      chatgpt_account_id: options.account ?? "account-1",
      chatgpt_plan_type: options.plan ?? "plus",
      ...(options.fedramp === undefined ? {} : { chatgpt_account_is_fedramp: options.fedramp }),
    },
    ...options.claims,
  };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "JWT" })}.${part(payload)}.${canary}${counter}`;
}

export interface LoginOptions extends TokenOptions {
  refreshToken?: string;
  lastRefresh?: string;
}

/** A login document as the Codex CLI writes it, with keys of other programs at both levels. */
export function makeAuthJson(
  options: LoginOptions = {},
): Record<string, unknown> & { tokens: Record<string, unknown> } {
  return {
    auth_mode: "chatgpt",
    OPENAI_API_KEY: null,
    tokens: {
      id_token: makeToken(options),
      access_token: makeToken(options),
      refresh_token: options.refreshToken ?? `rt-${canary}-0`,
      account_id: options.account ?? "account-1",
      other_program: { inside: [1, 2, 3] },
    },
    last_refresh: options.lastRefresh ?? "2026-01-02T03:04:05.678901Z",
    other_program: { kept: true },
  };
}

/** What the issuer answers instead of new tokens, once or always. */
export type Fault = (request: IncomingMessage, response: ServerResponse, rotate: () => unknown) => void | Promise<void>;

export interface TestIssuer {
  url: string;
  tokenUrl: string;
  /** Every refresh token that was sent, in order. */
  received: string[];
  /** How many refreshes succeeded. */
  rotations: number;
  /** When the last one succeeded, in microseconds of the machine's steady clock. */
  rotatedAt: number;
  /** The refresh token that is valid now. */
  valid: string;
  /** Answers the next requests; runs until it is taken away. */
  fault: Fault | undefined;
  headers: Record<string, unknown>[];
  token: TokenOptions;
  /** Access tokens handed out. */
  issued: string[];
  /** Resolves when no connection is open: what a killed client had sent has been dealt with. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** An issuer whose refresh tokens work once, on a real socket. */
export async function startIssuer(first = `rt-${canary}-0`): Promise<TestIssuer> {
  const issuer: TestIssuer = {
    url: "",
    tokenUrl: "",
    received: [],
    rotations: 0,
    rotatedAt: 0,
    valid: first,
    fault: undefined,
    headers: [],
    token: {},
    issued: [],
    idle: async () => {
      await acceptAll();
      const count = () => new Promise<number>((resolve) => server.getConnections((_error, n) => resolve(n)));
      while ((await count()) > 0) await new Promise((resolve) => setImmediate(resolve));
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const rotate = () => {
    issuer.rotations += 1;
    issuer.rotatedAt = steadyMicroseconds();
    issuer.valid = `rt-${canary}-${issuer.rotations}-${Math.random().toString(36).slice(2)}`;
    const access_token = makeToken(issuer.token);
    issuer.issued.push(access_token);
    return { access_token, refresh_token: issuer.valid, id_token: makeToken(issuer.token) };
  };
  const server = createServer(async (request, response) => {
    // A connection that a client keeps for later would look like a request that is still to come.
    response.setHeader("connection", "close");
    let text = "";
    for await (const chunk of request) text += chunk;
    const isJson = request.headers["content-type"]?.includes("json") || text.startsWith("{");
    const body = (isJson ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text))) as {
      refresh_token: string;
    };
    issuer.received.push(body.refresh_token);
    issuer.headers.push(request.headers);
    if (issuer.fault !== undefined) return void (await issuer.fault(request, response, rotate));
    if (body.refresh_token !== issuer.valid) {
      return answer(response, 401, { error: { message: `used: ${body.refresh_token}`, code: "refresh_token_reused" } });
    }
    answer(response, 200, rotate());
  });
  /** Connections are accepted in order: when our own is, those that a killed client has made before are as well. */
  const acceptAll = async () => {
    const { port } = server.address() as AddressInfo;
    const own = connect(port, "127.0.0.1");
    await new Promise<void>((resolve) => {
      const onConnection = (socket: Socket) => {
        if (socket.remotePort !== own.localPort) return;
        server.off("connection", onConnection);
        socket.destroy();
        resolve();
      };
      server.on("connection", onConnection);
    });
    own.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  issuer.tokenUrl = `${issuer.url}/oauth/token`;
  return issuer;
}

export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** A clock that all processes of the machine share, and that nobody sets. */
export function steadyMicroseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
