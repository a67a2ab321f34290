import { describe, expect, it } from 'vitest';
import { EVIDENCE_KEYS } from '../../../lambdas/contract.ts';
import { COPY_ORDER, intentName, intentOf } from '../../../lambdas/core/ledger/log-layout.ts';

const ID = '019a7d10-0000-7000-8000-00000000000c';

describe('COPY_ORDER', () => {
  it('has every prefix of the bucket once', () => {
    expect([...COPY_ORDER].sort()).toEqual(Object.values(EVIDENCE_KEYS).sort());
  });

  // Each would make a good log look broken: a checkpoint beyond the last segment, a strict call without its intent.
  it.each([
    [EVIDENCE_KEYS.cosignaturePrefix, EVIDENCE_KEYS.checkpointPrefix],
    [EVIDENCE_KEYS.checkpointPrefix, EVIDENCE_KEYS.segmentPrefix],
    [EVIDENCE_KEYS.manifestPrefix, EVIDENCE_KEYS.segmentPrefix],
    [EVIDENCE_KEYS.segmentPrefix, EVIDENCE_KEYS.bodiesPrefix],
    [EVIDENCE_KEYS.segmentPrefix, EVIDENCE_KEYS.bodyPrefix],
    [EVIDENCE_KEYS.segmentPrefix, EVIDENCE_KEYS.intentPrefix],
  ])('lists %s before %s, which is written before it', (later, earlier) => {
    expect(COPY_ORDER.indexOf(later)).toBeLessThan(COPY_ORDER.indexOf(earlier));
  });
});

describe('the name of a signed intent', () => {
  it('is read back to its call, and no other name is', () => {
    expect(intentOf(intentName(ID))).toBe(ID);
    for (const name of [
      `intent/${ID}.json`,
      `intent/x${ID}.dsse.json`,
      `intent/${ID.toUpperCase()}.dsse.json`,
      `${ID}.dsse.json`,
    ])
      expect(intentOf(name)).toBeUndefined();
  });
});
