import { CodexError } from "@codex/errors";
import type { ModelInfo } from "@codex/models";
import { createTextCache, type Load } from "./cache.js";
import { fetchText } from "./fetch-text.js";
import { releaseFile, releasePath } from "./release-files.js";
import { fillTemplate, type Personality } from "./template.js";

/** Where the release files come from. */
export interface InstructionSources {
  /** Answers `{ "tag_name": "rust-v..." }`. Default: GitHub's `releases/latest` of openai/codex. */
  readonly releasesUrl: string;
  /** `<rawUrl>/<tag>/codex-rs/core/<file>` is a file's text. Default: raw.githubusercontent.com/openai/codex. */
  readonly rawUrl: string;
}

export const officialSources: InstructionSources = {
  releasesUrl: "https://api.github.com/repos/openai/codex/releases/latest",
  rawUrl: "https://raw.githubusercontent.com/openai/codex",
};

export interface OfficialTextsOptions {
  fetch: typeof fetch;
  cacheDir: string | undefined;
  now: () => number;
  sources: InstructionSources;
  ttlMs: number;
  retryMs: number;
  timeoutMs: number;
  personality: Personality;
  onFailure: (error: unknown) => void;
}

/** The official instructions of a model; undefined when they cannot be had. Never rejects, waits only where it must. */
export type OfficialTexts = (model: ModelInfo) => string | undefined | Promise<string | undefined>;

/** Looks first at the account's model list, then, for old families, at the files of the latest release. */
export function createOfficialTexts(options: OfficialTextsOptions): OfficialTexts {
  const cache = createTextCache(options);
  const { fetch, sources } = options;
  /** Filled once for each entry of a list: a template has some 20 kB. */
  const templates = new WeakMap<ModelInfo, string>();

  const loadRelease: Load = (previous, signal) => fetchText(fetch, sources.releasesUrl, previous, signal, tagName);

  const loadFile =
    (file: string): Load =>
    async (previous, signal) => {
      const release = await cache.renew("release", loadRelease);
      if (release === undefined) {
        throw new CodexError("upstream_unreachable", "The latest release of openai/codex could not be found out.");
      }
      const url = `${sources.rawUrl}/${releasePath(release.text, file)}`;
      return fetchText(fetch, url, previous, signal);
    };

  return (model) => {
    const filled = templates.get(model) ?? fillTemplate(model, options.personality);
    if (filled !== undefined) {
      templates.set(model, filled);
      return filled;
    }
    const file = releaseFile(model.slug);
    if (file === undefined) return undefined;
    const entry = cache.serve(file, loadFile(file));
    return entry instanceof Promise ? entry.then((found) => found?.text) : entry?.text;
  };
}

/** Reads the tag out of a release. It becomes a part of an address, so it must look like a tag. */
function tagName(body: string): string {
  let release: unknown;
  try {
    release = JSON.parse(body);
  } catch (cause) {
    throw new CodexError("upstream_rejected", "The latest release of openai/codex is not told in JSON.", { cause });
  }
  const tag = (release as { tag_name?: unknown } | null)?.tag_name;
  if (typeof tag === "string" && /^[\w-]+(\.[\w-]+)*$/.test(tag)) return tag;
  throw new CodexError("upstream_rejected", "The latest release of openai/codex has no usable `tag_name`.");
}
