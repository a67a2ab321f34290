// Words of a passage: what a word is (a token, the beginning of an IBAN), and what it says of the value after it. Pure.

import type { Match } from '../detectors/catalog.ts';
import type { DetectorSet } from '../detectors/detector-set.ts';
import { ahead, type Scan } from '../detectors/scan.ts';
import { BEGINS_TOKEN } from '../detectors/secrets.ts';
import { isAlnumCode, isDigitCode, isLetterCode } from './classes.ts';
import { type ContextMemory, lowestContext } from './context-memory.ts';
import { accentedMeaningsOf, BEGINS_WORD, meaningsOf, threeAt } from './word-table.ts';
import {
  BIRTH,
  BORN,
  CATEGORIES,
  COMMAND,
  IDENTIFIED,
  PASS,
  PASSWORD,
  PEM_BEGIN,
  ROWS,
  SECRET,
  STREET_PREFIX,
  STREET_SUFFIX,
  type Word,
} from './words.ts';

export class WordReader {
  /** Where the word that was read last ends. */
  end = 0;
  /** Whether a word with letters beyond ASCII was read; for who reads on to take back. */
  isAccented = false;
  /** Whether `VALUES (` stood somewhere, as in an SQL statement. */
  sawRows = false;
  readonly #detectors: DetectorSet;
  readonly #memory: ContextMemory;

  constructor(detectors: DetectorSet, memory: ContextMemory) {
    this.#detectors = detectors;
    this.#memory = memory;
  }

  /** Reads the word that begins at `start`; returns what it is, or what it announced, if that is a value. */
  find(scan: Scan, start: number, keyContexts: number): Match | undefined {
    const { text } = scan;
    const end = endOfWord(text, start, scan.end);
    this.end = end;
    if (end - start === 1 && isInitialMark(text.charCodeAt(end))) return this.#initials(scan, start);
    const three = threeAt(text, start);
    const mayBegin = (BEGINS_WORD[three] ?? 0) | (BEGINS_TOKEN[three] ?? 0);
    if (mayBegin === 0 && end - start !== 2 && start >= this.#memory.activeUntil) return undefined;
    const match = this.#inWord(scan, start, end, keyContexts);
    if (match !== undefined || BEGINS_WORD[three] !== 1) return match;
    const meanings = text.charCodeAt(end) > 127 ? this.#accented(scan, start) : meaningsOf(text, start, end);
    return this.#mean(scan, meanings, start);
  }

  /** A word that goes on beyond ASCII ("Führerschein"), or its beginning when nothing is known of the whole. */
  #accented(scan: Scan, start: number): readonly Word[] {
    ACCENTED.lastIndex = start;
    const word = ACCENTED.exec(scan.text)?.[0] ?? '';
    const meanings = start + word.length > scan.end ? [] : accentedMeaningsOf(word);
    if (meanings.length === 0) return meaningsOf(scan.text, start, this.end);
    this.end = start + word.length;
    this.isAccented = true;
    return meanings;
  }

