import { defineConfig } from "vitest/config";

/** One run for the whole house. Packages resolve to `src` through the export condition `@codex/source`. */
export default defineConfig({
  ssr: { resolve: { conditions: ["@codex/source", "node", "import", "default"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "test/*.test.ts"],
    // Long runs have their own command: `pnpm soak`.
    exclude: ["**/node_modules/**", "**/*.soak.test.ts"],
    environment: "node",
    testTimeout: 20_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
