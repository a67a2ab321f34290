// Looks words up by hash while the scanner passes, so that a number costs one comparison to know its context. Pure.

import { NUMBER_ENDINGS, NUMBERED, WORDS, type Word, type Words } from './words.ts';

const MAX_WORD_LENGTH = 32;
const SEED = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** FNV-1a over letters in lower case. */
const hashOf = (text: string, start: number, end: number): number => {
  let hash = SEED;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (text.charCodeAt(at) | 0x20), PRIME);
  return hash;
};

interface Entry {
  readonly word: string;
  readonly meanings: Word[];
}

/** Ten for each word: a slot that is taken by another word costs a look at its letters. */
const SLOTS = 8192;
const table: (Entry | undefined)[] = new Array(SLOTS).fill(undefined);
/** One bit per slot, so that most words are dismissed by one read of a small array. */
const taken = new Uint8Array(SLOTS);

const slotOf = (hash: number): number => (hash ^ (hash >>> 15)) & (SLOTS - 1);

const entryOf = (word: string): Entry => {
  let slot = slotOf(hashOf(word, 0, word.length));
  for (; ; slot = (slot + 1) & (SLOTS - 1)) {
    const found = table[slot];
    if (found?.word === word) return found;
    if (found !== undefined) continue;
    const fresh: Entry = { word, meanings: [] };
    table[slot] = fresh;
    taken[slot] = 1;
    return fresh;
  }
};

/** Spelled with accents, and the same words without them: forms and old systems have no others. */
const accented = new Map<string, Word[]>();

const withoutAccents = (word: string): string =>
  word.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss').replaceAll('ł', 'l');

/** Short ones are other words without their accents: "né", "née". */
const MIN_UNACCENTED = 4;

const spellingsOf = (word: string): readonly string[] => {
  const plain = withoutAccents(word);
  return plain === word || word.length < MIN_UNACCENTED ? [word] : [word, plain];
};

const meaningsUnder = (spelling: string): Word[] => {
  if (withoutAccents(spelling) === spelling) return entryOf(spelling).meanings;
  const meanings = accented.get(spelling) ?? [];
  accented.set(spelling, meanings);
  return meanings;
};

const numbered: readonly Words[] = NUMBERED.flatMap(([gives, stems]) =>
  stems.split(' ').flatMap((stem) => NUMBER_ENDINGS.map((ending) => [gives, stem + ending] as const)),
);

const eachSpelling = (use: (spelling: string, word: Word) => void): void => {
  for (const [gives, words, needs = null, before = null] of [...WORDS, ...numbered])
    for (const word of words.split(' '))
      for (const spelling of spellingsOf(word)) use(spelling, { gives, needs, before });
};

eachSpelling((spelling, word) => meaningsUnder(spelling).push(word));

const NONE: readonly Word[] = [];

/** Index of the first three letters of a word, any case; shorter words take in what follows them. */
export const threeAt = (text: string, at: number): number =>
  ((text.charCodeAt(at) & 31) << 10) | ((text.charCodeAt(at + 1) & 31) << 5) | (text.charCodeAt(at + 2) & 31);

/** Marks every word that begins with these letters in a table over {@link threeAt}. */
export const markBeginning = (marks: Uint8Array, letters: string): void => {
  const first = (letters.charCodeAt(0) & 31) << 10;
  const second = (letters.charCodeAt(1) & 31) << 5;
  if (letters.length > 2) marks[first | second | (letters.charCodeAt(2) & 31)] = 1;
  else for (let third = 0; third < 32; third += 1) marks[first | second | third] = 1;
};

export const THREES = 32 * 32 * 32;

/** Which beginnings a word of the table has: all others need no look. */
export const BEGINS_WORD: Uint8Array = (() => {
  const marks = new Uint8Array(THREES);
  eachSpelling((spelling) => markBeginning(marks, spelling));
  return marks;
})();

/** What a word with letters beyond ASCII means. */
export const accentedMeaningsOf = (word: string): readonly Word[] =>
  word.length > MAX_WORD_LENGTH ? NONE : (accented.get(word.toLowerCase()) ?? NONE);

/** What the word `text[start, end)` means; ASCII letters only, any case. */
export const meaningsOf = (text: string, start: number, end: number): readonly Word[] => {
  let slot = slotOf(hashOf(text, start, end));
  if (taken[slot] === 0 || end - start > MAX_WORD_LENGTH) return NONE;
  const word = text.slice(start, end).toLowerCase();
  for (; ; slot = (slot + 1) & (SLOTS - 1)) {
    const found = table[slot];
    if (found === undefined) return NONE;
    if (found.word === word) return found.meanings;
  }
};
