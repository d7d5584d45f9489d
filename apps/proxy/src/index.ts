export type { ConfigOrigin, LoadedConfig, LoadedSettings, LoadOptions, ProxyConfig } from "./config.js";
export { loadConfig } from "./config.js";
export type { Folders } from "./folders.js";
export type { KeyStore, StoredKey } from "./keys/key-store.js";
export type { Login } from "./login.js";
export type { ProxyParts, RunningProxy } from "./server.js";
export { startProxy } from "./server.js";
export type { ConfigProblem } from "./settings/config-problem.js";
export type { EffectiveSetting, SettingKey, SettingSource } from "./settings/settings.js";
