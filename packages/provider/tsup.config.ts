import { defineConfig } from "tsup";
import { build } from "../../tsup.config.base.js";

export default defineConfig(build({ index: "src/index.ts", "schema-worker": "src/emulate/schema-worker.js" }));
