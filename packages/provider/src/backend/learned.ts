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
    officialInstructions: new Set(),
    lite: new Map(),
    efforts: new Map(),
    refusedFields: new Set(),
    refusedItemFields: new Set(),
  };
}
