// What masking wants to know of a text from Amazon Comprehend. A message is masked twice: the first time notes which texts
// there are to ask about, the second has the answer. So what is asked and what is masked cannot differ: a text that
// nobody asked about withholds the message. Pure.

import type { RuleRef } from '../plan.ts';
import { maskAt } from '../text/masks.ts';
import { Withholding } from '../withheld.ts';
import type { Work } from '../work.ts';
import { type AskedDocument, addSpans, documentsOf, type EntitySpan } from './documents.ts';
import type { EntityType } from './entity-types.ts';
import type { Answer, DetectorFault } from './question.ts';

/** The rules for what Comprehend finds, as they apply to one call. */
export interface EntityPlan {
  readonly minScore: number;
  readonly maxBytes: number;
  readonly rules: ReadonlyMap<EntityType, RuleRef>;
}

export interface EntityMatch {
  readonly rule: RuleRef;
  readonly start: number;
  readonly end: number;
}

export interface Texts {
  /** What is known to be in a text that holds words. */
  entitiesIn(text: string): readonly EntityMatch[];
}

/** Notes what there is to ask. */
export class AskedTexts implements Texts {
  readonly #texts = new Set<string>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor({ maxBytes }: EntityPlan) {
    this.#maxBytes = maxBytes;
  }

  get documents(): readonly AskedDocument[] {
    return documentsOf(this.#texts);
  }

  entitiesIn(text: string): readonly EntityMatch[] {
    if (this.#texts.has(text)) return [];
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > this.#maxBytes) throw new Withholding({ reason: 'too_much_text', maxBytes: this.#maxBytes });
    this.#texts.add(text);
    return [];
  }
}

/** Knows what was found in the texts that were asked about. */
export class KnownTexts implements Texts {
  readonly #matches: ReadonlyMap<string, readonly EntityMatch[]>;

  constructor(matches: ReadonlyMap<string, readonly EntityMatch[]>) {
    this.#matches = matches;
  }

  entitiesIn(text: string): readonly EntityMatch[] {
    return this.#matches.get(text) ?? unavailable('not_asked');
  }
}

/** What the answer says of the texts that were asked about. */
export function* knownTexts(
  plan: EntityPlan,
  documents: readonly AskedDocument[],
  answer: Answer | undefined,
): Work<KnownTexts> {
  if (answer === undefined) return unavailable('not_asked');
  if (!answer.ok) return unavailable(answer.error);
  const spans = new Map<string, EntitySpan[]>();
  for (const [index, document] of documents.entries()) {
    for (const { text } of document.parts) if (!spans.has(text)) spans.set(text, []);
    const found = answer.value[index];
    if (found === undefined || !addSpans(spans, document, found).ok) return unavailable('malformed');
    yield;
  }
  const matches = new Map<string, readonly EntityMatch[]>();
  for (const [text, found] of spans) matches.set(text, matchesOf(plan, text, found));
  return new KnownTexts(matches);
}

const unavailable = (fault: DetectorFault): never => {
  throw new Withholding({ reason: 'detector_unavailable', fault });
};

const matchesOf = ({ minScore, rules }: EntityPlan, text: string, found: readonly EntitySpan[]): EntityMatch[] => {
  const matches: EntityMatch[] = [];
  const sure = found.filter(({ score }) => score >= minScore);
  for (const span of united(sure)) {
    const rule = rules.get(span.type);
    if (rule === undefined) continue;
    for (const { start, end } of outsideMasks(text, span)) matches.push({ rule, start, end });
  }
  return matches;
};

/** Spans of one type that overlap are one: the pieces of a long text see the same twice, or each its half. */
const united = (spans: readonly EntitySpan[]): readonly EntitySpan[] => {
  const last = new Map<EntityType, EntitySpan>();
  const done: EntitySpan[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const before = last.get(span.type);
    if (before !== undefined && span.start < before.end) {
      last.set(span.type, { ...before, end: Math.max(before.end, span.end) });
      continue;
    }
    if (before !== undefined) done.push(before);
    last.set(span.type, span);
  }
  return [...done, ...last.values()].sort((a, b) => a.start - b.start);
};

/** Longer than any mask. */
const MAX_MASK = 96;

/** What of a span is not masked already. Only masks are left out: a server that writes ‹ around a name hides nothing. */
const outsideMasks = (text: string, { start, end }: EntitySpan): { start: number; end: number }[] => {
  const parts: { start: number; end: number }[] = [];
  const first = Math.max(0, start - MAX_MASK);
  let from = start;
  for (const { index } of text.slice(first, end).matchAll(/‹/g)) {
    const mask = maskAt(text, first + index);
    if (mask === undefined || mask.end <= from) continue;
    if (first + index > from) parts.push({ start: from, end: first + index });
    from = mask.end;
  }
  if (from < end) parts.push({ start: from, end });
  return parts.filter((part) => /[\p{L}\p{N}]/u.test(text.slice(part.start, part.end)));
};

/** A text of the same length without what was found in it: that is masked already, and nobody else needs to know it. */
export const blanked = (text: string, found: readonly { readonly start: number; readonly end: number }[]): string => {
  if (found.length === 0) return text;
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of [...found].sort((a, b) => a.start - b.start)) {
    if (end <= at) continue;
    parts.push(text.slice(at, Math.max(at, start)), shapeOf(text.slice(Math.max(at, start), end)));
    at = end;
  }
  return `${parts.join('')}${text.slice(at)}`;
};

const shapeOf = (value: string): string =>
  value
    .replace(/\p{N}/gu, (digit) => '0'.repeat(digit.length))
    .replace(/[\p{L}\p{M}]/gu, (letter) => 'X'.repeat(letter.length));

/** Whether a text is more than one word: ids, numbers, base64 and single words are not asked about. */
export const holdsWords = (text: string, start = 0, end = text.length): boolean => {
  let [afterLetter, afterSpace] = [false, false];
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) afterSpace ||= afterLetter;
    else if (!isLetter(code)) continue;
    else if (afterSpace) return true;
    else afterLetter = true;
  }
  return false;
};

const isSpace = (code: number): boolean => (code < 128 ? code <= 0x20 : /\s/.test(String.fromCharCode(code)));
/** Beyond ASCII in doubt a letter. */
const isLetter = (code: number): boolean => code >= 128 || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a);
