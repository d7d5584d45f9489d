/**
 * The provider, loaded by Node itself: it has native parts, which Next must not bundle. For an installed package that is
 * `serverExternalPackages: ["@codex/ai-sdk"]` in next.config.ts and a plain import; Next takes no package for external
 * that is linked from a workspace, as here.
 */
export const { codex } = await import(/* turbopackIgnore: true */ "@codex/ai-sdk");
