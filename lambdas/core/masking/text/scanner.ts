// One pass over a passage of text: each character costs a table read, and only where something may begin is a detector
// asked. Words that name what follows ("SSN") are remembered by where they stood. Stops and goes on at any point, so that
// a text of megabytes does not hold up the process. Pure.

import type { DetectorId, Match } from '../detectors/catalog.ts';
import { DETECTORS } from '../detectors/catalog.ts';
import type { DetectorSet } from '../detectors/detector-set.ts';
import type { Scan } from '../detectors/scan.ts';
import { looksEncoded } from './base64.ts';
import { AT, BREAK, CLASSES, COLON, DIGIT, ESCAPE, isAlnumCode, JOINER, LETTER, NEWLINE, OPEN } from './classes.ts';
import { ContextMemory } from './context-memory.ts';
import { endOfDigits } from './digit-groups.ts';
import { maskAt, OPEN_CODE } from './masks.ts';
import { NumberReader } from './number-reader.ts';
import { swiftFieldAt } from './swift-fields.ts';
import { WordReader } from './word-reader.ts';
import { PASSWORD, SECRET } from './words.ts';

/** A card of 13 digits takes 20 characters of base64, an SSN 12; shorter tokens hold nothing a checksum could confirm. */
const MIN_ENCODED = 12;

/** JSON in the midst of text is looked at in so many places: each look may cost a pass. */
const MAX_OPENS = 8;

/** A long token that may be base64, for the caller to decode. */
export interface LongToken {
  readonly start: number;
  readonly end: number;
}

export class TextScanner implements Scan {
  text = '';
  start = 0;
  end = 0;
  matches: Match[] = [];
  longTokens: LongToken[] = [];
  /** Whether the passage holds characters beyond ASCII, or something that may be an escape. */
  sawHigh = false;
  sawEscape = false;
  /** Whether the passage has more than one line, as a table has. */
  sawLine = false;
  /** Where JSON may begin, the first few places. */
  opens: number[] = [];
  readonly #detectors: DetectorSet;
  readonly #memory = new ContextMemory();
  readonly #words: WordReader;
  readonly #numbers: NumberReader;
  #keyContexts = 0;
  #at = 0;
  #tokenStart = 0;

  constructor(detectors: DetectorSet) {
    this.#detectors = detectors;
    this.#words = new WordReader(detectors, this.#memory);
    this.#numbers = new NumberReader(detectors, this.#memory);
  }

