/** Most lessons of one kind: names come from callers, and the backend has some thirty fields to refuse. */
const maxLessons = 256;

/** What the backend has taught us in this process by its refusals, so that no request pays for the same lesson twice. */
export interface Learned {
  /** Models that want the official instructions. */
  officialInstructions: Set<string>;
  /** The body's shape, by model: true for responses-lite. */
  lite: Map<string, boolean>;
  /** Efforts that a model takes, from `Supported values are ...`: no list knows every model, and lists may be wrong. */
  efforts: Map<string, readonly string[]>;
  /** Fields refused as `Unsupported parameter`. */
  refusedFields: Set<string>;
  /** Fields of items, refused as `Unknown parameter`, as `refused-fields.ts` spells them. */
  refusedItemFields: Set<string>;
}

export function createLearned(): Learned {
  return {
    officialInstructions: new FewNames(),
    lite: new FewLessons(),
    efforts: new FewLessons(),
    refusedFields: new FewNames(),
    refusedItemFields: new FewNames(),
  };
}

/** Forgets the oldest ones: whoever needs one again pays for it once more. */
class FewNames extends Set<string> {
  override add(name: string): this {
    super.add(name);
    const [oldest] = this;
    if (this.size > maxLessons && oldest !== undefined) this.delete(oldest);
    return this;
  }
}

class FewLessons<T> extends Map<string, T> {
  override set(name: string, lesson: T): this {
    super.set(name, lesson);
    const [oldest] = this.keys();
    if (this.size > maxLessons && oldest !== undefined) this.delete(oldest);
    return this;
  }
}
