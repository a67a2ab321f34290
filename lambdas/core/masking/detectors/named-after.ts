// Values that their word follows in brackets: "U3047043 (driver license)", "3 May 1980 (date of birth)". Asked at the word,
// since nothing about such a value tells where to look. Numbers of six digits and more are asked by their reader. Pure.

import { isValidBIC } from 'ibantools';
import { ACCOUNT, BIC, BIRTH, LICENCE, PASSPORT, PASSWORD } from '../text/words.ts';
import type { DetectorId, Match } from './catalog.ts';
import { ACCOUNT_NUMBER, isDate, LICENCE_NUMBER, PASSPORT_NUMBER } from './documents.ts';
import { isLikePassword } from './labelled-secrets.ts';
import { behind, type Scan } from './scan.ts';

/** The bracket that the label stands in, with at most three words before it. */
const OPENED = /\s\(\s?(?:[A-Za-z.'’]{1,12}\s){0,3}$/;
const LAST_WORD = /(?<![^\s"'“‘(])[^\s"'“”‘’()]{4,64}$/;
const LAST_THREE_WORDS = /(?<!\S)\S{1,12} \S{1,12} \S{4}$/;
const MIN_DIGITS = 4;

const isWhole = (pattern: RegExp, text: string): boolean =>
  pattern.exec(text)?.[0] === text && text.replace(/\D/g, '').length >= MIN_DIGITS && !isDate(text);

type Named = readonly [id: DetectorId, isValue: (text: string) => boolean];

const NAMED: ReadonlyMap<number, Named> = new Map<number, Named>([
  [ACCOUNT, ['account', (text) => isWhole(ACCOUNT_NUMBER, text)]],
  [BIC, ['bic', (text) => /^[A-Z]{6}[A-Z0-9]{2,5}$/.test(text) && isValidBIC(text)]],
  [BIRTH, ['birthdate', isDate]],
  [PASSPORT, ['passport', (text) => text.length >= 6 && isWhole(PASSPORT_NUMBER, text)]],
  [LICENCE, ['licence', (text) => text.length >= 6 && isWhole(LICENCE_NUMBER, text)]],
  [PASSWORD, ['password', isLikePassword]],
]);

/** The value before the bracket in which a word of `context` stands at `start`. */
export const findNamedBefore = (scan: Scan, start: number, context: number): Match | undefined => {
  const named = NAMED.get(context);
  if (named === undefined) return undefined;
  const [id, isValue] = named;
  const before = behind(scan, start, 112);
  const opened = OPENED.exec(before)?.[0];
  if (opened === undefined || !scan.isOn(id)) return undefined;
  const text = before.slice(0, -opened.length);
  const value = [LAST_WORD, LAST_THREE_WORDS]
    .map((last) => last.exec(text)?.[0])
    .find((found) => found && isValue(found));
  if (value === undefined) return undefined;
  const end = start - opened.length;
  return { id, start: end - value.length, end };
};
