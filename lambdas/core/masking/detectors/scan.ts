// What a detector may ask about the text it is called on. Pure.

import type { DigitGroups } from '../text/digit-groups.ts';
import type { DetectorId, Match } from './catalog.ts';

export interface Scan {
  readonly text: string;
  /** The passage: detectors look at nothing outside `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Whether a rule asks for this detector. */
  isOn(id: DetectorId): boolean;
  /** Whether a word of this context stands at most `within` characters before `at`, or names the whole passage. */
  isNear(context: number, at: number, within?: number): boolean;
  /** What stands between a value and the word (or the start of the passage) that gives its context. */
  gapBefore(context: number, at: number): string;
}

/** Looks at a number; the groups begin at a digit that no digit precedes. */
export type DigitDetector = (scan: Scan, groups: DigitGroups) => Match | undefined;

/** Looks from a fixed point: the end of a word, an `@`, a `:`. */
export type PointDetector = (scan: Scan, at: number) => Match | undefined;

/** Looks at a word of letters. */
export type WordDetector = (scan: Scan, start: number, end: number) => Match | undefined;

/** The code before `at` in the passage; a space at its start. */
export const codeBefore = (scan: Scan, at: number): number => (at > scan.start ? scan.text.charCodeAt(at - 1) : 0x20);

/** The code at `at` in the passage; a space at its end. */
export const codeAt = (scan: Scan, at: number): number => (at < scan.end ? scan.text.charCodeAt(at) : 0x20);

/** A bounded piece of the passage after `at`. */
export const ahead = (scan: Scan, at: number, length: number): string =>
  scan.text.slice(at, Math.min(scan.end, at + length));

/** A bounded piece of the passage before `at`. */
export const behind = (scan: Scan, at: number, length: number): string =>
  scan.text.slice(Math.max(scan.start, at - length), at);
