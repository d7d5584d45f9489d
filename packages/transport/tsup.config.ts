import { defineConfig } from "tsup";
import { build } from "../../tsup.config.base.js";

export default defineConfig(build(["src/index.ts", "src/sse.ts"]));
