// Where a pattern of the bank's own matches in a text, which is looked at in overlapping pieces. Pure.

import type { RE2JS } from 're2js';
import type { Work } from './work.ts';

/** Matches that are longer than this are found in part. */
const OVERLAP = 1024;
const PIECE = 16_384;

interface Span {
  readonly start: number;
  readonly end: number;
}

export function* patternMatches(text: string, pattern: RE2JS): Work<readonly Span[]> {
  const matches: Span[] = [];
  for (let at = 0; at < text.length; at += PIECE) {
    const from = Math.max(0, at - OVERLAP);
    const piece = text.slice(from, at + PIECE + OVERLAP);
    const matcher = pattern.matcher(piece);
    while (matcher.find()) {
      const [start, end] = [matcher.start(), matcher.end()];
      // What is masked already is no match of anything.
      if (end === start || /[‹›]/.test(piece.slice(start, end)) || isInMask(piece, start)) continue;
      matches.push({ start: from + start, end: from + end });
    }
    yield;
  }
  return matches;
}

/** Whether a match lies inside a mask: after its ‹ and before its ›. */
const isInMask = (text: string, at: number): boolean => {
  const open = text.lastIndexOf('‹', at);
  return open !== -1 && at - open < 64 && text.lastIndexOf('›', at) < open && text.slice(at, at + 64).includes('›');
};
