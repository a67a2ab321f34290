// How a day of approvals is told otherwise than it was: steps changed, moved to another time, left out.

import { leafHash } from '../../lambdas/core/ledger/line.ts';
import { fromTimestamp, toTimestamp } from '../../lambdas/core/time.ts';
import { idOf, type SealedEntry } from '../support/sealed-entries.ts';
import { WAITED } from './approval-day.ts';
import { altered, at, find, splice } from './attack.ts';
import { change, type Lie, type Loose, nested, remove, type Which } from './lies.ts';

export type Entries = readonly SealedEntry[];
export type Tell = (entries: Entries) => Entries;

export interface ApprovalLie extends Lie {
  /** The nearest that is accepted without a word. */
  readonly twin?: { readonly name: string; readonly tell: Tell };
}

/** A step of the request that a call made. */
export const of =
  (seq: number, version?: number): Which =>
  (entry) =>
    entry['approval'] === idOf(seq, '7003') && (version === undefined || entry['version'] === String(version));

export const call =
  (seq: number): Which =>
  (entry) =>
    entry['seq'] === String(seq);

export const both =
  (...tells: readonly Tell[]): Tell =>
  (entries) =>
    tells.reduce((told, tell) => tell(told), entries);

/** Takes a step to another time, and to its place there. */
export const moved =
  (type: SealedEntry['entry']['type'], which: Which, to: (entries: Entries, ts: string) => string): Tell =>
  (entries) => {
    const index = find(entries, type, which);
    const old = at(entries, index);
    const rest = entries.toSpliced(index, 1);
    const ts = to(entries, old.entry.ts);
    const place = rest.findIndex(({ entry }) => entry.ts > ts);
    return rest.toSpliced(place < 0 ? rest.length : place, 0, altered(old, { ts }));
  };

export const toEnd = (entries: Entries): string => at(entries, -1).entry.ts;
export const by =
  (seconds: number) =>
  (_entries: Entries, ts: string): string =>
    toTimestamp(fromTimestamp(ts) + seconds * 1000);

/** Changes an intent before it was sealed: whatever names it by its hash names the new one. */
export const intent =
  (seq: number, fields: Loose | ((entry: Loose) => Loose)): Tell =>
  (entries) => {
    const index = find(entries, 'call.intent', call(seq));
    const old = at(entries, index);
    const made = altered(old, fields);
    const [before, after] = [leafHash(old.line), leafHash(made.line)];
    return splice(entries, index, made).map((sealed) => ({ ...sealed, line: sealed.line.replaceAll(before, after) }));
  };

/** Ends the copy with the outcome of a call. */
export const cutAfter =
  (seq: number): Tell =>
  (entries) =>
    entries.slice(0, find(entries, 'call.outcome', call(seq)) + 1);

export const who = (over: Loose) => nested('actor', over);
export const HASH = `sha256:${'ab'.repeat(32)}`;
export const unused = remove('approval.used', of(WAITED));
export const wordless = (type: SealedEntry['entry']['type'], which: Which, field: string): Tell => {
  const said = change(type, which, { [field]: null });
  return (entries) =>
    said(entries).map((sealed) => (isWordless(sealed, which, field) ? { ...sealed, body: null } : sealed));
};
const isWordless = ({ entry }: SealedEntry, which: Which, field: string): boolean => {
  const loose = entry as unknown as Loose;
  return which(loose) && loose[field] === null;
};
