import { describe, expect, it } from 'vitest';
import { foldOf, isDropped, mayFold } from '../../../lambdas/core/masking/text/fold.ts';

const everyPoint = function* (): Generator<[number, string]> {
  for (let point = 0x80; point < 0x110000; point += 1)
    if (point < 0xd800 || point > 0xdfff) yield [point, String.fromCodePoint(point)];
};

describe('foldOf', () => {
  it('reads every decimal digit of Unicode', () => {
    const wrong: string[] = [];
    let value = 0;
    let last = 0;
    for (const [point, char] of everyPoint()) {
      if (!/\p{Nd}/u.test(char)) continue;
      value = point === last + 1 ? (value + 1) % 10 : 0;
      last = point;
      if (foldOf(point) !== 0x30 + value) wrong.push(point.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  it('reads full-width forms as NFKC does', () => {
    for (let point = 0xff01; point <= 0xff5e; point += 1)
      expect(String.fromCharCode(foldOf(point))).toBe(String.fromCharCode(point).normalize('NFKC'));
  });

  it('drops what nobody sees, and nothing that anybody does', () => {
    for (const [point, char] of everyPoint()) {
      if (/\p{Cf}/u.test(char) && /\p{Default_Ignorable_Code_Point}/u.test(char) && point < 0x10000)
        expect([point.toString(16), isDropped(foldOf(point))]).toEqual([point.toString(16), true]);
      if (isDropped(foldOf(point)))
        expect([
          point.toString(16),
          /[\p{L}\p{N}\p{S}]/u.test(char) && !/\p{Default_Ignorable_Code_Point}/u.test(char),
        ]).toEqual([point.toString(16), false]);
    }
  });

  it('reads invisible copies of ASCII', () => {
    expect(foldOf(0xe0034)).toBe(0x34);
    expect(isDropped(foldOf(0xe0001))).toBe(true);
  });
});

describe('mayFold', () => {
  it.each([
    ['naïve café – résumé', false],
    ['日本語のテキスト、はい。', false],
    ['1\u00a0000', true],
    ['sample\u2011bank', true],
    ['a\u200bb', true],
    ['４', true],
    ['😀', false],
    ['\u{1d7d8}', true],
  ])('%j: %s', (text, expected) => {
    expect(mayFold(text)).toBe(expected);
  });
});
