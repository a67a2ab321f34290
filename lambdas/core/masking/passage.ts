// Masks one passage of text: the scanner's one pass and, only where that pass saw a reason to, tables, JSON in the text,
// characters written otherwise, and text in base64. Pure.

import { blanked, holdsWords, type Texts } from './comprehend/texts.ts';
import { carryOver, EDITS_PER_SLICE, Edits, type Finding, IN_PLACE, mergeEdits, SpanFinding } from './edit.ts';
import { codesOf, TreeReader } from './json/tree.ts';
import { patternMatches } from './pattern-matches.ts';
import type { Place } from './place.ts';
import type { NameFacts, Plan, RuleRef } from './plan.ts';
import { maskOf } from './replacement.ts';
import { HANDLE } from './roles.ts';
import { decodeToken } from './text/base64.ts';
import { mayFold } from './text/fold.ts';
import { isMasked } from './text/masks.ts';
import { TextScanner } from './text/scanner.ts';
import { sqlCells } from './text/sql-rows.ts';
import { tableCells } from './text/tables.ts';
import { ViewBuilder } from './text/view.ts';
import { refusedBy, Withholding } from './withheld.ts';
import { SLICE, type Work } from './work.ts';

/** How often text may be wrapped in text (JSON in a string, base64, escapes) before we give up rather than guess. */
const MAX_WRAPPING = 5;
export const MAX_DEPTH = 64;

/** Fewer characters hold nothing that a detector would know without a context. */
const SHORTEST = 6;

interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Passage {
  readonly text: string;
  /** What the name of its field says of it. */
  readonly contexts: number;
  readonly place: Place;
  /** How many wrappings it came out of. */
  readonly depth: number;
}

/** What is known of the call that a passage belongs to. */
export interface PassageCall {
  readonly plan: Plan;
  readonly tokenKey: Uint8Array;
  /** What Amazon Comprehend says of its texts; `null` when it is not asked. */
  readonly texts: Texts | null;
}

/** Masks JSON found in text; edits are in the coordinates of that text. */
export type MaskJson = (text: string, reader: TreeReader, around: Passage) => Work<Edits>;

export class PassageMasker {
  /** What exceptions let through: reported, not masked. */
  readonly shown: Finding[] = [];
  readonly #plan: Plan;
  readonly #tokenKey: Uint8Array;
  readonly #maskJson: MaskJson;
  readonly #scanner: TextScanner;
  readonly #texts: Texts | null;

  constructor({ plan, tokenKey, texts }: PassageCall, maskJson: MaskJson) {
    this.#plan = plan;
    this.#tokenKey = tokenKey;
    this.#texts = texts;
    this.#maskJson = maskJson;
    this.#scanner = new TextScanner(plan.detectors);
  }

