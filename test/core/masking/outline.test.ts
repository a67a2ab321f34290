import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_LINE_BYTES, toWalEntry } from '../../../lambdas/core/ledger/line.ts';
import { outline, outlineName, outlineUri, outlineWords } from '../../../lambdas/core/masking/outline.ts';
import { intentEntry } from '../../support/builders.ts';

const MARK = 'SECRET';
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(outline(value)), 'utf8');

describe('outline', () => {
  it('keeps structure and sizes', () => {
    const value = { to: 'DE89 3704', amount: 12.5, urgent: true, note: null, items: [1, 'ab', [], {}] };
    expect(outline(value)).toEqual({
      to: '‹string 9›',
      amount: '‹number›',
      urgent: true,
      note: null,
      items: ['‹number›', '‹string 2›', [], {}],
    });
  });

  it.each([
    ['text', '‹string 4›'],
    [7, '‹number›'],
    [null, null],
    [undefined, null],
    [false, false],
  ])('outlines %j alone as %j', (value, shown) => {
    expect(outline(value)).toBe(shown);
  });

  it('counts what it leaves out', () => {
    expect(outline([1, 2, 3, 4])).toHaveLength(4);
    expect(outline([1, 2, 3, 4, 5, 6])).toEqual([...Array(4).fill('‹number›'), '‹2 more›']);
    const members = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, 1]));
    expect(outline(members(32))).not.toHaveProperty('‹more›');
    expect(outline(members(35))).toHaveProperty('‹more›', 3);
  });

  it('stops at a depth of six', () => {
    expect(JSON.stringify(outline([[[[[[[1]]]]]]]))).toBe('[[[[[["‹array 1›"]]]]]]');
    expect(JSON.stringify(outline({ a: { a: { a: { a: { a: { a: { b: 1, c: 2 } } } } } } }))).toContain('‹object 2›');
  });

  it.each([
    ['account', true],
    ['_meta', true],
    ['io.modelcontextprotocol/clientInfo', true],
    ['x-request-id', true],
    ['line123', true],
    ['a'.repeat(64), true],
    ['a'.repeat(65), false],
    ['John Smith', false],
    ['4111', false],
    ['acct4111', false],
    ['a12-34-56-78-9', false],
    ['ghp_abcdefghijklmnopqrs7', false],
    ['kontonummer für', false],
    ['', false],
  ])('keeps the member name %j: %s', (name, stays) => {
    expect(Object.keys(outline({ [name]: 1 }) as object)).toEqual([stays ? name : '‹name 0›']);
  });

  it('keeps hidden names apart', () => {
    expect(outline({ 'a b': 1, 'c d': 2 })).toEqual({ '‹name 0›': '‹number›', '‹name 1›': '‹number›' });
  });

  it('takes __proto__ for a name like any other', () => {
    const shown = outline(JSON.parse('{"__proto__":{"a":"b"}}'));
    expect(JSON.stringify(shown)).toBe('{"__proto__":{"a":"‹string 1›"}}');
  });

  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 7, withCrossShrink: true },
      fc.string().map((text) => MARK + text),
      fc.stringMatching(/^\d{4,19}$/).map(Number),
      fc.constantFrom(true, null),
      fc.array(tie('tree'), { maxLength: 40 }),
      fc.dictionary(
        fc.oneof(
          fc.constantFrom('name', 'amount', 'customer-id'),
          fc.stringMatching(/^[a-z]{0,5}\d{6,19}[a-z]?$/),
          fc.string().map((text) => `${MARK} ${text}`),
        ),
        tie('tree'),
        { maxKeys: 40 },
      ),
    ),
  }));

  it('shows no value and no name that may be data', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const shown = JSON.stringify(outline(value));
        expect(shown).not.toContain(MARK);
        expect(shown).not.toMatch(/\d{6}/);
      }),
    );
  });

  describe('of something huge', () => {
    const wide = (width: number, depth: number, name: (index: number) => string, leaf: unknown): unknown =>
      depth === 0
        ? leaf
        : Object.fromEntries(Array.from({ length: width }, (_, at) => [name(at), wide(width, depth - 1, name, leaf)]));
    const letters = (index: number) => String.fromCharCode(97 + (index % 26)) + String.fromCharCode(97 + index / 26);
    const long = (index: number) => 'n'.repeat(62) + letters(index);
    const text = 'x'.repeat(1_000_000);

    it.each<[string, unknown]>([
      ['wide', wide(40, 3, letters, text)],
      ['wide with long names', wide(40, 3, long, text)],
      ['one wide object of wide objects', wide(33, 2, long, text)],
      ['with names of other scripts', wide(33, 3, (index) => `名${'前'.repeat(50)}${index}`, text)],
      ['with names of one character', wide(33, 2, (index) => String.fromCharCode(0x4e00 + index), text)],
      ['narrow and deep', wide(3, 9, long, text)],
      ['full of empty containers', wide(33, 2, (index) => String.fromCharCode(0x4e00 + index), [])],
      ['full of long lists', wide(33, 2, letters, Array(1000).fill(text))],
      ['lists of lists', Array(9).fill(Array(9).fill(Array(9).fill(Array(9).fill(wide(40, 1, long, text)))))],
      ['text of other scripts', wide(33, 2, letters, '😀'.repeat(500_000))],
      ['a list of a million', Array(1_000_000).fill(text)],
    ])('stays under 20 KB: %s', (_what, value) => {
      expect(bytesOf(value)).toBeLessThan(20_000);
    });

    it('stays under 20 KB for any structure, and its entry under the limit', () => {
      fc.assert(
        fc.property(tree, (value) => {
          expect(bytesOf([value, value, value])).toBeLessThan(20_000);
          const args = { bytes: '1', kid: 'k', ct: 'c', pt: 'p', at: 'object', masked: outline(value) } as const;
          expect(Buffer.byteLength(toWalEntry(intentEntry({ args })).line)).toBeLessThan(MAX_LINE_BYTES);
        }),
      );
    });
  });
});

