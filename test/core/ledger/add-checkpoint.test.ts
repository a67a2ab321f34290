// Bodies of add-checkpoint, against the example of C2SP tlog-witness, and refused for every deviation.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAddCheckpoint,
  formatSizeBody,
  MAX_ADD_CHECKPOINT_BYTES,
  parseAddCheckpoint,
  parseSizeBody,
} from '../../../lambdas/core/ledger/add-checkpoint.ts';
import { parseNote } from '../../../lambdas/core/ledger/note.ts';

const EXAMPLE = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\u2014 example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`;
const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const faultOf = (text: string): string => {
  const parsed = parseAddCheckpoint(bytes(text));
  return parsed.ok ? 'ok' : parsed.error.detail;
};
const HASH = `${Buffer.alloc(32).toString('base64')}\n`;

describe('parseAddCheckpoint', () => {
  it('reads the example of the specification, which prints back to itself', () => {
    const parsed = parseAddCheckpoint(bytes(EXAMPLE));
    if (!parsed.ok) throw new Error(parsed.error.detail);
    expect(parsed.value).toMatchObject({ oldSize: 20_852_014 });
    expect(parsed.value.proof).toHaveLength(4);
    expect(parseNote(parsed.value.checkpoint).ok).toBe(true);
    expect(formatAddCheckpoint(parsed.value)).toBe(EXAMPLE);
  });

  it('takes an empty proof, and one of 63 hashes', () => {
    expect(faultOf('old 0\n\nlog\n')).toBe('ok');
    expect(faultOf(`old 9007199254740991\n${HASH.repeat(63)}\nlog\n`)).toBe('ok');
  });

  it.each([
    ['nothing', '', /no empty line/],
    ['a checkpoint alone', EXAMPLE.slice(EXAMPLE.indexOf('example.com')), /the first line is not "old/],
    ['no empty line', 'old 0\nlog\n', /no empty line/],
    ['an old size with a zero before it', 'old 01\n\nlog\n', /the first line/],
    ['a negative old size', 'old -1\n\nlog\n', /the first line/],
    ['an old size beyond the safe integers', 'old 9007199254740992\n\nlog\n', /the first line/],
    ['two spaces', 'old  1\n\nlog\n', /the first line/],
    ['64 hashes', `old 1\n${HASH.repeat(64)}\nlog\n`, /more than 63/],
    ['a hash of 31 bytes', `old 1\n${Buffer.alloc(31).toString('base64')}\n\nlog\n`, /a line of the proof/],
    ['base64 that prints otherwise', `old 1\n${HASH.replace('A=', 'B=')}\nlog\n`, /a line of the proof/],
    ['a carriage return', 'old 1\r\n\nlog\n', /the first line/],
    ['a body over the limit', `old 1\n\n${'x'.repeat(MAX_ADD_CHECKPOINT_BYTES)}`, /longer than/],
  ])('refuses %s', (_, text, fault) => {
    expect(faultOf(text)).toMatch(fault);
  });

  it('refuses bytes that are not UTF-8, and never throws', () => {
    expect(parseAddCheckpoint(Buffer.from('6f6c6420300a0aff', 'hex'))).toMatchObject({ ok: false });
    fc.assert(fc.property(fc.uint8Array(), (random) => void parseAddCheckpoint(random)));
  });
});

describe('the size in a 409', () => {
  it.each([0, 1, 20_852_014])('%i prints and reads back', (size) => {
    expect(parseSizeBody(bytes(formatSizeBody(size)))).toBe(size);
  });

  it.each(['', '5', '5\n\n', ' 5\n', '05\n', '-1\n', '1e3\n', 'five\n'])('refuses %j', (text) => {
    expect(parseSizeBody(bytes(text))).toBeUndefined();
  });
});
