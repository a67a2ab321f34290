// The replay page of the laptop: what masking did is shown with each exchange.

import { describe, expect, it } from 'vitest';
import type { MaskRecord } from '../../lambdas/core/ledger/entry.ts';
import { timelineOf } from '../../lambdas/core/sessions/timeline.ts';
import { sessionPage } from '../../local/front-page/pages.ts';
import { intentEntry, openEntry, outcomeEntry, SID, segmentEntry } from '../support/builders.ts';

const mask = (shown: string | null, n: string): MaskRecord => ({
  ...{ kid: 'k', handed: { bytes: '1', pt: 'p' }, n, omitted: '0', all: 'a' },
  values: [{ path: '/content/*/text', rule: 'us-bank.ssn@1', shown, n, commits: [] }],
});

const page = (over: { readonly mask?: MaskRecord }, masked: unknown, segment: MaskRecord): string => {
  const result = { ...outcomeEntry().result, masked, ...over };
  const entries = [openEntry(), intentEntry(), segmentEntry({ mask: segment }), outcomeEntry({ result })];
  return sessionPage(SID, timelineOf(entries, 1), 'http://127.0.0.1:1/console');
};

describe('sessionPage', () => {
  it('shows masked values, and by which rules how many were masked, streams included', () => {
    const html = page({ mask: mask(null, '2') }, { text: 'SSN ‹ssn›' }, mask(null, '3'));
    expect(html).toContain('SSN ‹ssn›');
    expect(html).toContain('masked: 5 by us-bank.ssn@1<');
  });

  it('says what an exception showed apart', () => {
    const html = page({ mask: mask('fraud-desk', '2') }, null, mask(null, '1'));
    expect(html).toContain('1 by us-bank.ssn@1, 2 by us-bank.ssn@1 shown by fraud-desk');
  });

  it('says nothing where nothing was masked', () => {
    expect(page({}, null, { ...mask(null, '0'), values: [] })).not.toContain('masked:');
  });

  it('escapes what a server said', () => {
    expect(page({}, { text: '<script>' }, mask(null, '1'))).not.toContain('<script>');
  });
});
