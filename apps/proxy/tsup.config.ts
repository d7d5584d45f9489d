import { defineConfig } from "tsup";
import { build } from "../../tsup.config.base.js";

/** The command and the door for other programs share their code; only the door needs declarations. */
export default defineConfig(
  build(["src/index.ts", "src/main.ts"], {
    // What reads config.toml, in a part that is loaded only where there is one: 92 files less, and 70 ms. What writes
    // traces, of which 27 MB would have to be installed by everybody.
    noExternal: ["zod", "smol-toml", /^@opentelemetry\//],
    dts: { entry: "src/index.ts", compilerOptions: { customConditions: [] } },
  }),
);
