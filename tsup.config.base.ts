import type { Options } from "tsup";

/**
 * How every package is built: one ESM file an entry, declarations beside it, other packages left external.
 * The export condition `@codex/source` is for development only, so declarations are made without it, against the
 * built files of the floors below.
 */
export function build(entry: string[] | Record<string, string>, options: Options = {}): Options {
  return {
    entry,
    format: ["esm"],
    target: "node20",
    platform: "node",
    clean: true,
    splitting: true,
    treeshake: true,
    dts: { compilerOptions: { customConditions: [] } },
    ...options,
  };
}
