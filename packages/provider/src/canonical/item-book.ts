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

  /** What each item of the final output was: by its own ids, else by place and type, else the next one of its type. */
  final(output: readonly OutputItem[]): Map<OutputItem, AnswerItem> {
    const matched = new Map<OutputItem, AnswerItem>();
    const taken = new Set<AnswerItem>();
    const take = (told: OutputItem, item: AnswerItem | undefined) => {
      if (item === undefined || taken.has(item) || matched.has(told)) return;
      taken.add(item);
      matched.set(told, item);
    };
    for (const told of output)
      take(
        told,
        this.#items.find((item) => item.type === told.type && isSame(item, told)),
      );
    // In an output that lacks items the others are at places that are not theirs.
    const isWhole = output.length >= this.#items.length;
    for (const [position, told] of output.entries()) {
      const there = (this.#byIndex.get(position) ?? []).filter((item) => item.type === told.type && !taken.has(item));
      take(told, there.findLast((item) => item.agreesWith(told)) ?? (isWhole ? there.at(-1) : undefined));
    }
    for (const told of output) {
      const free = this.#items.filter((item) => item.type === told.type && !taken.has(item));
      take(told, free.find((item) => item.agreesWith(told)) ?? (isAlone(output, told) ? free[0] : undefined));
    }
    return matched;
  }

  add(type: string, source: number | undefined, id: string | undefined): AnswerItem {
    const item = new AnswerItem(type, source);
    item.id = id;
    item.lastId = id;
    this.#items.push(item);
    if (source !== undefined) this.#put(source, item);
    return item;
  }

  #put(source: number, item: AnswerItem): void {
    const there = this.#byIndex.get(source);
    if (there === undefined) this.#byIndex.set(source, [item]);
    else there.push(item);
  }

  #find(index: number | undefined, id: string | undefined, type: string | undefined): AnswerItem | undefined {
    const fits = (item: AnswerItem) => type === undefined || item.type === type;
    if (index !== undefined) {
      const there = this.#byIndex.get(index)?.findLast(fits);
      if (there !== undefined) return there;
    }
    if (id === undefined) return undefined;
    const named = this.#items.findLast((item) => (item.id === id || item.lastId === id) && fits(item));
    if (named === undefined || index === undefined) return named;
    if (named.source !== undefined) return undefined;
    named.source = index;
    this.#put(index, named);
    return named;
  }

  /** Without an index: the item before, or the only one that is open, whatever it is called by now. */
  #openOne(id: string | undefined, type: string): AnswerItem | undefined {
    const open = this.#items.filter((item) => item.type === type && !item.isDone);
    return id === undefined || open.length === 1 ? open.at(-1) : undefined;
  }
}

function isSame(item: AnswerItem, told: OutputItem): boolean {
  if (told.id !== undefined && (item.id === told.id || item.lastId === told.id)) return true;
  return told.call_id !== undefined && item.data?.call_id === told.call_id;
}

function isAlone(output: readonly OutputItem[], told: OutputItem): boolean {
  return output.every((other) => other === told || other.type !== told.type);
}

function idOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
