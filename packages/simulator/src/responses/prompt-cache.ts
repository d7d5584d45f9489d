import { countInputCharacters, type ResponsesBody } from "./plan.js";

const maxKeys = 1000;

/** What requests began with, by their `prompt_cache_key`: the same beginning under the same key counts as cached. */
export class PromptCache {
  readonly #seen = new Map<string, string[]>();

  /** How many characters of a request's input an earlier one with its key began with; this one is remembered in turn. */
  take(body: ResponsesBody): number {
    const key = String(body.prompt_cache_key ?? "");
    const head = JSON.stringify([body.model, body.instructions, body.tools]);
    const parts = [head, ...body.input.map((item) => JSON.stringify(item))];
    const before = this.#seen.get(key) ?? [];
    let same = 0;
    while (same < parts.length && parts[same] === before[same]) same++;
    this.#seen.delete(key);
    this.#seen.set(key, parts);
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= maxKeys) break;
      this.#seen.delete(oldest);
    }
    return same === 0 ? 0 : countInputCharacters(body, same - 1);
  }
}
