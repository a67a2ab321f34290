// What a `tamper.suspected` entry says, by how much it matters: entries changed before they were sealed are evidence that
// may be lost; a working copy changed afterwards is not, the log holds what was sealed. Pure.

import { leafHashOf } from '../merkle.ts';
import type { Fields } from './fields.ts';
import type { Reason } from './reasons.ts';

export interface ReadTamper {
  readonly reason: Reason;
  readonly detail: string;
  /** Whether the line that the entry keeps is the one whose leaf hash it names; `null` when it keeps none. */
  readonly lineHolds: boolean | null;
}

/** Of the watcher's details those that touch no evidence; an unknown one counts as the worst. */
const REASON_OF: Readonly<Record<string, Reason>> = {
  sealed_changed: 'tamper_after_sealing',
  sealed_removed: 'tamper_after_sealing',
  key_changed: 'tamper_key',
  key_removed: 'tamper_key',
  item_changed: 'tamper_other',
  item_removed: 'tamper_other',
};

export const readTamper = (fields: Fields): ReadTamper => {
  const detail = fields.text('detail');
  const item = fields.object('item');
  const place = `${item.text('partition')} ${item.text('sort')}`;
  // The sealer's own findings have no event: it met the item as it stood.
  if (!fields.has('event')) return { reason: 'tamper_suspected', detail: `${detail}: ${place}`, lineHolds: null };
  const event = fields.object('event');
  const at = event.timestamp('at');
  event.text('id');
  const leaf = fields.nullable('leafBefore', (name) => fields.leaf(name));
  const line = fields.nullable('line', (name) => fields.text(name));
  const reason = Object.hasOwn(REASON_OF, detail) ? REASON_OF[detail] : undefined;
  return {
    reason: reason ?? 'tamper_suspected',
    detail: `${detail}: ${place} at ${at}${line === null ? '' : '; the entry that was lost is kept here'}`,
    lineHolds: line === null ? null : Buffer.from(leafHashOf(line)).toString('hex') === leaf,
  };
};
