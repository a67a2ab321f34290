import { describe, expect, it } from 'vitest';
import type { EntryStamp } from '../../../../lambdas/core/ledger/entry.ts';
import { canonicalLine, leafHash, MAX_LINE_BYTES, toWalEntry } from '../../../../lambdas/core/ledger/line.ts';
import type { Image, ItemChange } from '../../../../lambdas/core/ledger/watch/judge-change.ts';
import { tamperEntry } from '../../../../lambdas/core/ledger/watch/tamper-entry.ts';
import { intentEntry, NOW } from '../../../support/builders.ts';

const { v, log, id, ts, config, gw } = intentEntry();
const stamp: EntryStamp = { v, log, id, ts, config, gw };
const wal = toWalEntry(intentEntry());
const item = (line: string): Image => ({ line: { S: line }, leaf: { S: leafHash(line) }, unsealed: { S: '1' } });
const removal = (before: Image, over: Partial<ItemChange> = {}): ItemChange => ({
  eventId: 'c4ca4238a0b923820dcc509a6f75849b',
  eventName: 'REMOVE',
  at: NOW,
  expired: false,
  partition: wal.partition,
  sort: wal.sort,
  before,
  after: null,
  ...over,
});

describe('tamperEntry', () => {
  it('names what was changed by place, attribute and leaf hash, and keeps the line that was lost', () => {
    const forged = wal.line.replace('get_balance', 'get_nothing');
    const edit = removal(item(wal.line), { eventName: 'MODIFY', after: { ...item(forged), note: { S: 'secret' } } });
    const entry = tamperEntry(stamp, edit, 'waiting_changed');
    expect(entry).toMatchObject({
      type: 'tamper.suspected',
      detail: 'waiting_changed',
      event: { id: 'c4ca4238a0b923820dcc509a6f75849b', name: 'MODIFY', at: '2026-11-22T10:00:00.000Z' },
      item: { partition: wal.partition, sort: wal.sort },
      changed: ['leaf', 'line'],
      otherChanged: '1',
      leafBefore: wal.leafHash,
      leafAfter: leafHash(forged),
      line: wal.line,
    });
    expect(JSON.stringify(entry)).not.toMatch(/note|secret|get_nothing/);
  });

  it('keeps no line that was no entry: it could hold anything', () => {
    const entry = tamperEntry(stamp, removal(item('{"pan":"4111111111111111"}')), 'waiting_removed');
    expect(entry.line).toBeNull();
    expect(JSON.stringify(entry)).not.toContain('4111');
  });

  it('keeps no line where the log has it', () => {
    expect(tamperEntry(stamp, removal(item(wal.line)), 'sealed_removed').line).toBeNull();
  });

  it('leaves out a line that does not fit, and still names its leaf', () => {
    const long = (masked: string) => toWalEntry(intentEntry({ args: { ...CONTENT, masked } }));
    const fitting = long('x'.repeat(40_000));
    const large = long('"'.repeat(28_000));
    expect(tamperEntry(stamp, removal(item(fitting.line)), 'waiting_removed').line).toBe(fitting.line);
    const entry = tamperEntry(stamp, removal(item(large.line)), 'waiting_removed');
    expect(entry).toMatchObject({ line: null, leafBefore: large.leafHash });
    expect(Buffer.byteLength(canonicalLine(entry))).toBeLessThan(MAX_LINE_BYTES);
  });

  it('does not repeat keys that we would not have made', () => {
    const entry = tamperEntry(stamp, removal({}, { partition: 'Account of Ms Silva', sort: '\ud800' }), 'item_removed');
    expect(entry.item).toEqual({ partition: '‹string 19›', sort: '‹string 1›' });
    expect(() => canonicalLine(entry)).not.toThrow();
  });

  it('has one place for one change, whenever it is written', () => {
    const first = toWalEntry(tamperEntry(stamp, removal(item(wal.line)), 'waiting_removed'));
    const later = { ...stamp, id: '019a7d10-0000-7000-8000-0000000000ff', ts: '2026-11-23T10:00:00.000Z' };
    const second = toWalEntry(tamperEntry(later, removal(item(wal.line)), 'waiting_removed'));
    expect([first.partition, first.sort]).toEqual(['tamper#2026-11-22', 'c4ca4238a0b923820dcc509a6f75849b']);
    expect([second.partition, second.sort]).toEqual([first.partition, first.sort]);
  });
});

const CONTENT = { bytes: '2', kid: 'k', ct: 'c', pt: 'p', at: 'inline' } as const;
