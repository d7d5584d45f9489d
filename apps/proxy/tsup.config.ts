import { defineConfig } from "tsup";
import { build } from "../../tsup.config.base.js";

/** The command and the door for other programs share their code; only the door needs declarations. */
export default defineConfig(
  build(["src/index.ts", "src/main.ts"], {
    dts: { entry: "src/index.ts", compilerOptions: { customConditions: [] } },
  }),
);
