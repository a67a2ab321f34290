// IBAN, BIC and national account numbers. ISO 13616, ISO 9362; lengths and national formats from ibantools. Pure.

import { getCountrySpecifications, isValidBIC, isValidIBAN } from 'ibantools';
import { isAlnumCode, isDigitCode, isUpperCode } from '../text/classes.ts';
import type { DigitGroups } from '../text/digit-groups.ts';
import { ACCOUNT, BIC } from '../text/words.ts';
import type { Match } from './catalog.ts';
import { passesMod97 } from './checksums.ts';
import { isLabelGap } from './label-gap.ts';
import { ahead, behind, codeAt, codeBefore, type Scan } from './scan.ts';

const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  Object.entries(getCountrySpecifications()).flatMap(([country, { chars, IBANRegistry }]) =>
    IBANRegistry && chars !== null ? [[country, chars] as const] : [],
  ),
);

/** Printed in fours with a space between; some write hyphens or dots. */
const isIbanGap = (code: number): boolean => code === 0x20 || code === 0x2d || code === 0x2e || code === 0x09;

/** An IBAN at a word of two letters that digits follow. */
export const findIban = (scan: Scan, start: number, end: number): Match | undefined => {
  if (end - start !== 2 || !isDigitCode(codeAt(scan, gapEnd(scan, end)))) return undefined;
  const length = IBAN_LENGTHS.get(scan.text.slice(start, end).toUpperCase());
  if (length === undefined) return undefined;
  const read = readAlnum(scan, start, length);
  if (read === undefined || isAlnumCode(codeAt(scan, read.end))) return undefined;
  const iban = read.alnum.toUpperCase();
  return passesMod97(iban) && isValidIBAN(iban) ? { id: 'iban', start, end: read.end } : undefined;
};

const gapEnd = (scan: Scan, at: number): number => (isIbanGap(codeAt(scan, at)) ? at + 1 : at);

/** Exactly `length` letters and digits from `start`, with at most one separator between two of them. */
const readAlnum = (scan: Scan, start: number, length: number): { alnum: string; end: number } | undefined => {
  let alnum = '';
  let at = start;
  while (at < scan.end) {
    if (!isAlnumCode(scan.text.charCodeAt(at))) return undefined;
    alnum += scan.text[at];
    at += 1;
    if (alnum.length === length) return { alnum, end: at };
    at = gapEnd(scan, at);
  }
  return undefined;
};

/** A BIC is eight or eleven letters and digits, as many words are: only its context makes it one. */
export const findBic = (scan: Scan, start: number, end: number): Match | undefined => {
  if (end - start < 6 || !isUpperCode(scan.text.charCodeAt(start)) || !scan.isNear(BIC, start)) return undefined;
  if (!isLabelGap(scan.gapBefore(BIC, start))) return undefined;
  const bic = /^[A-Z0-9]{11}(?![A-Za-z0-9])|^[A-Z0-9]{8}(?![A-Za-z0-9])/.exec(ahead(scan, start, 12))?.[0];
  return bic !== undefined && isValidBIC(bic) ? { id: 'bic', start, end: start + bic.length } : undefined;
};

const ACCOUNT_MIN_DIGITS = 6;
const ACCOUNT_MAX_DIGITS = 17;

/** A number that the word "account" announces. */
export const findAccount = (scan: Scan, groups: DigitGroups): Match | undefined => {
  const { start } = groups;
  if (groups.total < ACCOUNT_MIN_DIGITS || isAlnumCode(codeBefore(scan, start))) return undefined;
  const count = accountGroups(groups);
  const end = groups.endOf(count - 1);
  if (count === 0 || isAlnumCode(codeAt(scan, end)) || isAmountOrDate(scan, start, end)) return undefined;
  if (!isLabelGap(scan.gapBefore(ACCOUNT, start))) return undefined;
  return { id: 'account', start: withPrefix(scan, start), end };
};

/** A number of its own, or short groups with one separator throughout ("12-3456-7890", "12 34 56 78"). */
const accountGroups = (groups: DigitGroups): number => {
  const gap = groups.gapAfter(0);
  let digits = groups.lengthOf(0);
  let count = 1;
  const joins = (group: number) =>
    (gap === ' ' || gap === '-') && groups.gapAfter(group - 1) === gap && (gap === '-' || digits < 9);
  while (count < groups.count && joins(count) && digits + groups.lengthOf(count) <= ACCOUNT_MAX_DIGITS) {
    digits += groups.lengthOf(count);
    count += 1;
  }
  return digits >= ACCOUNT_MIN_DIGITS && digits <= ACCOUNT_MAX_DIGITS ? count : 0;
};

const DATE = /^(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?$/;

const isAmountOrDate = (scan: Scan, start: number, end: number): boolean =>
  DATE.test(scan.text.slice(start, end)) ||
  (codeAt(scan, end) === 0x2e && isDigitCode(codeAt(scan, end + 1))) ||
  /[$€£]\s?$|\d\.$/.test(behind(scan, start, 2));

/** "AC-12345678": the letters belong to the number. */
const withPrefix = (scan: Scan, start: number): number => {
  const prefix = /(?<![A-Za-z0-9])[A-Z]{1,4}[-/]?$/.exec(behind(scan, start, 6))?.[0];
  return prefix === undefined ? start : start - prefix.length;
};
