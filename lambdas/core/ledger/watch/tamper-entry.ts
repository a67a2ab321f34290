// The entry about a change that nobody should have made: what was changed, by name and by hash, never by content. An
// entry that was lost before it was sealed is kept in it whole: an honest line holds no content, and only an honest line
// is taken over. Pure.

import { toTimestamp } from '../../time.ts';
import type { EntryStamp, TamperWatched } from '../entry.ts';
import { canonicalLine, leafHash, MAX_LINE_BYTES } from '../line.ts';
import { parseEntry } from '../parse-entry.ts';
import { changedAttributes, type ItemChange, type TamperDetail, textOf } from './judge-change.ts';

/** Attributes of our own items. Any other name was chosen by somebody, and is only counted. */
const KNOWN_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...['type', 'line', 'leaf', 'body', 'unsealed', 'position'],
  ...['sealedAt', 'segment', 'expiresAt', 'wrapped'],
]);
/** Keys as we make them; what somebody else wrote into a key is not repeated. */
const OUR_KEY =
  /^[a-z]{1,16}(?:#[A-Za-z0-9:.-]{1,80}){0,5}$|^\d{4}-\d\d-\d\dT[\d:.]{12}Z#[0-9a-f-]{36}$|^[0-9a-f-]{1,64}$/;

/** What was lost with a waiting entry is in no segment yet, or in none that can be named. */
const LOSES_LINE: ReadonlySet<TamperDetail> = new Set<TamperDetail>([
  'waiting_changed',
  'waiting_removed',
  'false_mark',
]);

export const tamperEntry = (stamp: EntryStamp, change: ItemChange, detail: TamperDetail): TamperWatched => {
  const names = changedAttributes(change);
  const known = names.filter((name) => KNOWN_ATTRIBUTES.has(name));
  const entry: TamperWatched = {
    ...stamp,
    type: 'tamper.suspected',
    detail,
    event: { id: change.eventId, name: change.eventName, at: toTimestamp(change.at * 1000) },
    item: { partition: shownKey(change.partition), sort: shownKey(change.sort) },
    changed: known,
    otherChanged: String(names.length - known.length),
    leafBefore: leafOf(textOf(change.before, 'line')),
    leafAfter: leafOf(textOf(change.after, 'line')),
    line: LOSES_LINE.has(detail) ? honestLine(textOf(change.before, 'line')) : null,
  };
  return fits(entry) ? entry : { ...entry, line: null };
};

const shownKey = (key: string): string => (OUR_KEY.test(key) ? key : `‹string ${key.length}›`);

const leafOf = (line: string | null): string | null => (line === null ? null : leafHash(line));

const honestLine = (line: string | null): string | null =>
  line !== null && parseEntry(line, leafHash(line)).ok ? line : null;

const fits = (entry: TamperWatched): boolean => {
  try {
    return Buffer.byteLength(canonicalLine(entry), 'utf8') <= MAX_LINE_BYTES;
  } catch {
    return false;
  }
};
