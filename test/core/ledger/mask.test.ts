// What an entry says of masking, as the verifier reads it.

import { describe, expect, it } from 'vitest';
import type { MaskRecord } from '../../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../../lambdas/core/ledger/line.ts';
import { SessionSummary } from '../../../lambdas/core/ledger/session-summary.ts';
import { type ReadEntry, readLine } from '../../../lambdas/core/ledger/verify/read-line.ts';
import type { Result } from '../../../lambdas/core/result.ts';
import { closeEntry, openEntry, outcomeEntry, segmentEntry } from '../../support/builders.ts';
import { accepted, refused } from '../../support/result.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const MAC = `hmac-sha256:${'cd'.repeat(32)}`;
const CONTENT = { bytes: '2', kid: DIGEST, ct: DIGEST, pt: MAC, at: 'inline' } as const;
const MASK: MaskRecord = {
  kid: DIGEST,
  handed: { bytes: '7', pt: MAC },
  n: '3',
  omitted: '0',
  all: `hmac:${'A'.repeat(43)}`,
  values: [
    { path: '/content/*/text', rule: 'us-bank.ssn@1', shown: null, n: '3', commits: [`hmac:${'A'.repeat(22)}`] },
  ],
};

const read = (entry: Parameters<typeof toWalEntry>[0]): Result<ReadEntry, unknown> => {
  const { line } = toWalEntry(entry);
  return readLine(line, Buffer.byteLength(line), entry.log);
};
const outcome = (mask: unknown) =>
  outcomeEntry({
    intent: 'ab'.repeat(32),
    result: { ...outcomeEntry().result, content: CONTENT, ...(mask === undefined ? {} : { mask: mask as MaskRecord }) },
  });
const segment = (mask: unknown) => segmentEntry({ content: CONTENT, mask: mask as MaskRecord });

describe('readLine', () => {
  it('takes an outcome with and without a mask, and a segment', () => {
    expect(accepted(read(outcome(MASK)))).toMatchObject({ mask: { kid: DIGEST, n: 3, omitted: 0 } });
    expect(accepted(read(outcome(undefined)))).toMatchObject({ mask: null });
    expect(accepted(read(segment(MASK)))).toMatchObject({ mask: { values: [{ rule: 'us-bank.ssn@1' }] } });
  });

  it.each([
    ['kid', 'sha256:00'],
    ['n', 3],
    ['omitted', '-1'],
    ['all', 'hmac:short'],
    ['handed', { bytes: '7', pt: 'none' }],
    ['values', [{ ...MASK.values[0], commits: ['078-05-1120'] }]],
    ['values', 'none'],
  ])('refuses a mask whose %s is %j', (field, value) => {
    for (const make of [outcome, segment])
      expect(refused(read(make({ ...MASK, [field]: value })))).toMatchObject({ reason: 'line_fields' });
  });
});

describe('SessionSummary', () => {
  it('counts masked values of segments and outcomes', () => {
    const summary = new SessionSummary();
    const entries = [openEntry(), segment(MASK), outcome({ ...MASK, n: '4' }), closeEntry()];
    for (const [index, entry] of entries.entries()) {
      const known = accepted(read(entry));
      if ('sid' in known) summary.add(known, Buffer.alloc(32), index);
    }
    expect(summary.totals()?.masked).toBe(7);
  });
});
