// Characters that people read as ASCII and programs do not: digits of other scripts, full-width forms, invisible
// characters, the many hyphens and spaces. Unicode 16; test/core/masking/fold.test.ts compares with the engine's tables.
// Pure.

import { isAlnumCode, isDigitCode } from './classes.ts';

/** Zeros of the decimal digits (general category Nd) beyond ASCII; nine more follow each. */
const ZEROS =
  '660 6f0 7c0 966 9e6 a66 ae6 b66 be6 c66 ce6 d66 de6 e50 ed0 f20 1040 1090 17e0 1810 1946 19d0 1a80 1a90 1b50 1bb0 1c40 ' +
  '1c50 a620 a8d0 a900 a9d0 a9f0 aa50 abf0 ff10 104a0 10d30 10d40 11066 110f0 11136 111d0 112f0 11450 114d0 11650 116c0 ' +
  '116d0 116da 11730 118e0 11950 11bf0 11c50 11d50 11da0 11de0 11f50 16130 16a60 16ac0 16b50 16d70 1ccf0 1d7ce 1d7d8 ' +
  '1d7e2 1d7ec 1d7f6 1e140 1e2f0 1e4f0 1e5f1 1e950 1fbf0';

type Range = readonly [first: number, last: number];

const SPACES: readonly Range[] = [
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];
const HYPHENS: readonly Range[] = [
  [0x2010, 0x2015],
  [0x2043, 0x2043],
  [0x2212, 0x2212],
  [0xfe58, 0xfe58],
  [0xfe63, 0xfe63],
];
const DOTS: readonly Range[] = [
  [0xb7, 0xb7],
  [0x2024, 0x2024],
  [0x2027, 0x2027],
  [0x22c5, 0x22c5],
  [0x30fb, 0x30fb],
];
const SLASHES: readonly Range[] = [
  [0x2044, 0x2044],
  [0x2215, 0x2215],
];
/** Soft hyphen, zero-width and directional characters, variation selectors, fillers. */
const INVISIBLE: readonly Range[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
];

/** What an unlisted character folds to: itself. */
const KEPT = 0;
/** Folds to nothing. */
const DROPPED = 1;

const fold = new Uint8Array(0x10000);
const mark = (ranges: readonly Range[], to: number): void => {
  for (const [first, last] of ranges) fold.fill(to, first, last + 1);
};
mark(SPACES, 0x20);
mark(HYPHENS, 0x2d);
mark(DOTS, 0x2e);
mark(SLASHES, 0x2f);
mark(INVISIBLE, DROPPED);
for (let code = 0xff01; code <= 0xff5e; code += 1) fold[code] = code - 0xfee0;
fold[0xfe6b] = 0x40;
fold[0xb9] = 0x31;
fold[0xb2] = 0x32;
fold[0xb3] = 0x33;
for (let digit = 0; digit <= 9; digit += 1) {
  if (digit === 0 || digit > 3) fold[0x2070 + digit] = 0x30 + digit;
  fold[0x2080 + digit] = 0x30 + digit;
  if (digit > 0) fold[0x245f + digit] = 0x30 + digit;
}
fold[0x24ea] = 0x30;

const astral = new Map<number, number>();
for (const zero of ZEROS.split(' ').map((hex) => Number.parseInt(hex, 16))) {
  for (let digit = 0; digit <= 9; digit += 1) {
    if (zero < 0x10000) fold[zero + digit] = 0x30 + digit;
    else astral.set(zero + digit, 0x30 + digit);
  }
}

/** Invisible copies of ASCII, U+E0020 to U+E007E. */
const isTag = (point: number): boolean => point >= 0xe0000 && point <= 0xe007f;

/** What a code point is read as: its ASCII code, 1 for nothing, 0 for itself. */
export const foldOf = (point: number): number => {
  if (point < 0x80) return KEPT;
  if (point < 0x10000) return fold[point] ?? KEPT;
  if (isTag(point)) return point >= 0xe0020 && point < 0xe007f ? point & 0x7f : DROPPED;
  return astral.get(point) ?? KEPT;
};

export const isDropped = (folded: number): boolean => folded === DROPPED;

/** Whether folding `text` could reveal anything: separators count only beside a letter or digit. */
export const mayFold = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (code >= 0xd800 && code < 0xdc00 && foldOf(text.codePointAt(at) ?? 0) !== KEPT) return true;
    const folded = fold[code] ?? KEPT;
    if (folded !== KEPT && (isWordly(folded) || isJoined(text, at, folded))) return true;
  }
  return false;
};

/** Letters, digits, `@` and what is dropped. */
const isWordly = (folded: number): boolean =>
  folded === DROPPED ||
  folded === 0x40 ||
  (folded >= 0x30 && folded <= 0x39) ||
  ((folded | 0x20) >= 0x61 && (folded | 0x20) <= 0x7a);

/** A space counts between digits, a hyphen or dot between any two characters of a word. */
const isJoined = (text: string, at: number, folded: number): boolean => {
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at + 1)];
  return isDigitCode(before) || isDigitCode(after) || (folded !== 0x20 && isAlnumCode(before) && isAlnumCode(after));
};
