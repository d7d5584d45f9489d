import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AuthError, systemCode } from "../auth-error.js";
import { type LoginPage, pageHeaders, renderPage } from "./page.js";

/** The ports that are registered for the Codex CLI's client: no other one is accepted by the issuer. */
export const callbackPorts: readonly number[] = [1455, 1457];

export interface CallbackServer {
  /** What the issuer sends the person back to. */
  redirectUri: string;
  close(): Promise<void>;
}

export interface CallbackOptions {
  ports: readonly number[];
  /** Called with the URL of each call of `/auth/callback`; its page is what the person sees. */
  onCallback: (url: string) => Promise<LoginPage>;
  /** Called when another program asks for the port (`GET /cancel`, as the Codex CLI does). */
  onCancel: () => void;
}

/**
 * Listens on 127.0.0.1, on the first port that is free. Throws an AuthError (`login_failed`) when none is: taken, or
 * reserved by the system.
 */
export async function startCallbackServer(options: CallbackOptions): Promise<CallbackServer> {
  for (const port of options.ports) {
    const server = createServer((request, response) => void answer(request, response, options));
    try {
      await listen(server, port);
      return { redirectUri: `http://localhost:${portOf(server)}/auth/callback`, close: () => close(server) };
    } catch (error) {
      const code = systemCode(error);
      if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    }
  }
  throw new AuthError(
    "login_failed",
    `The ports that the login page answers to (${options.ports.join(", ")}) are taken by other programs. End the other login that is waiting, or use the login by device code (\`codex-oauth login --device\`).`,
  );
}

async function answer(request: IncomingMessage, response: ServerResponse, options: CallbackOptions): Promise<void> {
  const url = request.url ?? "/";
  // Not parsed as a URL: whoever sends what is none must not end the login.
  const [path] = url.split("?");
  let page: LoginPage = { status: 404, title: "Nothing here", text: "This page only waits for a login.", good: false };
  if (request.method !== "GET") page = { ...page, status: 405 };
  else if (path === "/auth/callback") page = await options.onCallback(url);
  else if (path === "/cancel") {
    page = { status: 200, title: "Login ended", text: "Another program asked for this port.", good: false };
    response.once("close", options.onCancel);
  }
  response.writeHead(page.status, pageHeaders).end(renderPage(page));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

// Lets a page that is being sent arrive, then ends what a browser keeps open in reserve.
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 500).unref();
  });
}
