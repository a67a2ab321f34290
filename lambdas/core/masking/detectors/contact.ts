// Telephone numbers and email addresses. Which numbers a country has is taken from libphonenumber's metadata. Pure.

import { Metadata, type MetadataJson, type NumberingPlan } from 'libphonenumber-js/core';
import metadataJson from 'libphonenumber-js/min/metadata';
import { isAlnumCode } from '../text/classes.ts';
import type { DigitGroups } from '../text/digit-groups.ts';
import { PHONE, REFERENCE } from '../text/words.ts';
import type { Match } from './catalog.ts';
import { isLabelGap } from './label-gap.ts';
import { ahead, codeAt, codeBefore, type Scan } from './scan.ts';

interface Plan {
  readonly lengths: readonly number[];
  readonly pattern: RegExp;
}

/** Documented by the library, but not in its types. */
interface PatternedPlan extends NumberingPlan {
  nationalNumberPattern(): string;
}

const metadata: MetadataJson = metadataJson;
const CODES: Readonly<Record<string, readonly string[]>> = metadata.country_calling_codes;
/** Numbering plans by country calling code, made when the first number with that code comes: there are 245. */
const plans = new Map<string, readonly Plan[]>();

const planOf = (country: string): Plan => {
  const reader = new Metadata(metadata);
  reader.selectNumberingPlan(country as Parameters<Metadata['selectNumberingPlan']>[0]);
  const { numberingPlan } = reader;
  if (numberingPlan === undefined) throw new Error(`libphonenumber has no numbering plan of ${country}`);
  return {
    lengths: numberingPlan.possibleLengths(),
    pattern: new RegExp(`^(?:${(numberingPlan as PatternedPlan).nationalNumberPattern()})$`),
  };
};

const plansOf = (code: string): readonly Plan[] => {
  const known = plans.get(code) ?? (Object.hasOwn(CODES, code) ? (CODES[code] ?? []) : []).map(planOf);
  plans.set(code, known);
  return known;
};

const isNational = (code: string, national: string): boolean =>
  plansOf(code).some(({ lengths, pattern }) => lengths.includes(national.length) && pattern.test(national));

/** Whether the digits after `+` are a telephone number of some country. */
const isInternational = (digits: string): boolean => {
  for (let length = 1; length <= 3; length += 1) {
    const code = digits.slice(0, length);
    const national = digits.slice(length);
    // "+44 (0)20 …": the trunk prefix is written out of habit.
    if (isNational(code, national) || (national[0] === '0' && isNational(code, national.slice(1)))) return true;
  }
  return false;
};

/** North American Numbering Plan: neither area code nor exchange begins with 0 or 1. */
const isNanp = (digits: string): boolean => /^[2-9]\d\d[2-9]\d{6}$/.test(digits);

const MIN_DIGITS = 7;
const MAX_DIGITS = 15;

export const findPhone = (scan: Scan, groups: DigitGroups): Match | undefined => {
  if (groups.total < MIN_DIGITS) return undefined;
  const before = codeBefore(scan, groups.start);
  if (before === 0x2b) return findInternational(scan, groups);
  if (isAlnumCode(before) || isPartOfNumber(scan, groups.start, before)) return undefined;
  return findNorthAmerican(scan, groups, before);
};

const isPartOfNumber = (scan: Scan, start: number, before: number): boolean =>
  (before === 0x2d || before === 0x2e || before === 0x2f) && isAlnumCode(codeBefore(scan, start - 1));

const findInternational = (scan: Scan, groups: DigitGroups): Match | undefined => {
  for (let count = groups.count; count > 0; count -= 1) {
    const digits = groups.digits(count);
    const end = groups.endOf(count - 1);
    if (digits.length < MIN_DIGITS || digits.length > MAX_DIGITS + 1 || isAlnumCode(codeAt(scan, end))) continue;
    if (isInternational(digits)) return { id: 'phone', start: groups.start - 1, end };
  }
  return undefined;
};

const NANP_SHAPES = [
  [1, 3, 3, 4],
  [3, 3, 4],
];

/** `(415) 555-2671`, `415-555-2671`, `1.415.555.2671`: the shape says it, unless a word says otherwise. */
const findNorthAmerican = (scan: Scan, groups: DigitGroups, before: number): Match | undefined => {
  const shape = NANP_SHAPES.find((lengths) => groups.hasShape(lengths));
  if (shape === undefined || groups.continuesAfter(shape.length)) return undefined;
  const end = groups.endOf(shape.length - 1);
  const digits = groups.digits(shape.length);
  if (!isNanp(digits.slice(-10)) || (shape.length === 4 && digits[0] !== '1')) return undefined;
  if (isAlnumCode(codeAt(scan, end))) return undefined;
  const last = groups.gapAfter(shape.length - 2);
  const written = last === '-' || last === '.' || before === 0x28;
  if (!written && !scan.isNear(PHONE, groups.start)) return undefined;
  if (scan.isNear(REFERENCE, groups.start, 14) && !scan.isNear(PHONE, groups.start)) return undefined;
  return { id: 'phone', start: before === 0x28 ? groups.start - 1 : groups.start, end };
};

/** Any number of a telephone's length that is called one. */
export const findLabelledPhone = (scan: Scan, groups: DigitGroups): Match | undefined => {
  if (isAlnumCode(codeBefore(scan, groups.start))) return undefined;
  if (!isLabelGap(scan.gapBefore(PHONE, groups.start))) return undefined;
  for (let count = groups.count; count > 0; count -= 1) {
    const end = groups.endOf(count - 1);
    const { length } = groups.digits(count);
    if (length < MIN_DIGITS || length > MAX_DIGITS || isAlnumCode(codeAt(scan, end))) continue;
    if (!/[\n\r]/.test(scan.text.slice(groups.start, end))) return { id: 'phone', start: groups.start, end };
  }
  return undefined;
};

/** RFC 5321: a local part has at most 64 octets, a domain 255. */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 255;
const LOCAL = new Uint8Array(128);
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-'")
  LOCAL[char.charCodeAt(0)] = 1;
const DOMAIN = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])/;
/** RFC 6761: names that nobody can have; our own placeholders are among them. */
const NOBODY = /\.invalid$/i;

/** An address around the `@` at `at`. */
export const findEmail = (scan: Scan, at: number): Match | undefined => {
  if (!isAlnumCode(codeAt(scan, at + 1))) return undefined;
  const start = localStart(scan, at);
  if (start === at) return undefined;
  const domain = DOMAIN.exec(ahead(scan, at + 1, MAX_DOMAIN))?.[0];
  if (domain === undefined || NOBODY.test(domain)) return undefined;
  return { id: 'email', start, end: at + 1 + domain.length };
};

/** A local part begins with a letter, a digit or an underscore. */
const localStart = (scan: Scan, at: number): number => {
  const first = Math.max(scan.start, at - MAX_LOCAL);
  let start = at;
  while (start > first && isLocalCode(scan.text.charCodeAt(start - 1))) start -= 1;
  while (start < at && !isAlnumCode(scan.text.charCodeAt(start)) && scan.text[start] !== '_') start += 1;
  return start;
};

const isLocalCode = (code: number): boolean => code < 128 && LOCAL[code] === 1;
