import { CodexError } from "@codex/errors";
import type { ModelInfo } from "@codex/models";
import { createTextCache, type Load } from "./cache.js";
import type { CacheEntry } from "./cache-files.js";
import { type FetchTextOptions, fetchText } from "./fetch-text.js";
import { promptPath, releaseFile } from "./release-files.js";
import {
  compactReleaseModels,
  findReleaseModel,
  parseReleaseModels,
  releaseModelsFile,
  releaseModelsMaxBytes,
} from "./release-models.js";
import { fillTemplate, type Personality } from "./template.js";

/** Where the release files come from. */
export interface InstructionSources {
  /** Answers `{ "tag_name": "rust-v..." }`. Default: GitHub's `releases/latest` of openai/codex. */
  readonly releasesUrl: string;
  /** `<rawUrl>/<tag>/<path>` is a file of that release. Default: raw.githubusercontent.com/openai/codex. */
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

export interface OfficialTexts {
  /** The official instructions of a model; undefined when they are not available. Never rejects, waits only where it must. */
  of(model: ModelInfo): string | undefined | Promise<string | undefined>;
  /** What is being fetched now. Never rejects; undefined where nothing is. */
  renewal(): Promise<void> | undefined;
}

/**
 * Looks first at the account's model list, then at the files of the latest release: for families up to gpt-5.4 at their
 * prompt file, for all others at the release's own model list.
 */
export function createOfficialTexts(options: OfficialTextsOptions): OfficialTexts {
  const cache = createTextCache(options);
  const { fetch, sources } = options;
  /** Filled once for each entry of a list: a template has some 20 kB. */
  const templates = new WeakMap<ModelInfo, string>();

  const loadRelease: Load = (previous, signal) =>
    fetchText(fetch, sources.releasesUrl, previous, signal, { read: tagName });

  const loadFile =
    (path: string, how?: FetchTextOptions): Load =>
    async (previous, signal) => {
      const release = await cache.renew("release", loadRelease);
      if (release === undefined) {
        throw new CodexError("upstream_unreachable", "The latest release of openai/codex could not be found out.");
      }
      return fetchText(fetch, `${sources.rawUrl}/${release.text}/${path}`, previous, signal, how);
    };

  const loadModels: Load = (previous, signal) => {
    // What somebody has written over in the file cache must not be confirmed by its etag for ever.
    const usable = previous !== undefined && modelsOf(previous) !== undefined ? previous : undefined;
    const how = { read: compactReleaseModels, maxBytes: releaseModelsMaxBytes };
    return loadFile(releaseModelsFile, how)(usable, signal);
  };

  /** Parsed once for each entry of the cache; null stands for one that cannot be read. */
  const parsed = new WeakMap<CacheEntry, readonly ModelInfo[] | null>();

  function modelsOf(entry: CacheEntry): readonly ModelInfo[] | undefined {
    let models = parsed.get(entry);
    if (models === undefined) {
      try {
        models = parseReleaseModels(entry.text);
      } catch (error) {
        models = null;
        options.onFailure(error);
      }
      parsed.set(entry, models);
    }
    return models ?? undefined;
  }

  function fill(model: ModelInfo): string | undefined {
    const filled = templates.get(model) ?? fillTemplate(model, options.personality);
    if (filled !== undefined) templates.set(model, filled);
    return filled;
  }

  function fromRelease(entry: CacheEntry | undefined, slug: string): string | undefined {
    const models = entry === undefined ? undefined : modelsOf(entry);
    const model = models === undefined ? undefined : findReleaseModel(models, slug);
    return model === undefined ? undefined : fill(model);
  }

  function of(model: ModelInfo): string | undefined | Promise<string | undefined> {
    const own = fill(model);
    if (own !== undefined) return own;
    const file = releaseFile(model.slug);
    const entry =
      file === undefined ? cache.serve("models", loadModels) : cache.serve(file, loadFile(promptPath(file)));
    const read = (found: CacheEntry | undefined) => (file === undefined ? fromRelease(found, model.slug) : found?.text);
    return entry instanceof Promise ? entry.then(read) : read(entry);
  }

  return { of, renewal: cache.flights };
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
