import { defineConfig } from "tsup";
import { build } from "../../tsup.config.base.js";

export default defineConfig(
  build(["src/index.ts"], {
    // The optional native packages are loaded when they are used, never bundled.
    external: ["fs-ext-extra-prebuilt", "koffi", "@napi-rs/keyring"],
    // `zod/mini` by itself loads 92 files, its messages in all languages among them: 70 ms of CPU before the first answer.
    // What is used of it are a few kilobytes.
    noExternal: ["zod"],
  }),
);
