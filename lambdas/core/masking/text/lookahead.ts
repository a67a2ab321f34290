// Contexts that do not come from the words before a value: from the name of its field, or from the words after it
// ("078051120 is his SSN"). Pure.

import { isDigitCode, isLetterCode } from './classes.ts';
import { accentedMeaningsOf, meaningsOf } from './word-table.ts';
import { CONTEXTS, PASSWORD, type Word } from './words.ts';

/** Far enough for "(customer's social security number)". */
const AFTER = 40;

/** Words of prose that name nothing as a field: `call`, `pass` and the like. */
const NOT_IN_NAMES = new Set(['call', 'wire', 'transit', 'basic', 'born', 'id', 'no', 'number']);

/** What a word of a name means; where a word stands, its marks and neighbours decide, so those that ask for any say nothing. */
const meaningsIn = (word: string): readonly Word[] =>
  /^[A-Za-z]+$/.test(word) ? meaningsOf(word, 0, word.length) : accentedMeaningsOf(word);

/** The contexts of words in their order, one bit each; phrases count in full only. */
const contextsOf = (words: readonly string[]): number => {
  let seen = 0;
  for (const word of words) {
    for (const { gives, needs, before } of meaningsIn(word))
      if (before === null && (needs === null || (seen & (1 << needs)) !== 0)) seen |= 1 << gives;
  }
  return seen & ((1 << CONTEXTS) - 1);
};

const WORDS_OF_NAME = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+/gu;

/** Say something about a password, and are none: `passwordPolicy`, `password_resets`. */
const ABOUT_SECRETS =
  /^(?:policy|policies|rules?|resets?|changed|updated|expir(?:y|es|ed|ation)|age|length|count|attempts|tries|strength|required|enabled|set|min|max|last|date|days|at|on|url|uri|link|hint|type|status|is|has|must|need|needs)$/i;

/** `db_pass`, `userPasscode`. */
const ENDS_IN_PASS = /^(?:pass|passcode)$/i;

/** The contexts that a name such as `holder_ssn` or `accountNumber` gives to its value. */
export const contextIn = (name: string): number => {
  if (name.length > 128) return 0;
  const words = name.match(WORDS_OF_NAME) ?? [];
  const telling = words.filter((word, index) => index > 0 || !NOT_IN_NAMES.has(word.toLowerCase()));
  // `DoB` and `accountnumber` are one word, however they are cut.
  const contexts = contextsOf(telling) | (words.length > 1 ? contextsOf([words.join('')]) : 0);
  if (words.some((word) => ABOUT_SECRETS.test(word))) return contexts & ~(1 << PASSWORD);
  return words.length > 1 && ENDS_IN_PASS.test(words.at(-1) ?? '') ? contexts | (1 << PASSWORD) : contexts;
};

/** The context named right after a value; -1 when none is. Another number, a mask or the end of a clause ends the look. */
export const contextAfter = (text: string, end: number, limit: number): number => {
  const last = Math.min(limit, end + AFTER);
  let at = end;
  let words = 0;
  while (at < last && continues(text.charCodeAt(at))) {
    if (isLetterCode(text.charCodeAt(at))) words += 1;
    at += 1;
  }
  // Two letters name nothing; most numbers are not followed by any.
  if (words < 3) return text.charCodeAt(end) === COMMA ? lowest(contextInBrackets(text.slice(end, last))) : -1;
  return lowest(contextsOf(clauseOf(text.slice(end, at)).match(WORDS_OF_NAME) ?? []));
};

/** "12345678 and his SSN": what is joined to a value does not name it. */
const clauseOf = (text: string): string => text.split(/\s(?:and|or|und|oder|et|ou|y|e|where)\s/i, 1)[0] ?? '';

/** "(12-3456789, EIN)". */
const contextInBrackets = (text: string): number =>
  contextsOf(/^, ?([A-Za-z ]{2,24})\)/.exec(text)?.[1]?.match(WORDS_OF_NAME) ?? []);

const lowest = (contexts: number): number => (contexts === 0 ? -1 : 31 - Math.clz32(contexts & -contexts));

const COMMA = 0x2c;
const NEW_LINE = 0x0a;
const ENDS_CLAUSE = new Set([...'.;,:|"\t\r{}[]=<>/'].map((char) => char.charCodeAt(0)));

const continues = (code: number): boolean =>
  code < 128 && code !== NEW_LINE && !isDigitCode(code) && !ENDS_CLAUSE.has(code);
