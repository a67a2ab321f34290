// Numbers of the United States: SSN, ITIN, EIN, ABA. None but the ABA number has a check digit, so a shape that people
// use for nothing else (123-45-6789), or a word beside it, has to say what it is. Pure.

import { isAlnumCode, isDigitCode } from '../text/classes.ts';
import type { DigitGroups } from '../text/digit-groups.ts';
import type { DetectorId, Match } from './catalog.ts';
import { passesAba } from './checksums.ts';
import { behind, codeAt, codeBefore, type Scan } from './scan.ts';

/** SSA: no area 000, 666 or 9xx, no group 00, no serial 0000. */
const isSsn = (digits: string): boolean => /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digits);

/** IRS: 9xx, and fourth and fifth digit 50-65, 70-88, 90-92 or 94-99. */
const isItin = (digits: string): boolean => /^9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\d{4}$/.test(digits);

/** IRS: prefixes of the campuses and of the internet; the others are not assigned. */
const isEin = (digits: string): boolean =>
  /^(?:0[1-6]|1[0-6]|2[0-7]|3[0-9]|4[0-8]|5[0-9]|6[0-8]|7[1-7]|8[0-8]|9[0-589])\d{7}$/.test(digits) &&
  digits.slice(2) !== '0000000';

const SSN_SHAPE = [3, 2, 4];
const HYPHEN = 0x2d;
const EIN_SHAPE = [2, 7];
const ABA_SHAPES = [
  [4, 4, 1],
  [3, 3, 3],
];

/** Whether neither a letter nor another group of the same number stands at its ends. */
const standsAlone = (scan: Scan, start: number, end: number, gap: number): boolean => {
  const before = codeBefore(scan, start);
  const after = codeAt(scan, end);
  if ((isAlnumCode(before) && !isFedwireCode(scan, start)) || isAlnumCode(after)) return false;
  const joins = (code: number) => code === gap || code === 0x2e || code === 0x2d;
  if (joins(before) && isDigitCode(codeBefore(scan, start - 1))) return false;
  return !(joins(after) && isDigitCode(codeAt(scan, end + 1)) && gap !== 0x20 && after === gap);
};

/** `//FW` before an ABA number: a SWIFT message's way to say what it is. */
const isFedwireCode = (scan: Scan, start: number): boolean => behind(scan, start, 4) === '//FW';

const gapOf = (groups: DigitGroups, count: number): number => {
  const gap = groups.gapAfter(0);
  for (let group = 1; group + 1 < count; group += 1) if (groups.gapAfter(group) !== gap) return -1;
  return gap.length === 1 ? gap.charCodeAt(0) : -1;
};

const inShape = (scan: Scan, groups: DigitGroups, gaps: (gap: number) => boolean): Match | undefined => {
  if (!groups.hasShape(SSN_SHAPE)) return undefined;
  const { start } = groups;
  const end = groups.endOf(2);
  const gap = gapOf(groups, 3);
  if (!gaps(gap) || !standsAlone(scan, start, end, gap)) return undefined;
  const digits = groups.digits(3);
  if (isSsn(digits)) return { id: 'ssn', start, end };
  return isItin(digits) ? { id: 'itin', start, end } : undefined;
};

/** SSN and ITIN by their hyphens alone. */
export const findHyphenatedSsn = (scan: Scan, groups: DigitGroups): Match | undefined =>
  inShape(scan, groups, (gap) => gap === HYPHEN);

/** With any one separator, where the context says so. */
export const findSpacedSsn = (scan: Scan, groups: DigitGroups): Match | undefined =>
  inShape(scan, groups, (gap) => gap !== -1);

/** EIN in its shape, where the context says so. */
export const findEin = (scan: Scan, groups: DigitGroups): Match | undefined => {
  if (!groups.hasShape(EIN_SHAPE) || !isEin(groups.digits(2))) return undefined;
  const end = groups.endOf(1);
  return standsAlone(scan, groups.start, end, HYPHEN) ? { id: 'ein', start: groups.start, end } : undefined;
};

type Kind = readonly [id: DetectorId, isValid: (digits: string) => boolean];

/** Nine digits in a row, or an ABA number in threes: what they are is for their context to say. */
const nineDigits =
  (...kinds: readonly Kind[]) =>
  (scan: Scan, groups: DigitGroups): Match | undefined => {
    const count = nineDigitGroups(groups);
    if (count === 0) return undefined;
    const { start } = groups;
    const end = groups.endOf(count - 1);
    if (!standsAlone(scan, start, end, HYPHEN)) return undefined;
    const digits = groups.digits(count);
    const kind = kinds.find(([id, isValid]) => scan.isOn(id) && isValid(digits));
    return kind === undefined ? undefined : { id: kind[0], start, end };
  };

export const findPlainSsn = nineDigits(['ssn', isSsn], ['itin', isItin]);
export const findPlainTaxId = nineDigits(['ssn', isSsn], ['itin', isItin], ['ein', isEin]);
export const findPlainEin = nineDigits(['ein', isEin]);
export const findAba = nineDigits(['aba', passesAba]);

const nineDigitGroups = (groups: DigitGroups): number => {
  if (groups.lengthOf(0) === 9) return 1;
  return ABA_SHAPES.some((shape) => groups.hasShape(shape)) ? 3 : 0;
};
