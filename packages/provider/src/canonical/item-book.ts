import { AnswerItem } from "./answer-item.js";
import { itemTypeOf, type TextKind } from "./answer-text.js";
import type { OutputItem, ResponseEvent } from "./events.js";
import { IndexReader } from "./index-reader.js";

/**
 * Which item an event belongs to: by `output_index`, which some backends keep steady while ids change with every event,
 * and by id only where there is none. An index that is used again, for an item of another type or for one after that was
 * done, is a new item's.
 */
export class ItemBook {
  readonly #items: AnswerItem[] = [];
  readonly #byIndex = new Map<number, AnswerItem[]>();
  readonly #byId = new Map<string, AnswerItem[]>();
  /** Those of each type that are not done, and some that are by now. */
  readonly #open = new Map<string, Set<AnswerItem>>();
  readonly #outputIndex = new IndexReader("output_index");
  #last: AnswerItem | undefined;

  get items(): readonly AnswerItem[] {
    return this.#items;
  }

  /** The item that a piece of text belongs to; it is made when it is not known. */
  ofText(event: ResponseEvent, kind: TextKind): AnswerItem {
    const index = this.#outputIndex.read(event);
    const last = this.#last;
    const type = itemTypeOf[kind];
    if (last !== undefined && index !== undefined && last.source === index && last.type === type) return last;
    const id = index === undefined || last?.source !== index ? idOf(event.data.item_id) : undefined;
    const found = this.#find(index, id, type) ?? (index === undefined ? this.#openOne(id, type) : undefined);
    this.#last = found ?? this.add(type, index, id ?? idOf(event.data.item_id));
    return this.#last;
  }

  /** The item that `output_item.added` tells of, new or known. */
  begun(event: ResponseEvent, told: OutputItem): AnswerItem {
    const index = this.#outputIndex.read(event);
    const found = this.#find(index, idOf(told.id), told.type);
    const isAnother = found?.isDone && (told.id === undefined || told.id !== found.lastId);
    this.#last = found === undefined || isAnother ? this.add(told.type, index, idOf(told.id)) : found;
    return this.#last;
  }

  /** The item that `output_item.done` tells of, new or known. */
  ended(event: ResponseEvent, told: OutputItem): AnswerItem {
    const index = this.#outputIndex.read(event);
    const id = idOf(told.id);
    const found = this.#find(index, id, told.type) ?? (index === undefined ? this.#openOne(id, told.type) : undefined);
    const isAnother = found?.isDone && id !== found.lastId && !found.agreesWith(told);
    this.#last = found === undefined || isAnother ? this.add(told.type, index, id) : found;
    return this.#last;
  }

  /** The item that any other event belongs to, if it is known. */
  of(event: ResponseEvent): AnswerItem | undefined {
    const index = event.raw.includes('"output_index"') ? this.#outputIndex.read(event) : undefined;
    if (index !== undefined) return this.#byIndex.get(index)?.at(-1);
    return event.raw.includes('"item_id"') ? this.#find(undefined, idOf(event.data.item_id), undefined) : undefined;
  }

  /** Notes another id that an item is called by. */
  name(item: AnswerItem, id: unknown): void {
    const given = idOf(id);
    if (given === undefined || given === item.lastId) return;
    item.lastId = given;
    item.id ??= given;
    push(this.#byId, given, item);
  }

  /** What each item of the final output was: by its own ids, else by place and type, else the next one of its type. */
  final(output: readonly OutputItem[]): Map<OutputItem, AnswerItem> {
    const matched = new Map<OutputItem, AnswerItem>();
    const taken = new Set<AnswerItem>();
    const take = (told: OutputItem, item: AnswerItem | undefined) => {
      if (item === undefined || taken.has(item) || matched.has(told)) return;
      taken.add(item);
      matched.set(told, item);
    };
    const byCallId = new Map<unknown, AnswerItem>();
    for (const item of this.#items) if (item.data?.call_id !== undefined) byCallId.set(item.data.call_id, item);
    for (const told of output) {
      const named = this.#find(undefined, idOf(told.id), told.type) ?? byCallId.get(told.call_id);
      if (named?.type === told.type) take(told, named);
    }
    // In an output that lacks items the others are at places that are not theirs.
    const isWhole = output.length >= this.#items.length;
    for (const [position, told] of output.entries()) {
      const there = (this.#byIndex.get(position) ?? []).filter((item) => item.type === told.type && !taken.has(item));
      take(told, there.findLast((item) => item.agreesWith(told)) ?? (isWhole ? there.at(-1) : undefined));
    }
    const rest = output.filter((told) => !matched.has(told));
    const free = new Map<string, AnswerItem[]>();
    if (rest.length > 0) for (const item of this.#items) if (!taken.has(item)) push(free, item.type, item);
    for (const told of rest) {
      const ofType = free.get(told.type) ?? [];
      const isAlone = ofType.length === 1 && rest.filter((other) => other.type === told.type).length === 1;
      const at = ofType.slice(0, mostCompared).findIndex((item) => isAlone || item.agreesWith(told));
      if (at !== -1) take(told, ofType.splice(at, 1)[0]);
    }
    return matched;
  }

  add(type: string, source: number | undefined, id: unknown): AnswerItem {
    const item = new AnswerItem(type, source);
    this.#items.push(item);
    if (source !== undefined) push(this.#byIndex, source, item);
    this.name(item, id);
    const open = this.#open.get(type);
    if (open === undefined) this.#open.set(type, new Set([item]));
    else open.add(item);
    return item;
  }

  #find(index: number | undefined, id: string | undefined, type: string | undefined): AnswerItem | undefined {
    const fits = (item: AnswerItem) => type === undefined || item.type === type;
    if (index !== undefined) {
      const there = this.#byIndex.get(index)?.findLast(fits);
      if (there !== undefined) return there;
    }
    const named = id === undefined ? undefined : this.#byId.get(id)?.findLast(fits);
    if (named === undefined || index === undefined) return named;
    if (named.source !== undefined) return undefined;
    named.source = index;
    push(this.#byIndex, index, named);
    return named;
  }

  /** Without an index: the item before, or the only one that is open, whatever it is called by now. */
  #openOne(id: string | undefined, type: string): AnswerItem | undefined {
    const open = this.#open.get(type) ?? new Set();
    let last: AnswerItem | undefined;
    for (const item of open) {
      if (item.isDone) open.delete(item);
      else if (last !== undefined && id !== undefined) return undefined;
      else last = item;
    }
    return last;
  }
}

/** How many items of one type an item of the final output is compared with, when nothing says which it is. */
const mostCompared = 16;

function push<K>(lists: Map<K, AnswerItem[]>, key: K, item: AnswerItem): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

function idOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
