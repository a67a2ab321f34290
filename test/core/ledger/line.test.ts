import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../lambdas/core/ledger/entry.ts';
import {
  canonicalLine,
  dayPartition,
  leafHash,
  MAX_LINE_BYTES,
  sessionPartition,
  toWalEntry,
} from '../../../lambdas/core/ledger/line.ts';
import {
  closeEntry,
  deniedEntry,
  intentEntry,
  openEntry,
  outcomeEntry,
  SID,
  segmentEntry,
} from '../../support/builders.ts';
import { wellFormedText } from '../any-text.ts';

const canonical = (value: unknown): string => canonicalLine(value as Entry);

describe('canonicalLine', () => {
  it('writes the sample of RFC 8785 section 3.2.2', () => {
    const sample = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`);
    expect(canonical(sample)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts names as RFC 8785 section 3.2.3 does, by UTF-16 code units', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const line = canonical(Object.fromEntries(names.map((name) => [name, 0])));
    expect(Object.keys(JSON.parse(line))).toHaveLength(7);
    expect([...line.matchAll(/"([^"]+)":/g)].map(([, name]) => name)).toEqual([
      '\\r',
      '1',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\ud83d\ude00',
      '\ufb33',
    ]);
  });

  // RFC 8785 appendix B: IEEE 754 bits, canonical text.
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the number %s as %s', (bits, text) => {
    expect(canonical([Buffer.from(bits, 'hex').readDoubleBE(0)])).toBe(`[${text}]`);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800'])('has no form for %s', (value) => {
    expect(() => canonical([value])).toThrow();
  });

  it('does not take what is no JSON', () => {
    expect(() => canonical(undefined)).toThrow(TypeError);
  });

  it('is one line, whatever the entry holds', () => {
    fc.assert(
      fc.property(wellFormedText, (text) => {
        expect(canonical({ text })).not.toMatch(/[\n\r]/);
      }),
    );
  });

  it('takes a line of the longest length, in bytes, and no byte more', () => {
    const of = (bytes: number) => canonical({ a: `${'é'.repeat(10)}${'x'.repeat(bytes - 28)}` });
    expect(Buffer.byteLength(of(MAX_LINE_BYTES))).toBe(60_000);
    expect(() => of(MAX_LINE_BYTES + 1)).toThrow(RangeError);
  });
});

describe('leafHash', () => {
  // The leaf hashes that certificate-transparency implementations test against.
  it.each([
    ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    ['\0', '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7'],
  ])('is the RFC 6962 hash of %j', (line, hash) => {
    expect(leafHash(line)).toBe(hash);
  });

  it('hashes the UTF-8 bytes behind a zero', () => {
    const bytes = Buffer.concat([Buffer.from([0]), Buffer.from('€😀', 'utf8')]);
    expect(leafHash('€😀')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});

describe('toWalEntry', () => {
  it('keeps the line, its hash, and its place among unsealed entries', () => {
    const entry = intentEntry();
    const wal = toWalEntry(entry);
    expect(wal).toMatchObject({ type: 'call.intent', line: canonicalLine(entry), leafHash: leafHash(wal.line) });
    expect(wal.position).toBe(`${entry.ts}#${entry.id}`);
  });

  it('puts the entries of a session in the order in which they happened', () => {
    const inOrder: Entry[] = [
      openEntry(),
      intentEntry(),
      segmentEntry(),
      segmentEntry({ part: '2' }),
      segmentEntry({ part: '10' }),
      segmentEntry({ part: '999999' }),
      outcomeEntry(),
      intentEntry({ seq: '2' }),
      outcomeEntry({ seq: '2' }),
      intentEntry({ seq: '10' }),
      outcomeEntry({ seq: '10' }),
      intentEntry({ seq: '4300000' }),
      closeEntry(),
    ];
    const placed = inOrder.map(toWalEntry);
    expect(new Set(placed.map(({ partition }) => partition))).toEqual(new Set([`session#${SID}`]));
    const sorts = placed.map(({ sort }) => sort);
    expect(sorts).toEqual(sorts.toSorted());
    expect(new Set(sorts).size).toBe(sorts.length);
  });

  it.each([
    ['intent', intentEntry, { id: 'other', ms: '9' }],
    ['outcome', outcomeEntry, { id: 'other', callId: 'other' }],
  ] as const)('has one place for the %s of an exchange, whatever else it says', (_what, entry, over) => {
    expect(toWalEntry(entry(over)).sort).toBe(toWalEntry(entry()).sort);
    expect(toWalEntry(entry({ seq: '2' })).sort).not.toBe(toWalEntry(entry()).sort);
  });

  it('puts what belongs to no session outside any, under their day and in order of time', () => {
    const [first, second] = [deniedEntry(), deniedEntry({ ts: '2026-11-22T10:00:00.001Z', id: '0' })].map(toWalEntry);
    expect(first?.partition).toBe('day#2026-11-22');
    expect((first?.sort ?? '') < (second?.sort ?? '')).toBe(true);
    for (const type of ['call.denied', 'policy.changed'])
      expect(toWalEntry({ ...deniedEntry(), type } as Entry).partition).toBe('day#2026-11-22');
  });
});

describe('sessionPartition and dayPartition', () => {
  it('cannot be mistaken for one another', () => {
    expect(sessionPartition('2026-11-22')).toBe('session#2026-11-22');
    expect(dayPartition('2026-11-22')).toBe('day#2026-11-22');
  });
});
