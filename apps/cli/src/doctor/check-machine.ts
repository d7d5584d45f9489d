import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import { codexProtocolVersion } from "@codex/provider";
import { findRunning, type LoadedSettings, pidFile } from "@codex/proxy";
import { packageVersion } from "../config.js";
import type { Check } from "./check.js";

/** Node's version against what this program is made for, with ours and the protocol's beside it. */
export function checkVersions(node: string = process.versions.node): Check {
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  const message = `codex-oauth ${packageVersion()}, Node ${node}, protocol of the Codex CLI ${codexProtocolVersion}`;
  if (fits) return { name: "versions", outcome: "pass", message };
  return { name: "versions", outcome: "fail", message, next: "Install Node 22.12 or later, or 20.19." };
}

/** Whether files that hold secrets are for their owner only. */
export async function checkPermissions({ login, keys, file, settings }: LoadedSettings): Promise<Check> {
  const name = "permissions";
  const writesKeys = settings.some(({ secret, source }) => secret && source === "file");
  const candidates = [login.authFile, keys.file, ...(writesKeys ? [file.path] : [])];
  const open: string[] = [];
  let seen = 0;
  for (const path of candidates) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) continue;
    seen++;
    // Windows has other rights, which its home folders get right.
    if (process.platform !== "win32" && (found.mode & 0o077) !== 0) open.push(path);
  }
  if (open.length === 0) return { name, outcome: "pass", message: `${seen} files with secrets, for you only` };
  const message = `Others on this machine can read ${open.join(", ")}`;
  return { name, outcome: "warn", message, next: `chmod 600 ${open.join(" ")}` };
}

/** Whether the proxy may listen where it is told to, or does already. */
export async function checkPort({ config, folders, keys }: LoadedSettings): Promise<Check> {
  const name = "port";
  const { host, port } = config;
  const daemon = await findRunning(pidFile(folders.state));
  if (daemon !== undefined) {
    return { name, outcome: "pass", message: `A detached proxy listens on ${daemon.url}, process ${daemon.pid}` };
  }
  const stored = await keys.list().catch(() => []);
  if (!/^(?:localhost|::1|127\.[\d.]+)$/.test(host) && config.apiKeys.length + stored.length === 0) {
    const message = `${host} lets other machines in, and there is no key`;
    return { name, outcome: "fail", message, next: "codex-oauth keys create, or listen on 127.0.0.1." };
  }
  const code = await tryListening(host, port);
  if (code === undefined) return { name, outcome: "pass", message: `${host}, port ${port}: free` };
  if (code === "EADDRINUSE" && (await isOurs(host, port))) {
    return { name, outcome: "pass", message: `A proxy of ours listens on ${host}, port ${port}` };
  }
  const message =
    code === "EADDRINUSE" ? `Port ${port} is taken by another program` : `Cannot listen on ${host}: ${code}`;
  return { name, outcome: "fail", message, next: "Choose another with --port or --host, or in config.toml." };
}

function tryListening(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

async function isOurs(host: string, port: number): Promise<boolean> {
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  try {
    const answer = await fetch(`http://${name}:${port}/`, { signal: AbortSignal.timeout(2000) });
    return (await answer.text()).startsWith("codex-oauth proxy");
  } catch {
    return false;
  }
}
