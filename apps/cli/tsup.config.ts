import { defineConfig } from "tsup";
import { build } from "../../tsup.config.base.js";

/** A command only: there is nothing to import, so nothing to declare. */
export default defineConfig(build(["src/main.ts"], { dts: false }));
