import { describe, expect, it } from 'vitest';
import { timelineOf } from '../../../lambdas/core/sessions/timeline.ts';
import {
  closeEntry,
  deniedEntry,
  gapEntry,
  intentEntry,
  openEntry,
  outcomeEntry,
  segmentEntry,
  unknownEntry,
} from '../../support/builders.ts';

describe('timelineOf', () => {
  it('has one row per exchange, in order, between open and close', () => {
    const open = openEntry();
    const close = closeEntry();
    const [first, second] = [intentEntry(), intentEntry({ seq: '2' })];
    const [part1, part2] = [segmentEntry({ seq: '2' }), segmentEntry({ seq: '2', part: '2' })];
    const [done, streamed] = [outcomeEntry(), outcomeEntry({ seq: '2' })];
    expect(timelineOf([open, first, done, second, part1, part2, streamed, close], 2)).toEqual({
      open,
      close,
      rows: [
        { kind: 'complete', intent: first, segments: [], outcome: done },
        { kind: 'complete', intent: second, segments: [part1, part2], outcome: streamed },
      ],
    });
  });

  it('shows an intent without an outcome as unknown, with what was handed on', () => {
    const [intent, part] = [intentEntry(), segmentEntry()];
    const unknown = { kind: 'unknown', intent, recorded: false };
    expect(timelineOf([intent, part], 1).rows).toEqual([{ ...unknown, segments: [part] }]);
    expect(timelineOf([intent], 0).rows).toEqual([{ ...unknown, segments: [] }]);
    expect(timelineOf([intent, unknownEntry()], 0).rows).toEqual([{ ...unknown, segments: [], recorded: true }]);
  });

  it('shows numbers that were counted and never recorded', () => {
    const intent = intentEntry({ seq: '2' });
    expect(timelineOf([intent], 3).rows).toEqual([
      { kind: 'missing', seq: 1, recorded: false },
      { kind: 'unknown', intent, segments: [], recorded: false },
      { kind: 'missing', seq: 3, recorded: false },
    ]);
    expect(timelineOf([gapEntry({ seq: '2' })], 1).rows).toMatchObject([
      { recorded: false },
      { seq: 2, recorded: true },
    ]);
  });

  it('is empty without entries, and leaves out what belongs to no session', () => {
    expect(timelineOf([], 0)).toEqual({ open: null, close: null, rows: [] });
    expect(timelineOf([deniedEntry()], 0).rows).toEqual([]);
  });

  it('takes more exchanges than a call takes arguments', () => {
    const intent = intentEntry();
    const intents = Array.from({ length: 150_000 }, (_, index) => ({ ...intent, seq: String(index + 1) }));
    expect(timelineOf(intents, 0).rows).toHaveLength(150_000);
  });

  it('does not call an exchange missing that has an outcome', () => {
    expect(timelineOf([outcomeEntry()], 1).rows[0]?.kind).not.toBe('missing');
  });
});
