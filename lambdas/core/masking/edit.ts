// What is replaced in a text, and why. Pure.

import type { DetectorId } from './detectors/catalog.ts';
import type { RuleRef } from './plan.ts';
import { finish, type Work } from './work.ts';

/** One value that a rule found. It holds the value itself: it goes into a commitment and nowhere else. */
export interface Finding {
  readonly path: string;
  readonly rule: RuleRef;
  readonly value: string;
  /** What found it: a detector, a rule by name or place, a pattern of the bank's own, or Amazon Comprehend. */
  readonly kind: DetectorId | 'field' | 'pattern' | 'entity';
}

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** Edits between two pauses. */
export const EDITS_PER_SLICE = 1024;

/**
 * Sorts edits and joins those that overlap: the span of both is replaced, as the longer one says. Nothing that any of them
 * found stays.
 */
export function* mergeEdits(edits: readonly Edit[]): Work<readonly Edit[]> {
  // Most often they come in the order of the text: a list of a million is then not made again.
  if (edits.length < 2 || (yield* isInOrder(edits))) return edits;
  const merged: Edit[] = [];
  let room = EDITS_PER_SLICE;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || edit.start >= last.end) merged.push(edit);
    else merged[merged.length - 1] = joined(last, edit);
    room -= 1;
    if (room > 0) continue;
    yield;
    room = EDITS_PER_SLICE;
  }
  return merged;
}

function* isInOrder(edits: readonly Edit[]): Work<boolean> {
  let end = 0;
  for (const [index, edit] of edits.entries()) {
    // An insertion between two of them may have to join with either.
    if (edit.start < end || edit.end === edit.start) return false;
    end = edit.end;
    if (index % EDITS_PER_SLICE === EDITS_PER_SLICE - 1) yield;
  }
  return true;
}

const joined = (first: Edit, second: Edit): Edit => {
  const longer = second.end - second.start > first.end - first.start ? second : first;
  const end = Math.max(first.end, second.end);
  // What lies inside the other was found by both: one finding tells it.
  const contained = second.end <= first.end || second.start === first.start;
  const findings = contained ? longer.findings : [...first.findings, ...second.findings];
  return { start: first.start, end, text: longer.text, findings };
};

/** One by one: a spread of a long list would overflow the stack. */
export const append = (edits: Edit[], more: Iterable<Edit>): void => {
  for (const edit of more) edits.push(edit);
};

/** The text with edits applied; they are sorted and do not overlap. */
export const applyEdits = (text: string, edits: readonly Edit[]): string => finish(applySlowly(text, edits));

/** The same for many edits, a slice of them at a time. */
export function* applySlowly(text: string, edits: readonly Edit[]): Work<string> {
  if (edits.length === 0) return text;
  const slices: string[] = [];
  let at = 0;
  for (let first = 0; first < edits.length; first += EDITS_PER_SLICE) {
    const parts: string[] = [];
    for (const edit of edits.slice(first, first + EDITS_PER_SLICE)) {
      parts.push(text.slice(at, edit.start), edit.text);
      at = edit.end;
    }
    slices.push(parts.join(''));
    if (edits.length > EDITS_PER_SLICE) yield;
  }
  slices.push(text.slice(at));
  return slices.join('');
}

/** What edits found, in their order. */
export function* findingsOf(edits: readonly Edit[]): Work<Finding[]> {
  const found: Finding[] = [];
  for (const [index, { findings }] of edits.entries()) {
    for (const finding of findings) found.push(finding);
    if (index % EDITS_PER_SLICE === EDITS_PER_SLICE - 1) yield;
  }
  return found;
}
