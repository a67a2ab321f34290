import { describe, expect, it } from 'vitest';
import type { ContentRecord } from '../../../lambdas/core/ledger/entry.ts';
import { recordedBodies } from '../../../lambdas/core/sessions/recorded-bodies.ts';
import { intentEntry, openEntry, outcomeEntry, segmentEntry } from '../../support/builders.ts';

const titles = (entries: Parameters<typeof recordedBodies>[0]): readonly string[] =>
  recordedBodies(entries).map(({ title }) => title);

const CONTENT: ContentRecord = { bytes: '1', kid: 'k', ct: 'c', pt: 'p', at: 'inline' };
const sent = intentEntry({ args: { ...CONTENT, masked: null } });

describe('recordedBodies', () => {
  it('are the request and the answer', () => {
    expect(titles([openEntry(), sent, outcomeEntry()])).toEqual(['What was sent', 'What the server answered']);
  });

  it('are the parts of a stream, in order, and name the last', () => {
    const parts = [segmentEntry({ part: '1' }), segmentEntry({ part: '2' })];
    expect(titles([sent, ...parts, outcomeEntry()]).slice(1)).toEqual([
      'What the server answered, part 1',
      'What the server answered, part 2',
      'What the server answered, last part',
    ]);
  });

  it('are none where nothing was sent or answered', () => {
    const { result } = outcomeEntry();
    expect(titles([intentEntry({ args: null }), outcomeEntry({ result: { ...result, content: null } })])).toEqual([]);
  });
});
