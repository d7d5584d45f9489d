import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.js";

/** The long runs, which `test` leaves out: kills, sleeps and load. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: ["**/node_modules/**"] } },
  defineConfig({ test: { include: ["{packages,apps}/*/test/**/*.soak.test.ts"], testTimeout: 600_000 } }),
);
