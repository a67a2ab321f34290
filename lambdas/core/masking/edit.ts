// What is replaced in a text, and why. Pure.

import type { DetectorId } from './detectors/catalog.ts';
import type { RuleRef } from './plan.ts';
import { sortSlowly } from './sort-slowly.ts';
import type { Work } from './work.ts';

/** One value that a rule found. It holds the value itself: it goes into a commitment and nowhere else. */
export interface Finding {
  readonly path: string;
  readonly rule: RuleRef;
  readonly value: string;
  /** What found it: a detector, a rule by name or place, a pattern of the bank's own, or Amazon Comprehend. */
  readonly kind: DetectorId | 'field' | 'pattern' | 'entity';
}

/**
 * A finding that reads its value out of the text it stands in. One light object: of a million findings, the collector carries
 * each along until they are committed to.
 */
export class SpanFinding implements Finding {
  readonly path: string;
  readonly rule: RuleRef;
  readonly kind: Finding['kind'];
  readonly #text: string;
  readonly #start: number;
  readonly #end: number;

  constructor({ path, rule, kind }: Omit<Finding, 'value'>, text: string, { start, end }: Pick<Edit, 'start' | 'end'>) {
    this.path = path;
    this.rule = rule;
    this.kind = kind;
    this.#text = text;
    this.#start = start;
    this.#end = end;
  }

  get value(): string {
    return this.#text.slice(this.#start, this.#end);
  }
}

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** Edits between two pauses. */
export const EDITS_PER_SLICE = 1024;

/** Start, end, and how many findings there are up to and with this edit. */
const STRIDE = 3;
/** Edits in one piece: a list that grows piece by piece is never copied. */
const PIECE_BITS = 13;
const IN_PIECE = (1 << PIECE_BITS) - 1;

/**
 * Edits in columns. A message may have a million of them, and as many objects that live until its end would cost the
 * collector more than finding them did.
 */
export class Edits implements Iterable<Edit> {
  /** What the edits found, in their order. */
  readonly findings: Finding[] = [];
  /** Of the last piece; the others are full. */
  #numbers: number[] = [];
  #texts: string[] = [];
  readonly #pieces: { readonly numbers: number[]; readonly texts: string[] }[] = [];

  get length(): number {
    return (this.#pieces.length << PIECE_BITS) + this.#texts.length;
  }

  startOf(index: number): number {
    return this.#number(index, 0);
  }

  endOf(index: number): number {
    return this.#number(index, 1);
  }

  textOf(index: number): string {
    const texts = this.#pieces[index >> PIECE_BITS]?.texts ?? this.#texts;
    return texts[index & IN_PIECE] ?? '';
  }

  at(index: number): Edit {
    const [start, end, text] = [this.startOf(index), this.endOf(index), this.textOf(index)];
    return { start, end, text, findings: this.findings.slice(this.#foundBefore(index), this.#foundBefore(index + 1)) };
  }

  *[Symbol.iterator](): Generator<Edit> {
    for (let index = 0; index < this.length; index += 1) yield this.at(index);
  }

  push({ start, end, text, findings }: Edit): void {
    for (const finding of findings) this.findings.push(finding);
    this.#end(start, end, text);
  }

  /** An edit with one finding, which is what almost all of them are. */
  add(start: number, end: number, text: string, finding: Finding): void {
    this.findings.push(finding);
    this.#end(start, end, text);
  }

  /** An edit of another list, where it stands in this one's text. */
  take(from: Edits, index: number, { start, end, text }: Omit<Edit, 'findings'>): void {
    const last = from.#foundBefore(index + 1);
    for (let at = from.#foundBefore(index); at < last; at += 1) {
      const finding = from.findings[at];
      if (finding !== undefined) this.findings.push(finding);
    }
    this.#end(start, end, text);
  }

  #foundBefore(index: number): number {
    return index === 0 ? 0 : this.#number(index - 1, 2);
  }

  #number(index: number, column: number): number {
    const numbers = this.#pieces[index >> PIECE_BITS]?.numbers ?? this.#numbers;
    return numbers[(index & IN_PIECE) * STRIDE + column] ?? 0;
  }

  #end(start: number, end: number, text: string): void {
    this.#numbers.push(start, end, this.findings.length);
    this.#texts.push(text);
    if (this.#texts.length <= IN_PIECE) return;
    this.#pieces.push({ numbers: this.#numbers, texts: this.#texts });
    this.#numbers = [];
    this.#texts = [];
  }
}

/** Where the edits of one text stand in another. They are asked in the order of the text. */
export interface Carrier {
  startOf(start: number): number;
  endOf(end: number): number;
  textOf(text: string): string;
}

/** Takes edits over into the list of the text around theirs. */
export function* carryOver(edits: Edits, carrier: Carrier, into: Edits): Work<void> {
  for (let index = 0; index < edits.length; index += 1) {
    const start = carrier.startOf(edits.startOf(index));
    const end = carrier.endOf(edits.endOf(index));
    into.take(edits, index, { start, end, text: carrier.textOf(edits.textOf(index)) });
    if (index % EDITS_PER_SLICE === EDITS_PER_SLICE - 1) yield;
  }
}

/** Of edits that stand where they stood. */
export const IN_PLACE: Carrier = { startOf: (start) => start, endOf: (end) => end, textOf: (text) => text };

/**
 * Sorts edits and joins those that overlap: the span of both is replaced, as the longer one says. Nothing that any of them
 * found stays.
 */
export function* mergeEdits(edits: Edits): Work<Edits> {
  // Most often they come in the order of the text: a list of a million is then not made again.
  if (edits.length < 2 || (yield* isInOrder(edits))) return edits;
  const order = yield* sortSlowly(
    edits.length,
    (a, b) => edits.startOf(a) - edits.startOf(b) || edits.endOf(b) - edits.endOf(a),
  );
  const merged = new Edits();
  let last: Edit | undefined;
  let room = EDITS_PER_SLICE;
  for (const index of order) {
    const edit = edits.at(index);
    if (last !== undefined && edit.start >= last.end) merged.push(last);
    last = last === undefined || edit.start >= last.end ? edit : joined(last, edit);
    room -= 1;
    if (room > 0) continue;
    yield;
    room = EDITS_PER_SLICE;
  }
  if (last !== undefined) merged.push(last);
  return merged;
}

function* isInOrder(edits: Edits): Work<boolean> {
  let end = 0;
  for (let index = 0; index < edits.length; index += 1) {
    const start = edits.startOf(index);
    // An insertion between two of them may have to join with either.
    if (start < end || edits.endOf(index) === start) return false;
    end = edits.endOf(index);
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

/** The text with edits applied, a slice of them at a time; they are sorted and do not overlap. */
export function* applySlowly(text: string, edits: Edits): Work<string> {
  if (edits.length === 0) return text;
  const slices: string[] = [];
  let at = 0;
  for (let first = 0; first < edits.length; first += EDITS_PER_SLICE) {
    const parts: string[] = [];
    const last = Math.min(edits.length, first + EDITS_PER_SLICE);
    for (let index = first; index < last; index += 1) {
      parts.push(text.slice(at, edits.startOf(index)), edits.textOf(index));
      at = edits.endOf(index);
    }
    slices.push(parts.join(''));
    if (edits.length > EDITS_PER_SLICE) yield;
  }
  slices.push(text.slice(at));
  return slices.join('');
}
