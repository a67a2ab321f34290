// Digits as people write them: in groups, with something between. Read once per run of digits, for all detectors of
// numbers. Pure.

import { isDigitCode } from './classes.ts';

/** A card in 19 single digits; everything else has fewer groups. */
const MAX_GROUPS = 20;
const MAX_DIGITS = 24;
const MAX_GAP = 3;
/** Characters that may stand between two groups: space, hyphen, dot, slash, parentheses, tab and line ends. */
const GAP = new Uint8Array(128);
for (const char of ' -./()\t\r\n') GAP[char.charCodeAt(0)] = 1;

export class DigitGroups {
  text = '';
  count = 0;
  total = 0;
  readonly #starts = new Int32Array(MAX_GROUPS);
  readonly #lengths = new Int32Array(MAX_GROUPS);

  get start(): number {
    return this.#starts[0] ?? 0;
  }

  /** Reads the groups that begin at `start`, which stands on a digit; nothing at or after `limit` is looked at. */
  read(text: string, start: number, limit: number): void {
    this.text = text;
    this.count = 0;
    this.total = 0;
    let at = start;
    while (this.count < MAX_GROUPS) {
      const end = endOfDigits(text, at, limit);
      this.#starts[this.count] = at;
      this.#lengths[this.count] = end - at;
      this.count += 1;
      this.total += end - at;
      if (this.total > MAX_DIGITS) return;
      at = nextGroup(text, end, limit);
      if (at === -1) return;
    }
  }

  startOf(group: number): number {
    return this.#starts[group] ?? 0;
  }

  lengthOf(group: number): number {
    return group < this.count ? (this.#lengths[group] ?? 0) : 0;
  }

  endOf(group: number): number {
    return (this.#starts[group] ?? 0) + (this.#lengths[group] ?? 0);
  }

  /** What stands between a group and the next; empty after the last. */
  gapAfter(group: number): string {
    return group + 1 < this.count ? this.text.slice(this.endOf(group), this.startOf(group + 1)) : '';
  }

  /** Whether the first groups have these lengths, and nothing more of the same kind follows. */
  hasShape(lengths: readonly number[]): boolean {
    for (let group = 0; group < lengths.length; group += 1) if (this.lengthOf(group) !== lengths[group]) return false;
    return true;
  }

  /** Whether the gap before `group` also follows the last of the first `count`: then the number goes on. */
  continuesAfter(count: number): boolean {
    return count > 1 && count < this.count && this.gapAfter(count - 1) === this.gapAfter(count - 2);
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
