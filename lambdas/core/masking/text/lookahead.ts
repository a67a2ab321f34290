// Contexts that do not come from the words before a value: from the name of its field, or from the words after it
// ("078051120 is his SSN"). Pure.

import { isDigitCode, isLetterCode } from './classes.ts';
import { CONTEXTS, meaningsOf } from './words.ts';

/** Far enough for "(customer's social security number)". */
const AFTER = 40;

/** Words of prose that name nothing as a field: `call`, `pass` and the like. */
const NOT_IN_NAMES = new Set(['call', 'wire', 'transit', 'basic', 'born', 'id', 'no', 'number']);

/** The contexts of words in their order, one bit each; phrases count in full only. */
const contextsOf = (words: readonly string[]): number => {
  let seen = 0;
  for (const word of words) {
    for (const { gives, needs } of meaningsOf(word, 0, word.length))
      if (needs === null || (seen & (1 << needs)) !== 0) seen |= 1 << gives;
  }
  return seen & ((1 << CONTEXTS) - 1);
};

const WORDS_OF_NAME = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g;

/** The contexts that a name such as `holder_ssn` or `accountNumber` gives to its value. */
export const contextIn = (name: string): number => {
  if (name.length > 128) return 0;
  const words = name.match(WORDS_OF_NAME) ?? [];
  const telling = words.filter((word, index) => index > 0 || !NOT_IN_NAMES.has(word.toLowerCase()));
  // `DoB` and `accountnumber` are one word, however they are cut.
  return contextsOf(telling) | (words.length > 1 ? contextsOf([words.join('')]) : 0);
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
  const contexts = words < 3 ? 0 : contextsOf(text.slice(end, at).match(WORDS_OF_NAME) ?? []);
  return contexts === 0 ? -1 : 31 - Math.clz32(contexts & -contexts);
};

const NEW_LINE = 0x0a;
const ENDS_CLAUSE = new Set([...'.;,:|"\t\r{}[]=<>/'].map((char) => char.charCodeAt(0)));

const continues = (code: number): boolean =>
  code < 128 && code !== NEW_LINE && !isDigitCode(code) && !ENDS_CLAUSE.has(code);
