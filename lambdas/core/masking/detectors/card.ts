// Payment card numbers: issuer range and length from credit-card-type, check digit by Luhn, however they are grouped. A
// number with all three right is a card whatever stands beside it: a wrong guess masks one order number in a hundred, a
// missed one shows a card. Pure.

import creditCardType from 'credit-card-type';
import { isAlnumCode, isDigitCode } from '../text/classes.ts';
import type { DigitGroups } from '../text/digit-groups.ts';
import type { Match } from './catalog.ts';
import { passesLuhn } from './checksums.ts';
import { codeAt, codeBefore, type Scan } from './scan.ts';

interface IssuerRange {
  readonly low: string;
  readonly high: string;
  readonly lengths: readonly number[];
}

/** Any number that begins with 6 passes as a Maestro card in the library: right for a form field, not for a search. */
const isSpecific = (pattern: number | readonly number[]): boolean => pattern !== 6;

const MIN_DIGITS = 13;
const MAX_DIGITS = 19;

const rangesOf = (type: string): IssuerRange[] => {
  const { patterns, lengths } = creditCardType.getTypeInfo(type);
  const usable = lengths.filter((length) => length >= MIN_DIGITS);
  return patterns.filter(isSpecific).map((pattern) => {
    const [low, high] = Array.isArray(pattern) ? pattern : [pattern, pattern];
    return { low: String(low), high: String(high), lengths: type === 'visa' ? [MIN_DIGITS, ...usable] : usable };
  });
};

const RANGES_BY_FIRST_DIGIT: readonly (readonly IssuerRange[])[] = (() => {
  const all = Object.values(creditCardType.types).flatMap(rangesOf);
  return Array.from({ length: 10 }, (_, digit) =>
    all.filter(({ low, high }) => Number(low[0]) <= digit && digit <= Number(high[0])),
  );
})();

const hasIssuer = (digits: string): boolean =>
  (RANGES_BY_FIRST_DIGIT[digits.charCodeAt(0) - 0x30] ?? []).some(
    ({ low, high, lengths }) =>
      lengths.includes(digits.length) && digits.slice(0, low.length) >= low && digits.slice(0, high.length) <= high,
  );

const isCard = (digits: string): boolean =>
  digits.length >= MIN_DIGITS && digits.length <= MAX_DIGITS && passesLuhn(digits) && hasIssuer(digits);

/** As cards are embossed (4-4-4-4, American Express 4-6-5, Diners 4-6-4), typed in halves, or read out. */
const SHAPES: readonly (readonly number[])[] = [
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4, 2],
  [4, 4, 4, 4, 1],
  [4, 4, 4, 4],
  [4, 4, 4, 3],
  [4, 4, 4, 2],
  [4, 4, 4, 1],
  [4, 4, 5],
  [4, 6, 5],
  [4, 6, 4],
  [6, 10],
  [6, 13],
  [8, 8],
];

export const findCard = (scan: Scan, groups: DigitGroups): Match | undefined => {
  if (groups.total < MIN_DIGITS || !isFreeBefore(scan, groups)) return undefined;
  const first = groups.lengthOf(0);
  if (first >= MIN_DIGITS) return cardOf(scan, groups, 1);
  if (first <= 2) return cardOf(scan, groups, evenGroups(groups, first));
  for (const shape of SHAPES) {
    if (shape[0] !== first || !groups.hasShape(shape) || groups.continuesAfter(shape.length)) continue;
    const match = cardOf(scan, groups, shape.length);
    if (match !== undefined) return match;
  }
  return undefined;
};

/** The card that the first groups make. */
const cardOf = (scan: Scan, groups: DigitGroups, count: number): Match | undefined => {
  if (count === 0) return undefined;
  const end = groups.endOf(count - 1);
  if (isAlnumCode(codeAt(scan, end)) || !isCard(groups.digits(count))) return undefined;
  return { id: 'card', start: groups.start, end };
};

/** All digits one by one, or in pairs, with one and the same thing between. */
const evenGroups = (groups: DigitGroups, length: number): number => {
  const count = groups.countEven();
  const digits = count * length;
  return digits >= MIN_DIGITS && digits <= MAX_DIGITS ? count : 0;
};

/**
 * A card does not begin inside a longer number, a decimal fraction or a hexadecimal word. A word right before it that is
 * no hexadecimal ("PAN4111…") hides nothing.
 */
const isFreeBefore = (scan: Scan, groups: DigitGroups): boolean => {
  const { start } = groups;
  const before = codeBefore(scan, start);
  if (before === 0x2e) return !isDigitCode(codeBefore(scan, start - 1));
  if (!isAlnumCode(before)) return true;
  const word = /[A-Za-z]{2,12}$/.exec(scan.text.slice(Math.max(scan.start, start - 12), start))?.[0] ?? '';
  return /[g-z]/i.test(word) && !isDigitCode(codeBefore(scan, start - word.length));
};
