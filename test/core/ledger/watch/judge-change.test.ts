import { describe, expect, it } from 'vitest';
import { toWalEntry } from '../../../../lambdas/core/ledger/line.ts';
import {
  changedAttributes,
  type Image,
  type ItemChange,
  judgeChange,
} from '../../../../lambdas/core/ledger/watch/judge-change.ts';
import { intentEntry } from '../../../support/builders.ts';

const wal = toWalEntry(intentEntry());
const WAITING: Image = {
  pk: { S: wal.partition },
  sk: { S: wal.sort },
  type: { S: wal.type },
  line: { S: wal.line },
  leaf: { S: wal.leafHash },
  body: { S: 'eyJ..' },
  unsealed: { S: '3' },
  position: { S: wal.position },
};
const { unsealed: _shard, position: _position, ...entryOnly } = WAITING;
const MARK = { sealedAt: { N: '17' }, segment: { N: '10' }, expiresAt: { N: '1858500000' } };
const SEALED: Image = { ...entryOnly, ...MARK };
const KEY: Image = { pk: { S: wal.partition }, sk: { S: 'key#sha256:ab' }, wrapped: { S: 'AQ==' } };

const change = (before: Image, after: Image | null, over: Partial<ItemChange> = {}): ItemChange => ({
  eventId: 'e1',
  eventName: after === null ? 'REMOVE' : 'MODIFY',
  at: 1_795_341_600,
  expired: false,
  partition: String((before['pk'] as { S?: string } | undefined)?.S ?? 'p'),
  sort: String((before['sk'] as { S?: string } | undefined)?.S ?? 's'),
  before,
  after,
  ...over,
});
const without = (image: Image, ...names: string[]): Image =>
  Object.fromEntries(Object.entries(image).filter(([name]) => !names.includes(name)));
const forged = { line: { S: wal.line.replace('get_balance', 'get_nothing') }, leaf: { S: 'ab'.repeat(32) } };

describe('judgeChange', () => {
  it.each([
    ['the mark of the sealer', WAITING, SEALED],
    ['the mark set again by a sealer that took over', SEALED, { ...SEALED, expiresAt: { N: '1858500900' } }],
    ['the same by a clock that is behind', SEALED, { ...SEALED, expiresAt: { N: '1858499000' } }],
    ['a mark renewed on an item of before marks named their segment', without(SEALED, 'segment'), SEALED],
  ])('sends %s to the segment that it names', (_name, before, after) => {
    expect(judgeChange(change(before, after))).toEqual({ kind: 'marked', segment: 10, index: 17 });
  });

  it.each([
    ['time to live removing a sealed entry', change(SEALED, null, { expired: true })],
    ['the sealer’s memory', change({ size: { N: '1' } }, { size: { N: '2' } }, { partition: 'sealer', sort: 'head' })],
    [
      'the sealer’s memory of a witness',
      change({ size: { N: '1' } }, { size: { N: '2' } }, { partition: 'sealer', sort: 'witness#5ae05471' }),
    ],
  ])('expects %s', (_name, expected) => {
    expect(judgeChange(expected)).toEqual({ kind: 'expected' });
  });

  it.each([
    ['waiting_changed', 'a changed line', WAITING, { ...WAITING, line: forged.line }],
    ['waiting_changed', 'line and leaf changed together', WAITING, { ...WAITING, ...forged }],
    ['waiting_changed', 'a changed body', WAITING, { ...WAITING, body: { S: 'x' } }],
    ['waiting_changed', 'an item taken out of the index', WAITING, entryOnly],
    ['waiting_changed', 'an item put to the end of the queue', WAITING, { ...WAITING, position: { S: '9999' } }],
    ['waiting_changed', 'an expiry set on a waiting entry', WAITING, { ...WAITING, expiresAt: { N: '1' } }],
    ['waiting_changed', 'a mark with a line of its own', WAITING, { ...SEALED, ...forged }],
    ['waiting_changed', 'a mark that names no segment', WAITING, without(SEALED, 'segment')],
    ['waiting_changed', 'a mark before its segment', WAITING, { ...SEALED, sealedAt: { N: '9' } }],
    ['waiting_changed', 'a mark with an attribute more', WAITING, { ...SEALED, note: { S: 'hello' } }],
    ['waiting_changed', 'an overwrite', WAITING, { pk: { S: 'x' } }],
    ['waiting_removed', 'a waiting entry removed', WAITING, null],
    ['waiting_removed', 'one taken out of the index first', entryOnly, null],
    ['sealed_changed', 'a sealed line changed', SEALED, { ...SEALED, line: forged.line }],
    ['sealed_changed', 'a sealed entry put back into the queue', SEALED, WAITING],
    ['sealed_changed', 'another index', SEALED, { ...SEALED, sealedAt: { N: '18' } }],
    ['sealed_changed', 'an early expiry', SEALED, { ...SEALED, expiresAt: { N: '1795341600' } }],
    ['sealed_removed', 'a sealed entry removed', SEALED, null],
    ['key_changed', 'a wrapped key changed', KEY, { ...KEY, wrapped: { S: 'Ag==' } }],
    ['key_removed', 'a wrapped key removed', KEY, null],
    ['item_changed', 'an item of nobody', { pk: { S: 'x' } }, { pk: { S: 'x' }, y: { S: 'z' } }],
    ['item_removed', 'an item of nobody removed', { pk: { S: 'x' } }, null],
  ] as const)('suspects %s: %s', (detail, _name, before, after) => {
    expect(judgeChange(change(before, after as Image | null))).toEqual({ kind: 'suspected', detail });
  });

  it('suspects time to live on what was not sealed, or is a key: somebody set the date', () => {
    expect(judgeChange(change(WAITING, null, { expired: true }))).toMatchObject({ detail: 'waiting_removed' });
    expect(judgeChange(change(KEY, null, { expired: true }))).toMatchObject({ detail: 'key_removed' });
  });

  it('suspects the removal of the sealer’s memory, which the sealer never removes', () => {
    expect(judgeChange(change({}, null, { partition: 'sealer', sort: 'head' }))).toMatchObject({
      detail: 'item_removed',
    });
  });

  it('takes any attribute for what it is, text that no JSON can hold included', () => {
    const odd = { ...WAITING, '\ud800': { S: '\ud800' }, line: { L: [{ NULL: true }] } };
    expect(judgeChange(change(WAITING, odd))).toMatchObject({ detail: 'waiting_changed' });
    expect(changedAttributes(change(WAITING, odd))).toEqual(['line', '\ud800']);
  });
});