  /** Scans a short passage at once; whether there is nothing more to do about it. */
  isClean(text: string, start: number, end: number, contexts: number): boolean {
    const scanner = this.#scanner;
    if (this.#texts !== null && holdsWords(text, start, end)) return false;
    if (end - start < SHORTEST && contexts === 0 && this.#plan.patterns.length === 0 && isAscii(text, start, end))
      return true;
    scanner.open(text, start, end, contexts);
    return sawNothing(scanner, end - start) && this.#plan.patterns.length === 0;
  }

  /** Edits of a passage, sorted, in the coordinates of its text. */
  *mask(passage: Passage): Work<Edits> {
    if (passage.depth > MAX_WRAPPING) throw new Withholding({ reason: 'too_deep', limit: MAX_WRAPPING });
    const whole = yield* this.#json(passage);
    return yield* mergeEdits(whole ?? (yield* this.#plain(passage)));
  }

  /** The mask of a whole value under a rule; `undefined` when it stays as it is. */
  maskValue(
    rule: RuleRef,
    value: string,
    place: Place,
    kind: Finding['kind'],
  ): { mask: string; finding: Finding } | undefined {
    if (isMasked(value) || this.#plan.isAllowedValue(value)) return undefined;
    const finding: Finding = { path: place.path, rule, value, kind };
    if (rule.shownBy !== null) {
      this.shown.push(finding);
      return undefined;
    }
    if (rule.action === 'refuse') throw refusedBy(rule, finding.path);
    return { mask: maskOf(rule, value, this.#tokenKey), finding };
  }

  *#plain(passage: Passage): Work<Edits> {
    const edits = yield* this.#scan(passage);
    const asked = this.#askedText(passage, edits);
    const { sawHigh, sawEscape, sawLine, sawRows, opens, longTokens } = this.#scanner;
    for (const token of longTokens) yield* this.#encoded(passage, token, edits);
    if (sawLine || sawRows) yield* this.#cells(passage, { lines: sawLine, sql: sawRows }, edits);
    if (opens.length > 0) yield* this.#embedded(passage, opens, edits);
    yield* this.#patterns(passage, edits);
    // Asked about as its reader sees it.
    const isFolded = sawHigh && (yield* mayFoldIn(passage.text)) && (yield* this.#view(passage, false, edits));
    if (!isFolded) this.#entities(passage, asked, edits);
    if (sawEscape) yield* this.#view(passage, true, edits);
    return edits;
  }

  *#scan(passage: Passage): Work<Edits> {
    const edits = new Edits();
    yield* this.#scanned(passage, { start: 0, end: passage.text.length }, passage.contexts, edits);
    return edits;
  }

  *#scanned(passage: Passage, { start, end }: Span, contexts: number, edits: Edits): Work<void> {
    const scanner = this.#scanner;
    scanner.open(passage.text, start, end, contexts);
    for (;;) {
      const isDone = scanner.advance(SLICE);
      for (const match of scanner.takeMatches()) {
        const rule = this.#plan.ruleOf(match.id);
        if (rule !== undefined) this.#add(edits, passage, match, rule, match.id);
      }
      if (isDone) return;
      yield;
    }
  }

  #add(edits: Edits, { text, place }: Passage, { start, end }: Span, rule: RuleRef, kind: Finding['kind']): void {
    const masked = this.maskValue(rule, text.slice(start, end), place, kind);
    if (masked !== undefined) edits.add(start, end, masked.mask, new SpanFinding(masked.finding, text, { start, end }));
  }

  /**
   * The text as Amazon Comprehend is asked about it, without what the scanner found: the same both times, since that depends
   * on the text alone. `null` for text without words, and for a handle, which is nobody's to read.
   */
  #askedText({ text, place }: Passage, scanned: Edits): string | null {
    return this.#texts === null || place.role === HANDLE || !holdsWords(text) ? null : blanked(text, [...scanned]);
  }

  #entities(passage: Passage, asked: string | null, edits: Edits): void {
    if (asked === null) return;
    for (const match of this.#texts?.entitiesIn(asked) ?? []) this.#add(edits, passage, match, match.rule, 'entity');
  }

  /** The text as its reader sees it, if that is another. Resolved escapes may hold others ("%2534"), and JSON. */
  *#view(passage: Passage, resolves: boolean, edits: Edits): Work<boolean> {
    const builder = new ViewBuilder(passage.text, resolves);
    while (!builder.advance(SLICE)) yield;
    const view = builder.finish();
    if (view === undefined) return false;
    const inner = { ...passage, text: view.text, depth: passage.depth + 1 };
    const found = yield* mergeEdits(resolves ? yield* this.mask(inner) : yield* this.#folded(inner));
    yield* carryOver(found, view, edits);
    return true;
  }

  /** Folding needs no second look at escapes: the passage itself gets one. */
  *#folded(passage: Passage): Work<Edits> {
    const edits = yield* this.#scan(passage);
    const asked = this.#askedText(passage, edits);
    for (const token of this.#scanner.longTokens) yield* this.#encoded(passage, token, edits);
    yield* this.#patterns(passage, edits);
    this.#entities(passage, asked, edits);
    return edits;
  }

  /** Text in base64 that holds anything is masked as a whole. */
  *#encoded(passage: Passage, { start, end }: Span, edits: Edits): Work<void> {
    const decoded = decodeToken(passage.text.slice(start, end));
    if (decoded === undefined) return;
    const found = yield* this.mask({ ...passage, text: decoded, depth: passage.depth + 1 });
    if (found.length > 0) edits.push({ start, end, text: found.textOf(0), findings: found.findings });
  }

  /** Cells of tables, and of rows of SQL: their heading is a rule for them, or says what they may be. */
  *#cells(passage: Passage, hasRows: { readonly lines: boolean; readonly sql: boolean }, edits: Edits): Work<void> {
    const named: (Span & { readonly contexts: number })[] = [];
    const judge = (heading: string): NameFacts | undefined => this.#plan.headingFacts(heading);
    const take = (start: number, end: number, { rule, contexts }: NameFacts): void => {
      if (rule === undefined) named.push({ start, end, contexts });
      else this.#add(edits, passage, { start, end }, rule, 'field');
    };
    if (hasRows.lines) yield* tableCells(passage.text, judge, take);
    if (hasRows.sql) yield* sqlCells(passage.text, judge, take);
    for (const [index, cell] of named.entries()) {
      yield* this.#scanned(passage, cell, cell.contexts, edits);
      if (index % EDITS_PER_SLICE === EDITS_PER_SLICE - 1) yield;
    }
  }

  *#patterns(passage: Passage, edits: Edits): Work<void> {
    for (const { matcher, rule } of this.#plan.patterns)
      for (const match of yield* patternMatches(passage.text, matcher))
        this.#add(edits, passage, match, rule, 'pattern');
  }

  /** The whole text as JSON, one or more values of it; `undefined` when it is none. */
  *#json(passage: Passage): Work<Edits | undefined> {
    const { text } = passage;
    if (!opensJson(text)) return undefined;
    const reader = new TreeReader(text, MAX_DEPTH, 'many');
    while (!reader.advance(SLICE)) yield;
    if (reader.fault?.reason === 'too_deep') throw new Withholding({ reason: 'too_deep', limit: MAX_DEPTH });
    return reader.fault === undefined ? yield* this.#maskJson(text, reader, passage) : undefined;
  }

