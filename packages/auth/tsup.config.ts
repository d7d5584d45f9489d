import { defineConfig } from "tsup";
import { build } from "../../tsup.config.base.js";

// The optional native packages are loaded when they are used, never bundled.
export default defineConfig(build(["src/index.ts"], { external: ["fs-ext-extra-prebuilt", "@napi-rs/keyring"] }));
