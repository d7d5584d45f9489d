import { defineConfig } from "vitest/config";

/**
 * The tests that need programs from the system: a browser, and a keyring in a session of its own. The package's own
 * keyring tests run here as well, where nothing may be missing; elsewhere they skip.
 */
export default defineConfig({
  ssr: { resolve: { conditions: ["@codex/source", "node", "import", "default"] } },
  test: {
    include: ["test/e2e/**/*.e2e.test.ts", "packages/auth/test/stores/keyring.test.ts"],
    environment: "node",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 1,
  },
});