  /** JSON in the midst of text: after a line's end, a fence or a colon. */
  *#embedded(passage: Passage, opens: readonly number[], edits: Edits): Work<void> {
    const { text } = passage;
    const codes = codesOf(text);
    let done = 0;
    for (const from of opens) {
      if (from < done) continue;
      const reader = new TreeReader(text, MAX_DEPTH, 'first', { from, codes });
      while (!reader.advance(SLICE)) yield;
      if (reader.fault !== undefined) continue;
      yield* carryOver(yield* this.#maskJson(text, reader, passage), IN_PLACE, edits);
      done = reader.length;
    }
  }
}

const sawNothing = (scanner: TextScanner, length: number): boolean => {
  scanner.advance(length);
  const { matches, longTokens, sawHigh, sawEscape, sawLine, opens } = scanner;
  if (matches.length > 0 || longTokens.length > 0 || opens.length > 0 || scanner.sawRows) return false;
  return !sawHigh && !sawEscape && !sawLine;
};

/** Whether a text begins with an object, a list, or a string that is a text of JSON itself. */
const opensJson = (text: string): boolean => {
  let at = 0;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  const code = text.charCodeAt(at);
  return code === 0x7b || code === 0x5b || (code === 0x22 && text.endsWith('"'));
};

const isAscii = (text: string, start: number, end: number): boolean => {
  for (let at = start; at < end; at += 1) if (text.charCodeAt(at) > 127) return false;
  return true;
};

function* mayFoldIn(text: string): Work<boolean> {
  for (let at = 0; at < text.length; at += SLICE) {
    if (mayFold(text.slice(Math.max(0, at - 2), at + SLICE + 2))) return true;
    yield;
  }
  return false;
}