  /** Begins a passage. `keyContexts` are the contexts that the name of the field gives to all of it. */
  open(text: string, start: number, end: number, keyContexts: number): void {
    this.text = text;
    this.start = start;
    this.end = end;
    if (this.matches.length > 0) this.matches = [];
    if (this.longTokens.length > 0) this.longTokens = [];
    this.sawHigh = false;
    this.sawEscape = false;
    this.sawLine = false;
    if (this.opens.length > 0) this.opens = [];
    if (this.#words.sawRows) this.#words.sawRows = false;
    this.#keyContexts = keyContexts;
    this.#at = start;
    this.#tokenStart = start;
    this.#memory.begin(start, end, keyContexts !== 0);
    if (keyContexts !== 0) this.#secretValue();
  }

  /** Whether the passage has rows of an SQL statement. */
  get sawRows(): boolean {
    return this.#words.sawRows;
  }

  /** Scans about `room` characters further; true at the end of the passage. */
  advance(room: number): boolean {
    const { text, end } = this;
    const until = Math.min(end, this.#at + room);
    while (this.#at < until) this.#step(text.charCodeAt(this.#at));
    if (this.#at < end) return false;
    this.#endToken(end);
    return true;
  }

  #step(code: number): void {
    const kind = code < 128 ? CLASSES[code] : 0;
    if (kind === LETTER) this.#word();
    else if (kind === BREAK) this.#break();
    else if (kind === DIGIT) this.#number();
    else if (kind === JOINER) this.#at += 1;
    else this.#special(code, kind ?? 0);
  }

  /** The matches since the last call: a long passage has too many to keep them all. */
  takeMatches(): readonly Match[] {
    const { matches } = this;
    if (matches.length > 0) this.matches = [];
    return matches;
  }

  isOn(id: DetectorId): boolean {
    return this.#detectors.has(id);
  }

  isNear(context: number, at: number, within?: number): boolean {
    return this.#memory.lastBefore(context, at, within) !== -1 || (this.#keyContexts & (1 << context)) !== 0;
  }

  gapBefore(context: number, at: number): string {
    const last = this.#memory.lastBefore(context, at);
    if (last !== -1) return this.text.slice(last, at);
    // Named by its key, all of the passage is the value; named by what follows, nothing stands between.
    return (this.#keyContexts & (1 << context)) === 0 ? '' : this.text.slice(this.start, at);
  }

  #word(): void {
    const start = this.#at;
    const match = this.#words.find(this, start, this.#keyContexts);
    this.#at = this.#words.end;
    if (this.#words.isAccented) this.#afterAccents(start);
    if (match !== undefined) this.#take(match);
  }

  /** What is beyond ASCII is no part of a token. */
  #afterAccents(start: number): void {
    this.#words.isAccented = false;
    this.#endToken(start);
    this.#tokenStart = this.#at;
  }

  /** A passage that a key names a password or secret is one from its first character. */
  #secretValue(): void {
    for (const context of [PASSWORD, SECRET]) {
      if ((this.#keyContexts & (1 << context)) === 0) continue;
      const match = this.#detectors.secretAt?.(this, this.start, context, true);
      if (match === undefined) continue;
      this.#take(match);
      return;
    }
  }

  #number(): void {
    const start = this.#at;
    this.#at = endOfDigits(this.text, start, this.end);
    const match = this.#numbers.find(this, start, this.#at, this.#keyContexts);
    if (match !== undefined) this.#take(match);
  }

  #break(): void {
    if (this.#at - this.#tokenStart >= MIN_ENCODED) this.#endToken(this.#at);
    this.#at += 1;
    this.#tokenStart = this.#at;
  }

  #special(code: number, kind: number): void {
    this.#endToken(this.#at);
    if (kind === NEWLINE || kind === OPEN) this.#opens(kind);
    else if (kind === AT) this.#atSign();
    else if (kind === COLON) this.#colon();
    else if (kind === ESCAPE) this.#escape();
    else this.#high(code);
    this.#tokenStart = this.#at;
  }

  #opens(kind: number): void {
    if (kind === NEWLINE) this.sawLine = true;
    else if (this.opens.length < MAX_OPENS && beginsJson(this.text, this.#at, this.start)) this.opens.push(this.#at);
    this.#at += 1;
  }

  #escape(): void {
    const next = this.text.charCodeAt(this.#at + 1);
    this.sawEscape ||= isAlnumCode(next) || next === 0x23;
    this.#at += 1;
  }

  #atSign(): void {
    const at = this.#at;
    this.#at += 1;
    const match = this.#detectors.urlPassword?.(this, at) ?? this.#detectors.email?.(this, at);
    if (match !== undefined) this.#take(match);
  }

  #colon(): void {
    const at = this.#at;
    this.#at += 1;
    if (at > this.start && this.text.charCodeAt(at - 1) === 0x3a) return;
    const match = this.#detectors.ipv6?.(this, at);
    if (match !== undefined) this.#take(match);
    else if (this.text.charCodeAt(this.#at) === 0x35) this.#swiftField(at);
  }

  /** `:57A:` of a SWIFT message. */
  #swiftField(at: number): void {
    const field = swiftFieldAt(this.text, at, this.start, this.end);
    if (field === undefined) return;
    this.#memory.announce(field.context, field.end);
    this.#at = field.end;
    this.#tokenStart = field.end;
  }

  /** Beyond ASCII. A mask stands for the value it replaced: it leaves behind what that value would have left. */
  #high(code: number): void {
    const mask = code === OPEN_CODE ? maskAt(this.text, this.#at) : undefined;
    if (mask === undefined || mask.end > this.end) {
      this.sawHigh = true;
      this.#at += 1;
      return;
    }
    this.#leave(this.#detectors.contextOf(mask.label), mask.end);
  }

  #endToken(end: number): void {
    const start = this.#tokenStart;
    this.#tokenStart = end + 1;
    if (end - start >= MIN_ENCODED && looksEncoded(this.text, start, end)) this.longTokens.push({ start, end });
  }

  #take(match: Match): void {
    this.matches.push(match);
    this.#leave(DETECTORS[match.id].context, Math.max(match.end, this.#at));
  }

  /**
   * After a value all contexts end, but for its own: "Accounts: 1…, 2…" are two accounts. The same holds after its mask,
   * so that masking the masked finds nothing new.
   */
  #leave(context: number | null, at: number): void {
    this.#memory.forget(at);
    this.#at = at;
    this.#tokenStart = at;
    if (context !== null) this.#memory.announce(context, at);
  }
}

/** Whether a brace or bracket stands where JSON begins, and is followed by what may follow in it. */
const beginsJson = (text: string, at: number, start: number): boolean => {
  let next = at + 1;
  while (text.charCodeAt(next) <= 0x20 && next - at < 33) next += 1;
  if (!'"{['.includes(text[next] ?? ' ')) return false;
  let before = at - 1;
  while (text.charCodeAt(before) === 0x20 && at - before < 9) before -= 1;
  return before < start || '\n:=>'.includes(text[before] ?? ' ');
};
