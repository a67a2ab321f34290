// Characters written as something else inside text: `%34`, `&#52;`, `&amp;`, `\u0034`, `\x34`. Pure.

import { isDigitCode } from './classes.ts';

export interface Escaped {
  readonly point: number;
  /** Where the escape ends. */
  readonly end: number;
}

const PERCENT = 0x25;
const AMPERSAND = 0x26;
const BACKSLASH = 0x5c;

/** Names that stand for characters of a number, a date or an address; others cannot hide one. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  hyphen: '-',
  dash: '-',
  ndash: '-',
  mdash: '-',
  minus: '-',
  shy: '\u00ad',
  period: '.',
  comma: ',',
  colon: ':',
  semi: ';',
  sol: '/',
  bsol: '\\',
  num: '#',
  commat: '@',
  lpar: '(',
  rpar: ')',
  plus: '+',
  lowbar: '_',
  equals: '=',
  excl: '!',
  percnt: '%',
  Tab: '\t',
  NewLine: '\n',
  zwj: '\u200d',
  zwnj: '\u200c',
};

/** The escape at `at`, which stands on `%`, `&` or a backslash. */
export const escapeAt = (text: string, at: number): Escaped | undefined => {
  const code = text.charCodeAt(at);
  if (code === PERCENT) return percentAt(text, at);
  if (code === AMPERSAND) return entityAt(text, at);
  return code === BACKSLASH ? backslashAt(text, at) : undefined;
};

const hexAt = (text: string, at: number, digits: number): number => {
  let value = 0;
  for (let index = 0; index < digits; index += 1) {
    const code = text.charCodeAt(at + index);
    const digit = isDigitCode(code) ? code - 0x30 : (code | 0x20) - 0x57;
    if (!(digit >= 0 && digit < 16)) return -1;
    value = value * 16 + digit;
  }
  return value;
};

/** UTF-8 in percents; `%u0034`, which some browsers wrote, as well. */
const percentAt = (text: string, at: number): Escaped | undefined => {
  if ((text.charCodeAt(at + 1) | 0x20) === 0x75) return pointAt(hexAt(text, at + 2, 4), at + 6);
  const first = hexAt(text, at + 1, 2);
  if (first < 0x80) return pointAt(first, at + 3);
  const length = sequenceLength(first);
  let point = first & (0xff >> (length + 1));
  for (let index = 1; index < length; index += 1) {
    const byte = text.charCodeAt(at + 3 * index) === PERCENT ? hexAt(text, at + 3 * index + 1, 2) : -1;
    if (byte < 0x80 || byte > 0xbf) return undefined;
    point = (point << 6) | (byte & 0x3f);
  }
  return length === 0 ? undefined : pointAt(point, at + 3 * length);
};

/** Bytes of a UTF-8 sequence by its first (RFC 3629); 0 for none. */
const sequenceLength = (first: number): number => {
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
};

const MAX_ENTITY = 12;
const ENTITY = /^&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]{2,8}));?/;

const entityAt = (text: string, at: number): Escaped | undefined => {
  const found = ENTITY.exec(text.slice(at, at + MAX_ENTITY));
  if (found === null) return undefined;
  const [whole, decimal, hex, name] = found;
  const end = at + whole.length;
  if (decimal !== undefined) return pointAt(Number.parseInt(decimal, 10), end);
  if (hex !== undefined) return pointAt(Number.parseInt(hex, 16), end);
  const char = name !== undefined && Object.hasOwn(ENTITIES, name) && whole.endsWith(';') ? ENTITIES[name] : undefined;
  return char === undefined ? undefined : { point: char.charCodeAt(0), end };
};

const backslashAt = (text: string, at: number): Escaped | undefined => {
  const kind = text.charCodeAt(at + 1);
  if (kind === 0x75) return pointAt(hexAt(text, at + 2, 4), at + 6);
  return kind === 0x78 ? pointAt(hexAt(text, at + 2, 2), at + 4) : undefined;
};

const pointAt = (point: number, end: number): Escaped | undefined =>
  point > 0 && point <= 0x10ffff ? { point, end } : undefined;
