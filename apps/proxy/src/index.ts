export type { Folders, Login } from "@codex/auth";
export { type ClientName, clientNames, describeClient } from "./clients/client-settings.js";
export type { ConfigOrigin, LoadedConfig, LoadedSettings, LoadOptions, ProxyConfig } from "./config.js";
export { loadConfig } from "./config.js";
export type { KeyStore, StoredKey } from "./keys/key-store.js";
export { describeLogLine } from "./observe/describe-record.js";
export type { LogLevel } from "./observe/log.js";
export { encodeUsage } from "./quota/usage-report.js";
export {
  findForeground,
  findRunning,
  isRunning,
  noteForeground,
  pidFile,
  type RunningProxyFile,
  removePidFile,
  writePidFile,
} from "./running-file.js";
export type { ProxyParts, RunningProxy } from "./server.js";
export { startProxy } from "./server.js";
export type { ConfigProblem } from "./settings/config-problem.js";
export { type LoadedState, loadState } from "./settings/load-state.js";
export { moveSecrets } from "./settings/move-secrets.js";
export type { EffectiveSetting, SettingKey, SettingSource } from "./settings/settings.js";
