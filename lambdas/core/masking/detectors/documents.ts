// Dates of birth, passports and driving licences: what they look like is common, so a word has to name them. Pure.

import { isAlnumCode, isDigitCode } from '../text/classes.ts';
import type { DigitGroups } from '../text/digit-groups.ts';
import { ACCOUNT, BIRTH, LICENCE, PASSPORT } from '../text/words.ts';
import type { Match } from './catalog.ts';
import { isLabelGap } from './label-gap.ts';
import { ahead, behind, codeAt, codeBefore, type PointDetector, type Scan } from './scan.ts';

const MONTH =
  '(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[ée]vr(?:ier)?|mar(?:ch|s|zo)?|märz|apr(?:il)?|avril|abril|may|mai|mayo|june?|juni|juin|junio|july?|juli|juillet|julio|aug(?:ust)?|août|agosto|sept?(?:ember|embre|iembre)?|o[ck]t(?:ober|obre|ubre)?|nov(?:ember|embre|iembre)?|de[cz](?:ember)?|d[ée]c(?:embre)?|dic(?:iembre)?)';
const YEAR = '(?:19\\d\\d|20[0-2]\\d)';
const SHORT_YEAR = `(?:${YEAR}|[’']?\\d\\d)`;

const DATES = [
  new RegExp(`^${YEAR}([-/.])(?:0?[1-9]|1[0-2])\\1(?:0?[1-9]|[12]\\d|3[01])(?!\\d)`),
  new RegExp(`^(?:0?[1-9]|[12]\\d|3[01])([-/. ])(?:0?[1-9]|[12]\\d|3[01])\\1${SHORT_YEAR}(?!\\d)`),
  new RegExp(`^${YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])(?!\\d)`),
  new RegExp(`^(?:0[1-9]|[12]\\d|3[01])(?:0[1-9]|1[0-2])${YEAR}(?!\\d)`),
  new RegExp(
    `^(?:0?[1-9]|[12]\\d|3[01])(?:st|nd|rd|th|\\.|er)?[ -](?:of |de )?${MONTH}[., -]{1,2}(?:de |del )?${SHORT_YEAR}(?!\\d)`,
    'i',
  ),
];
const DAY_AND_YEAR = new RegExp(`^(?:0?[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)?,? ${YEAR}(?!\\d)`);
const MONTH_FIRST = new RegExp(`^${MONTH}\\.? ${DAY_AND_YEAR.source.slice(1)}$`, 'i');
const MONTH_BEFORE = new RegExp(`(?<![A-Za-z])${MONTH}\\.? $`, 'i');

/** A date after a word of birth. */
export const findBirthdate = (scan: Scan, groups: DigitGroups): Match | undefined => {
  const { start } = groups;
  if (isAlnumCode(codeBefore(scan, start))) return undefined;
  const text = ahead(scan, start, 32);
  const date = DATES.map((pattern) => pattern.exec(text)?.[0]).find((found) => found !== undefined);
  // When something was logged is no date of birth.
  if (date !== undefined && /^[T ]\d\d:\d\d/.test(text.slice(date.length))) return undefined;
  if (date !== undefined) return { id: 'birthdate', start, end: start + date.length };
  const rest = DAY_AND_YEAR.exec(text)?.[0];
  const month = rest === undefined ? undefined : MONTH_BEFORE.exec(behind(scan, start, 12))?.[0];
  if (rest === undefined || month === undefined) return undefined;
  return { id: 'birthdate', start: start - month.length, end: start + rest.length };
};

const BRACKETED = /^[^()\n]{0,32}\([^()\n]{1,32}\)\s?[:=]?\s?["']?$/;

/** "Date of birth (as in passport): …": the word in brackets stands nearer, and says less. */
export const findBirthdateBehindBrackets = (scan: Scan, groups: DigitGroups): Match | undefined =>
  scan.isNear(BIRTH, groups.start) && BRACKETED.test(scan.gapBefore(BIRTH, groups.start))
    ? findBirthdate(scan, groups)
    : undefined;

const MIN_LENGTH = 6;

export const PASSPORT_NUMBER = /^[A-Za-z0-9]{6,9}(?![A-Za-z0-9])/;
export const LICENCE_NUMBER = /^[A-Z]{0,7}\d[A-Z0-9*]{0,17}(?:[- ](?=[A-Z*]{0,3}\d)[A-Z0-9*]{2,8}){0,3}(?![A-Za-z0-9])/;
export const ACCOUNT_NUMBER = /^[A-Z]{1,4}[-/]?\d{5,17}(?![A-Za-z0-9])/;

interface DocumentKind {
  readonly id: 'passport' | 'licence' | 'account';
  readonly number: RegExp;
  readonly minDigits: number;
  readonly context: number;
}

/** ICAO 9303: nine places; countries use six to nine, letters first or in between. */
const PASSPORT_KIND: DocumentKind = {
  id: 'passport',
  number: PASSPORT_NUMBER,
  minDigits: 4,
  context: PASSPORT,
};
/** States of the US use 4 to 19 places (Washington and Illinois with letters and hyphens); the UK 16 and 18. */
const LICENCE_KIND: DocumentKind = {
  id: 'licence',
  number: LICENCE_NUMBER,
  minDigits: 4,
  context: LICENCE,
};
const ACCOUNT_KIND: DocumentKind = {
  id: 'account',
  number: ACCOUNT_NUMBER,
  minDigits: 5,
  context: ACCOUNT,
};

/** A number of letters and digits, where a word announced one of its kind. */
const ofKind =
  ({ id, number, minDigits, context }: DocumentKind): PointDetector =>
  (scan, start) => {
    if (isAlnumCode(codeBefore(scan, start)) || codeBefore(scan, start) === 0x2f) return undefined;
    const found = number.exec(ahead(scan, start, 48))?.[0];
    if (found === undefined || found.replace(/\D/g, '').length < minDigits) return undefined;
    if (found.length < MIN_LENGTH || !isLabelGap(scan.gapBefore(context, start))) return undefined;
    if (isDate(found) || continuesAsDate(scan, start, found.length)) return undefined;
    return { id, start, end: start + found.length };
  };

export const findPassport = ofKind(PASSPORT_KIND);
export const findLicence = ofKind(LICENCE_KIND);
export const findLetteredAccount = ofKind(ACCOUNT_KIND);

/** Whether a text is a date and nothing else. */
export const isDate = (text: string): boolean =>
  DATES.some((pattern) => pattern.exec(text)?.[0] === text) || MONTH_FIRST.test(text);

const continuesAsDate = (scan: Scan, start: number, length: number): boolean => {
  const next = codeAt(scan, start + length);
  return (next === 0x2d || next === 0x2f || next === 0x2e) && isDigitCode(codeAt(scan, start + length + 1));
};
