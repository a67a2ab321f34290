// Texts of a message as the documents that are sent, few and full, since each request costs time and money; and what was
// found in the documents as spans of the texts. An answer that does not fit what was asked is none. Pure.

import { err, ok, type Result } from '../../result.ts';
import { type EntityType, isEntityType } from './entity-types.ts';
import type { DetectedEntity } from './question.ts';

/** A character is at most three bytes of UTF-8 for each of its units, so that no document is over 100,000 bytes. */
const DOCUMENT_LENGTH = 33_000;
/** Pieces of a long text overlap by so much: longer than any name or address, which is then whole in one of them. */
const OVERLAP = 500;
/** Ends a paragraph: what stands in two texts is not read as one. */
const SEPARATOR = '\n\n';

/** Where a piece of a text stands in a document. */
interface Part {
  readonly text: string;
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

export interface AskedDocument {
  readonly text: string;
  readonly parts: readonly Part[];
}

export interface EntitySpan {
  readonly type: EntityType;
  readonly score: number;
  readonly start: number;
  readonly end: number;
}

/** Puts texts together to documents; a text that is longer than one is cut at white space. */
export const documentsOf = (texts: Iterable<string>): readonly AskedDocument[] => {
  const documents: AskedDocument[] = [];
  let [pieces, parts, length]: [string[], Part[], number] = [[], [], 0];
  const close = () => {
    // Half of a surrogate pair is no UTF-8; what takes its place is as long.
    if (parts.length > 0) documents.push({ text: pieces.join(SEPARATOR).toWellFormed(), parts });
    [pieces, parts, length] = [[], [], 0];
  };
  for (const text of texts) {
    for (const { from, to } of piecesOf(text)) {
      if (length + to - from > DOCUMENT_LENGTH) close();
      pieces.push(text.slice(from, to));
      parts.push({ text, from, start: length, end: length + to - from });
      length += to - from + SEPARATOR.length;
    }
  }
  close();
  return documents;
};

interface Piece {
  readonly from: number;
  readonly to: number;
}

const piecesOf = (text: string): readonly Piece[] => {
  const pieces: Piece[] = [];
  let from = 0;
  while (text.length - from > DOCUMENT_LENGTH) {
    const to = breakBefore(text, from + DOCUMENT_LENGTH);
    pieces.push({ from, to });
    from = breakBefore(text, to - OVERLAP);
  }
  return [...pieces, { from, to: text.length }];
};

/** The last place before `at` that follows white space, if there is one near; never inside a character. */
const breakBefore = (text: string, at: number): number => {
  for (let place = at; place > at - OVERLAP; place -= 1) if (/\s/.test(text[place - 1] ?? '')) return place;
  return isHighSurrogate(text.charCodeAt(at - 1)) ? at - 1 : at;
};

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code < 0xdc00;
const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code < 0xe000;

/** Adds what was found in a document to the spans of the texts in it, which are all known to the map. */
export const addSpans = (
  spans: ReadonlyMap<string, EntitySpan[]>,
  { text, parts }: AskedDocument,
  found: readonly DetectedEntity[],
): Result<null, 'malformed'> => {
  const offsets = unitOffsets(text);
  const places = found.map((entity) => spanOf(entity, offsets)).filter((span) => span !== undefined);
  if (places.length < found.length) return err('malformed');
  let first = 0;
  for (const span of places.sort((a, b) => a.start - b.start)) {
    while ((parts[first]?.end ?? span.start) < span.start) first += 1;
    for (const part of partsUnder(parts, first, span)) {
      const clipped = clippedTo(part, span);
      if (clipped !== undefined) spans.get(part.text)?.push(clipped);
    }
  }
  return ok(null);
};

/** The parts from `first` on that a span reaches into. */
function* partsUnder(parts: readonly Part[], first: number, span: EntitySpan): Generator<Part> {
  for (let index = first; index < parts.length; index += 1) {
    const part = parts[index];
    if (part === undefined || part.start >= span.end) return;
    yield part;
  }
}

/** Whether an answer fits the document that it is about. */
export const isSound = (document: string, found: readonly DetectedEntity[]): boolean => {
  const offsets = unitOffsets(document);
  return found.every((entity) => spanOf(entity, offsets) !== undefined);
};

const spanOf = ({ type, begin, end, score }: DetectedEntity, offsets: Offsets): EntitySpan | undefined => {
  const fits = Number.isSafeInteger(begin) && Number.isSafeInteger(end) && begin >= 0 && begin < end;
  if (!fits || end > offsets.points || !(score >= 0 && score <= 1) || !isEntityType(type)) return undefined;
  return { type, score, start: offsets.at(begin), end: offsets.at(end) };
};

/** What of a span lies in a part, in the coordinates of the part's text and without the blanks around it. */
const clippedTo = ({ text, from, start, end }: Part, span: EntitySpan): EntitySpan | undefined => {
  const own = text.slice(from + Math.max(span.start, start) - start, from + Math.min(span.end, end) - start);
  const trimmed = own.trim();
  if (trimmed === '') return undefined;
  const at = from + Math.max(span.start, start) - start + own.indexOf(trimmed);
  return { ...span, start: at, end: at + trimmed.length };
};

interface Offsets {
  /** Code points in the text. */
  readonly points: number;
  /** Where a code point begins, in units. */
  at(point: number): number;
}

const unitOffsets = (text: string): Offsets => {
  const starts: number[] = [];
  for (let at = 0; at < text.length; at += 1)
    if (!isLowSurrogate(text.charCodeAt(at)) || !isHighSurrogate(text.charCodeAt(at - 1))) starts.push(at);
  return { points: starts.length, at: (point) => starts[point] ?? text.length };
};