describe('outlineName', () => {
  it.each([
    'wire_transfer',
    'core-banking.getBalance/v2',
    'tools/call',
    'notifications/cancelled',
    '2026-07-28',
    '_x',
    'listRecentTransactionsForCustomerAccount',
    '019a7d10-0000-7000-8000-000000000001',
    'a'.repeat(128),
  ])('keeps %s', (name) => {
    expect(outlineName(name)).toBe(name);
  });

  it.each([
    '',
    'a b',
    '-a',
    'a'.repeat(129),
    'a\nb',
    'é',
    '123456',
    '123-45-6789',
    '4111-1111-1111-1111',
    'sk_4eC39HqLyjWDarjtT1zdp7dc',
  ])('reduces %j to its size', (name) => {
    expect(outlineName(name)).toBe(`‹name ${name.length}›`);
  });
});

describe('outlineWords', () => {
  it('keeps words within the length and reduces the rest', () => {
    expect(outlineWords('Claude Code (2.1)', 20)).toBe('Claude Code (2.1)');
    expect(outlineWords('', 20)).toBe('');
    expect(outlineWords('Claude Code (2.1)', 16)).toBe('‹string 17›');
    expect(outlineWords('a<b', 20)).toBe('‹string 3›');
    expect(outlineWords('call 4111 1111 1111 1111', 50)).toBe('‹string 24›');
  });
});

describe('outlineUri', () => {
  it.each([
    ['bank://accounts/1234/balance', 'bank://accounts/‹13›'],
    ['bank://accounts', 'bank://accounts'],
    ['https://host.example:8443?q=1', 'https://host.example:8443/‹4›'],
    ['https://10.20.30.140/x', 'https://10.20.30.140/‹2›'],
    ['file:///home/ana', 'file:///‹9›'],
    ['bank://accounts/a\nb', 'bank://accounts/‹4›'],
  ])('keeps scheme and authority of %j', (uri, shown) => {
    expect(outlineUri(uri)).toBe(shown);
  });

  it.each([
    'not a uri',
    'urn:isbn:123',
    'bank://4111/x',
    'bank://123-45-678.9/x',
    'a123-45-6789://x',
    'https://user:pass@host.example/',
    'https://token@host.example/',
    'https://host.example:123456/',
    `https://${'a'.repeat(64)}/`,
    'HTTPS://HOST/',
  ])('reduces %j to its size', (uri) => {
    expect(outlineUri(uri)).toBe(`‹uri ${uri.length}›`);
  });
});
