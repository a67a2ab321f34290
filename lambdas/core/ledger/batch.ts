// What a sealer puts into one segment, and in which order. Pure.

import { err, type Result } from '../result.ts';
import type { Entry } from './entry.ts';
import { type EntryFault, parseEntry } from './parse-entry.ts';

/** Where an item stands in the write-ahead ledger. */
interface Place {
  readonly partition: string;
  readonly sort: string;
}

export interface WaitingItem extends Place {
  readonly position: string;
  readonly line: string;
  readonly leaf: string;
  readonly body: string | null;
}

const seqOf = (sort: string): string => sort.split('#')[1] ?? '';

/**
 * Items that must stand before this one in the log: an outcome's intent and segments, a segment's intent, the opening
 * of a session. The index that finds waiting items lags, so an item may be seen before what it rests on.
 */
export const predecessorsOf = ({ partition, sort }: Place): readonly Place[] => {
  if (!partition.startsWith('session#')) return [];
  const at = (suffix: string): Place => ({ partition, sort: suffix });
  const seq = seqOf(sort);
  const opening = at('entry#000000000000#0');
  if (sort === opening.sort) return [];
  if (sort.endsWith('#1')) return [opening];
  const intent = at(`entry#${seq}#1`);
  const part = /#2#(\d{6})$/.exec(sort)?.[1];
  if (part === undefined) return sort.endsWith('#3') ? [intent] : [opening];
  const previous = Number(part) - 1;
  return previous === 0 ? [intent] : [at(`entry#${seq}#2#${String(previous).padStart(part.length, '0')}`)];
};

/** An item that is not what was written, for a `tamper.suspected` entry. */
interface Damaged extends Place {
  readonly position: string;
  readonly storedLeaf: string;
  readonly foundLeaf: string;
  readonly detail: string;
}

export interface Batch {
  /** In the order of the log. */
  readonly items: readonly (WaitingItem & { readonly entry: Entry })[];
  readonly damaged: readonly Damaged[];
  /** Items left for the next segment. */
  readonly deferred: number;
}

/**
 * By stamp. Where the clocks of two processes put an item before what it rests on, it waits for the next segment: within
 * a segment both orders hold.
 */
const inLogOrder = (items: readonly WaitingItem[]): readonly WaitingItem[] => {
  const waiting = new Set(items.map(nameOf));
  return [...items]
    .sort((a, b) => (a.position < b.position ? -1 : 1))
    .filter((item) => {
      const comesTooEarly = predecessorsOf(item).some((place) => waiting.has(nameOf(place)));
      if (!comesTooEarly) waiting.delete(nameOf(item));
      return !comesTooEarly;
    });
};

const nameOf = ({ partition, sort }: Place): string => `${partition} ${sort}`;

const NOT_FROM_TABLE: ReadonlySet<Entry['type']> = new Set([
  ...(['key.genesis', 'key.rotated', 'key.revoked'] as const),
  'witness.refused' as const,
]);

/**
 * Entries about checkpoint keys are the sealer's own, made from its deployment and never from the table: whoever can write
 * an item must not be able to name the key that the log is believed by. So are those about what a witness said.
 */
const parseWaiting = ({
  line,
  leaf,
}: WaitingItem): Result<Entry, EntryFault | { readonly reason: 'not_from_table' }> => {
  const parsed = parseEntry(line, leaf);
  return parsed.ok && NOT_FROM_TABLE.has(parsed.value.type) ? err({ reason: 'not_from_table' }) : parsed;
};

/** Orders items by their stamps and sets aside those whose line is not the entry that was written. */
export const toBatch = (items: readonly WaitingItem[]): Batch => {
  const ordered = inLogOrder(items);
  const batch: { items: (WaitingItem & { entry: Entry })[]; damaged: Damaged[]; deferred: number } = {
    items: [],
    damaged: [],
    deferred: items.length - ordered.length,
  };
  for (const item of ordered) {
    const parsed = parseWaiting(item);
    if (parsed.ok) batch.items.push({ ...item, entry: parsed.value });
    else {
      const foundLeaf = parsed.error.reason === 'leaf_mismatch' ? parsed.error.got : item.leaf;
      const { partition, sort, position, leaf } = item;
      batch.damaged.push({ partition, sort, position, storedLeaf: leaf, foundLeaf, detail: parsed.error.reason });
    }
  }
  return batch;
};
