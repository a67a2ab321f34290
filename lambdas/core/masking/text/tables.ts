// Tables in text (CSV, tab- or semicolon-separated, Markdown, psql): a column's heading decides for its cells, whatever
// they look like. Pure.

import { SLICE, type Work } from '../work.ts';

/** Takes a cell of a column that is known. */
export type TakeCell<T> = (start: number, end: number, heading: T) => void;

type Span = readonly [start: number, end: number];

interface Table<T> {
  readonly delimiter: string;
  readonly headings: readonly (T | undefined)[];
}

const DELIMITERS = ['\t', '|', ';', ','];
const MAX_HEADER = 4000;
const RULE_LINE = /^[\s|+:=-]+$/;

/** Hands over the cells of all columns whose heading `judge` knows, one by one: there may be a million. */
export function* tableCells<T>(text: string, judge: (heading: string) => T | undefined, take: TakeCell<T>): Work<void> {
  let table: Table<T> | undefined;
  let room = SLICE;
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const lineEnd = newline === -1 ? text.length : newline;
    table = table === undefined || !takeRow(text, at, lineEnd, table, take) ? header(text, at, lineEnd, judge) : table;
    room -= lineEnd - at + 1;
    at = lineEnd + 1;
    if (room > 0) continue;
    yield;
    room = SLICE;
  }
}

/** A line of names, of which one is known; numbers are no names. */
const header = <T>(
  text: string,
  start: number,
  end: number,
  judge: (heading: string) => T | undefined,
): Table<T> | undefined => {
  if (end - start > MAX_HEADER) return undefined;
  const line = text.slice(start, end);
  const delimiter = DELIMITERS.find((each) => line.includes(each));
  if (delimiter === undefined || /\d{3}/.test(line)) return undefined;
  const names = split(text, start, end, delimiter).map(([from, to]) => text.slice(from, to));
  if (names.length < 2 || names.some((name) => name.length > 64)) return undefined;
  const headings = names.map(judge);
  return headings.some((heading) => heading !== undefined) ? { delimiter, headings } : undefined;
};

/** Hands over the cells of a row; false when the line is none, and the table over. */
const takeRow = <T>(text: string, start: number, end: number, table: Table<T>, take: TakeCell<T>): boolean => {
  const spans = split(text, start, end, table.delimiter);
  if (RULE_LINE.test(text.slice(start, Math.min(end, start + MAX_HEADER)))) return end > start;
  if (spans.length !== table.headings.length) return false;
  spans.forEach(([from, to], column) => {
    const heading = table.headings[column];
    if (heading !== undefined && to > from) take(from, to, heading);
  });
  return true;
};

/** The cells of a line, without the spaces and quotes around them. An outer `|` belongs to no cell. */
const split = (text: string, start: number, end: number, delimiter: string): Span[] => {
  const [from, to] = delimiter === '|' ? withoutBars(text, start, end) : [start, end];
  const spans: Span[] = [];
  let cell = from;
  let isQuoted = false;
  for (let at = from; at < to; at += 1) {
    const char = text[at];
    if (char === '"') isQuoted = !isQuoted;
    else if (char === delimiter && !isQuoted) {
      spans.push(trimmed(text, cell, at));
      cell = at + 1;
    }
  }
  spans.push(trimmed(text, cell, to));
  return spans;
};

const withoutBars = (text: string, start: number, end: number): Span => {
  const [from, to] = spaceless(text, start, end);
  return [text[from] === '|' ? from + 1 : from, to > from + 1 && text[to - 1] === '|' ? to - 1 : to];
};

const trimmed = (text: string, start: number, end: number): Span => {
  const [from, to] = spaceless(text, start, end);
  return to - from > 1 && text[from] === '"' && text[to - 1] === '"' ? [from + 1, to - 1] : [from, to];
};

const spaceless = (text: string, start: number, end: number): Span => {
  let from = start;
  let to = end;
  while (from < to && isSpace(text.charCodeAt(from))) from += 1;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to -= 1;
  return [from, to];
};

const isSpace = (code: number): boolean =>
  code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code > 0x7f && /\s/.test(String.fromCharCode(code)));
