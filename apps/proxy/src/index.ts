export type { LoadedConfig, ProxyConfig } from "./config.js";
export { loadConfig } from "./config.js";
export type { Login } from "./login.js";
export type { ProxyParts, RunningProxy } from "./server.js";
export { startProxy } from "./server.js";
