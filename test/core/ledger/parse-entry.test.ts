import { describe, expect, it } from 'vitest';
import { canonicalLine, leafHash } from '../../../lambdas/core/ledger/line.ts';
import { parseEntry } from '../../../lambdas/core/ledger/parse-entry.ts';
import { intentEntry, outcomeEntry } from '../../support/builders.ts';
import { accepted, refused, verdict } from '../../support/result.ts';

const parse = (line: string) => parseEntry(line, leafHash(line));

describe('parseEntry', () => {
  it.each([intentEntry(), outcomeEntry()])('reads back what was written', (entry) => {
    expect(accepted(parse(canonicalLine(entry)))).toEqual(entry);
  });

  it('refuses a line that was changed after its leaf was stored', () => {
    const line = canonicalLine(intentEntry());
    const changed = line.replace('get_balance', 'get_balanse');
    expect(refused(parseEntry(changed, leafHash(line)))).toEqual({
      reason: 'leaf_mismatch',
      expected: leafHash(line),
      got: leafHash(changed),
    });
  });

  it.each(['', '{', '[]', 'null', '"a"', '{}', '{"v":1}', '{"type":"a"}', '{"type":"a","v":"1"}', '{"type":1,"v":1}'])(
    'refuses %j as no entry',
    (line) => {
      expect(verdict(parse(line))).toBe('not_an_entry');
    },
  );

  it.each([
    ['members in another order', '{"v":1,"type":"a"}'],
    ['white space', '{"type":"a", "v":1}'],
    ['a member twice', '{"type":"b","type":"a","v":1}'],
    ['a number in another form', '{"type":"a","v":1.0}'],
    ['an escape that is not needed', '{"type":"\\u0061","v":1}'],
    ['a line end', '{"type":"a","v":1}\n'],
    ['half a surrogate pair', '{"type":"\\ud800","v":1}'],
    ['more bytes than an entry has', `{"type":"${'a'.repeat(60_000)}","v":1}`],
  ])('refuses an entry with %s', (_what, line) => {
    expect(verdict(parse(line))).toBe('not_canonical');
  });
});