  /** "D.O.B." and "a/c" are words too. */
  #initials(scan: Scan, start: number): Match | undefined {
    INITIALS.lastIndex = start;
    const found = INITIALS.exec(scan.text)?.[0] ?? '';
    if (found.length < 3 || start + found.length > scan.end) return undefined;
    const word = found.replaceAll('.', '');
    this.end = start + found.length;
    return this.#mean(scan, meaningsOf(word, 0, word.length), start);
  }

  #inWord(scan: Scan, start: number, end: number, keyContexts: number): Match | undefined {
    if (start > scan.start && isAlnumCode(scan.text.charCodeAt(start - 1))) return undefined;
    const token = this.#detectors.vendorToken?.(scan, start);
    if (token !== undefined) return token;
    const iban = end - start === 2 ? this.#detectors.iban?.(scan, start, end) : undefined;
    if (iban !== undefined) return iban;
    return start < this.#memory.activeUntil ? this.#labelledWord(scan, start, end, keyContexts) : undefined;
  }

  /** Numbers of letters and digits: only where a word announced one. */
  #labelledWord(scan: Scan, start: number, end: number, keyContexts: number): Match | undefined {
    const bic = this.#detectors.bic?.(scan, start, end);
    if (bic !== undefined) return bic;
    const digits = isDigitCode(scan.text.charCodeAt(end)) ? end : end + 1;
    if (digits >= scan.end || !isDigitCode(scan.text.charCodeAt(digits))) return undefined;
    const near = this.#memory.nearest(start);
    const context = near === -1 ? lowestContext(keyContexts) : near;
    return this.#detectors.documents.get(context)?.(scan, start);
  }

  #mean(scan: Scan, meanings: readonly Word[], start: number): Match | undefined {
    for (const { gives, needs, before } of meanings) {
      if (needs !== null && !this.#memory.completesPhrase(needs, start)) continue;
      if (before !== null && !isBefore(scan, this.end, before)) continue;
      const match = gives < CATEGORIES ? this.#announce(scan, gives, start) : this.#atPoint(scan, gives, start);
      if (match !== undefined) return match;
    }
    return undefined;
  }

  #announce(scan: Scan, category: number, start: number): Match | undefined {
    this.#memory.announce(category, this.end);
    const isSecret = category === PASSWORD || category === SECRET;
    const secret = isSecret ? this.#detectors.labelledSecret?.(scan, this.end, category) : undefined;
    return secret ?? this.#detectors.namedBefore?.(scan, start, category);
  }

  #atPoint(scan: Scan, point: number, start: number): Match | undefined {
    switch (point) {
      case STREET_SUFFIX:
        return this.#detectors.streetSuffix?.(scan, start, this.end);
      case STREET_PREFIX:
        return this.#detectors.streetPrefix?.(scan, start, this.end);
      case PEM_BEGIN:
        return this.#detectors.privateKey?.(scan, start, this.end);
      case BORN:
        if (DATE_FOLLOWS.test(ahead(scan, this.end, 48))) this.#memory.announce(BIRTH, this.end);
        return undefined;
      case PASS:
        return this.#detectors.passWord?.(scan, start, this.end);
      case IDENTIFIED:
        return this.#detectors.identifiedBy?.(scan, start, this.end);
      case COMMAND:
        return this.#detectors.commandPassword?.(scan, start, this.end);
      case ROWS:
        this.sawRows ||= isBefore(scan, this.end, '(');
        return undefined;
      default:
        return undefined;
    }
  }
}

/** Latin letters that no fold reads as ASCII (fold.ts): a word may go on with them. */
const ACCENTED = /[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e]{1,40}/y;

const DATE_FOLLOWS = /^\.?:?\s{0,2}(?:à [\p{L}-]{2,20},? )?(?:am |dnia |el |le |op )?(?:\d|[A-Z][a-z]{2,8} \d)/u;

/** Whether a mark stands at `at`, after at most one space. */
const isBefore = (scan: Scan, at: number, mark: string): boolean =>
  scan.text[scan.text.charCodeAt(at) === 0x20 ? at + 1 : at] === mark && at + 1 < scan.end;

const INITIALS = /[A-Za-z](?:[./][A-Za-z]){1,4}(?![A-Za-z])/y;

const isInitialMark = (code: number): boolean => code === 0x2e || code === 0x2f;

/**
 * A word ends with its letters, or where a capital follows a small letter: `accountNumber` is two. Not after two letters:
 * `DoB` is one.
 */
const endOfWord = (text: string, start: number, limit: number): number => {
  let before = text.charCodeAt(start);
  let at = start + 1;
  for (; at < limit; at += 1) {
    const code = text.charCodeAt(at);
    if (!isLetterCode(code) || (code < 0x5b && before >= 0x61 && at - start > 2)) return at;
    before = code;
  }
  return at;
};
