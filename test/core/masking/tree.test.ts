import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ARRAY,
  childrenOf,
  type JsonNode,
  OBJECT,
  STRING,
  stringText,
} from '../../../lambdas/core/masking/json/nodes.ts';
import { longStringText } from '../../../lambdas/core/masking/json/string-edits.ts';
import { TreeReader } from '../../../lambdas/core/masking/json/tree.ts';
import { finish } from '../../../lambdas/core/masking/work.ts';
import { anyText } from '../any-text.ts';

const read = (text: string, slice = Number.POSITIVE_INFINITY): TreeReader => {
  const reader = new TreeReader(text, 64);
  while (!reader.advance(slice));
  return reader;
};

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** The value that the spans make. */
const valueAt = (text: string, node: JsonNode): unknown => {
  if (node.kind === OBJECT)
    return Object.fromEntries(childrenOf(node).map((item) => [stringText(text, item.key), valueAt(text, item)]));
  if (node.kind === ARRAY) return childrenOf(node).map((item) => valueAt(text, item));
  return node.kind === STRING ? stringText(text, node) : JSON.parse(text.slice(node.start, node.end));
};

describe('TreeReader', () => {
  it('reads what JSON.parse reads, in slices of any size', () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 1, max: 50 }), fc.nat(2), (json, slice, spaces) => {
        const text = JSON.stringify(JSON.parse(json), null, spaces);
        const reader = read(text, slice);
        expect(reader.fault).toBeUndefined();
        expect(valueAt(text, [...reader.roots()][0]!)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses what JSON.parse refuses', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '1',
      '-',
      '0',
      '.5',
      'e9',
      'true',
      'nul',
      ' ',
      '\\',
      '\\u00',
      '\n',
      '\u0001',
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 10 }).map((each) => each.join('')),
      anyText,
      fc
        .tuple(fc.json(), fc.nat(), anyText)
        .map(([json, at, extra]) => json.slice(0, at % (json.length + 1)) + extra + json.slice(at % (json.length + 1))),
    );
    fc.assert(
      fc.property(text, (each) => {
        const reader = read(each);
        expect([each, reader.fault === undefined && [...reader.roots()].length === 1]).toEqual([each, parses(each)]);
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses nesting beyond its limit, and not at it', () => {
    expect(read('['.repeat(64) + ']'.repeat(64)).fault).toBeUndefined();
    expect(read('['.repeat(65) + ']'.repeat(65)).fault).toEqual({ reason: 'too_deep' });
  });

  it.each([
    ['{"a":1}\n{"a":2}', 2],
    ['[1] [2]', 2],
    ['{"a":1}', 1],
  ])('reads JSON Lines: %j', (text, count) => {
    const reader = new TreeReader(text, 64, 'many');
    reader.advance(1000);
    expect([reader.fault, [...reader.roots()].length]).toEqual([undefined, count]);
  });

  it.each(['"quoted" 5502-1456', '1 2', '{"a":1} x'])('takes other texts for no JSON: %j', (text) => {
    const reader = new TreeReader(text, 64, 'many');
    reader.advance(1000);
    expect(reader.fault?.reason).toBe('invalid_json');
  });
});

describe('longStringText', () => {
  // Longer than a piece, and with escapes wherever one may end.
  it.each([
    ['JSON in text', JSON.stringify([{ a: 'b', c: '\n' }]).repeat(20_000)],
    ['nothing but escapes', '\\'.repeat(300_000)],
    ['escapes of six characters', '\u0001'.repeat(150_000)],
    ['few escapes', `${'x'.repeat(262_140)}"${'y'.repeat(300_000)}\u0001`],
    ['characters beyond the first plane', '😀\n'.repeat(100_000)],
  ])('is what JSON.parse reads: %s', (_what, value) => {
    for (const before of ['', 'a', 'ab', '"'])
      for (const text of [JSON.stringify(before + value), JSON.stringify({ [before]: value })]) {
        const [root] = read(text).roots();
        const node = root?.kind === OBJECT ? root.first! : root!;
        expect(finish(longStringText(text, node)) === JSON.parse(text.slice(node.start, node.end))).toBe(true);
      }
  });
});
