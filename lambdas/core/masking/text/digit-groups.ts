// Digits as people write them: in groups, with something between. Read once per run of digits, for all detectors of
// numbers. Pure.

import { isDigitCode } from './classes.ts';

/** A card in 19 single digits; everything else has fewer groups. */
const MAX_GROUPS = 20;
const MAX_DIGITS = 24;
const ROOM = 8 * MAX_GROUPS;
const MAX_GAP = 3;
/** Characters that may stand between two groups: space, hyphen, dot, slash, parentheses, tab and line ends. */
const GAP = new Uint8Array(128);
for (const char of ' -./()\t\r\n') GAP[char.charCodeAt(0)] = 1;

export class DigitGroups {
  text = '';
  count = 0;
  total = 0;
  readonly #starts = new Int32Array(ROOM);
  readonly #lengths = new Int32Array(ROOM);
  /** Where the first group lies in them. */
  #first = 0;
  #limit = 0;
  /** How many of the first groups are known to be even. */
  #even = 1;

  get start(): number {
    return this.startOf(0);
  }

  /** Reads the groups that begin at `start`, which stands on a digit; nothing at or after `limit` is looked at. */
  read(text: string, start: number, limit: number): void {
    // "4 4 4 4 …": each digit begins a number that was read already, but for its end.
    if (this.count > 1 && start === this.startOf(1) && limit === this.#limit && text === this.text) {
      this.#dropFirst();
      if (this.total <= MAX_DIGITS) this.#readOn(nextGroup(text, this.endOf(this.count - 1), limit));
      return;
    }
    this.text = text;
    this.#limit = limit;
    this.#first = 0;
    this.count = 0;
    this.total = 0;
    this.#even = 1;
    this.#readOn(start);
  }

  #dropFirst(): void {
    this.total -= this.lengthOf(0);
    this.count -= 1;
    this.#first += 1;
    this.#even = Math.max(1, this.#even - 1);
    if (this.#first + MAX_GROUPS <= ROOM) return;
    this.#starts.copyWithin(0, this.#first);
    this.#lengths.copyWithin(0, this.#first);
    this.#first = 0;
  }

  #readOn(from: number): void {
    for (let at = from; at !== -1 && this.count < MAX_GROUPS; ) {
      // Of a run of millions no more is read than shows that it is too long.
      const end = endOfDigits(this.text, at, Math.min(this.#limit, at + 2 * MAX_DIGITS));
      this.#starts[this.#first + this.count] = at;
      this.#lengths[this.#first + this.count] = end - at;
      this.count += 1;
      this.total += end - at;
      if (this.total > MAX_DIGITS) return;
      at = nextGroup(this.text, end, this.#limit);
    }
  }

  startOf(group: number): number {
    return this.#starts[this.#first + group] ?? 0;
  }

  lengthOf(group: number): number {
    return group < this.count ? (this.#lengths[this.#first + group] ?? 0) : 0;
  }

  endOf(group: number): number {
    return (this.#starts[this.#first + group] ?? 0) + (this.#lengths[this.#first + group] ?? 0);
  }

  /** What stands between a group and the next; empty after the last. */
  gapAfter(group: number): string {
    return group + 1 < this.count ? this.text.slice(this.endOf(group), this.startOf(group + 1)) : '';
  }

  /** How many of the first groups are as long as the first, with the same between all of them. */
  countEven(): number {
    const length = this.lengthOf(0);
    while (this.lengthOf(this.#even) === length && this.#hasSameGap(this.#even - 1, 0)) this.#even += 1;
    return this.#even;
  }

  /** Whether the same stands after two groups, each with another behind it. */
  #hasSameGap(group: number, other: number): boolean {
    if (group + 1 >= this.count || other + 1 >= this.count) return false;
    const [at, otherAt] = [this.endOf(group), this.endOf(other)];
    const length = this.startOf(group + 1) - at;
    if (length !== this.startOf(other + 1) - otherAt) return false;
    for (let index = 0; index < length; index += 1)
      if (this.text.charCodeAt(at + index) !== this.text.charCodeAt(otherAt + index)) return false;
    return true;
  }

  /** Whether the first groups have these lengths, and nothing more of the same kind follows. */
  hasShape(lengths: readonly number[]): boolean {
    for (let group = 0; group < lengths.length; group += 1) if (this.lengthOf(group) !== lengths[group]) return false;
    return true;
  }

  /** Whether the gap before `group` also follows the last of the first `count`: then the number goes on. */
  continuesAfter(count: number): boolean {
    return count > 1 && this.#hasSameGap(count - 1, count - 2);
  }

  /** The digits of the first `count` groups. */
  digits(count: number): string {
    if (count === 1) return this.text.slice(this.start, this.endOf(0));
    let digits = '';
    for (let group = 0; group < count; group += 1) digits += this.text.slice(this.startOf(group), this.endOf(group));
    return digits;
  }
}

export const endOfDigits = (text: string, start: number, limit: number): number => {
  let at = start;
  while (at < limit && isDigitCode(text.charCodeAt(at))) at += 1;
  return at;
};

/** Start of the digits after a short gap; -1 when none follows. */
const nextGroup = (text: string, start: number, limit: number): number => {
  const last = Math.min(limit, start + MAX_GAP + 1);
  for (let at = start; at < last; at += 1) {
    const code = text.charCodeAt(at);
    if (isDigitCode(code)) return at === start ? -1 : at;
    if (code > 127 || GAP[code] === 0) return -1;
  }
  return -1;
};

/** Whether a digit may follow after `end`, so that {@link DigitGroups.read} is worth its while. */
export const maybeGrouped = (text: string, end: number, limit: number): boolean => {
  if (end + 1 >= limit) return false;
  const code = text.charCodeAt(end);
  if (code > 127 || GAP[code] === 0) return false;
  const next = text.charCodeAt(end + 1);
  return isDigitCode(next) || (next < 128 && GAP[next] === 1);
};
