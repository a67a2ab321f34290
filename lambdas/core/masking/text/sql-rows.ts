// Rows of SQL: `INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')`. A column's name decides for its values. Bounded: every
// look is at a slice of a few thousand characters, and rows are gone through once. Pure.

import { SLICE, type Work } from '../work.ts';
import type { TakeCell } from './tables.ts';

const INSERT = /\binsert\s{1,8}into\s{1,8}[\w.$"`[\]]{1,160}\s{0,8}\(([^()]{1,4000})\)\s{0,8}values\s{0,8}(?=\()/gi;
const MAX_VALUE = 65_536;

/** Hands over the values under all columns whose name `judge` knows, one by one. */
export function* sqlCells<T>(text: string, judge: (name: string) => T | undefined, take: TakeCell<T>): Work<void> {
  let room = SLICE;
  for (const cost of takeInserts(text, judge, take)) {
    room -= cost;
    if (room > 0) continue;
    yield;
    room = SLICE;
  }
}

/** Takes the rows of all statements, one at a time; says how many characters each cost. */
function* takeInserts<T>(text: string, judge: (name: string) => T | undefined, take: TakeCell<T>): Generator<number> {
  for (const { 0: opening, 1: columns = '', index } of text.matchAll(INSERT)) {
    yield opening.length;
    const headings = columns.split(',').map((name) => judge(name.replace(/["'`[\]\s]/g, '')));
    let at = headings.some((heading) => heading !== undefined) ? index + opening.length : -1;
    while (at !== -1) {
      const next = takeTuple(text, at, headings, take);
      yield Math.max(0, next - at);
      at = next;
    }
  }
}

/** Takes the values of the row that opens at `open`; where the next one opens, -1 when none does. */
const takeTuple = <T>(text: string, open: number, headings: readonly (T | undefined)[], take: TakeCell<T>): number => {
  let at = open + 1;
  for (let column = 0; ; column += 1) {
    // More values than columns are no row, and could be millions.
    if (column === headings.length) return -1;
    const value = valueAt(text, at);
    const heading = headings[column];
    if (heading !== undefined && value.end > value.start) take(value.start, value.end, heading);
    if (text[value.next] !== ',') return nextTuple(text, value.next);
    at = value.next + 1;
  }
};

/** A value between its quotes, or up to the comma or bracket that ends it. */
const valueAt = (text: string, from: number): { start: number; end: number; next: number } => {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
  if (text[at] === "'") return quotedAt(text, at + 1);
  const start = at;
  while (at < text.length && at - start < MAX_VALUE && !/[,()]/.test(text[at] ?? '')) at += 1;
  return { start, end: start + text.slice(start, at).trimEnd().length, next: at };
};

/** A quote within is written twice. */
const quotedAt = (text: string, start: number): { start: number; end: number; next: number } => {
  let end = start;
  for (; end < text.length && end - start < MAX_VALUE; end += 1) {
    if (text[end] !== "'") continue;
    if (text[end + 1] !== "'") break;
    end += 1;
  }
  let next = end + 1;
  while (next < text.length && /\s/.test(text[next] ?? '')) next += 1;
  return { start, end, next };
};

const NEXT_TUPLE = /\)\s{0,8},\s{0,8}(?=\()/y;

const nextTuple = (text: string, close: number): number => {
  NEXT_TUPLE.lastIndex = close;
  const found = NEXT_TUPLE.exec(text)?.[0];
  return found === undefined ? -1 : close + found.length;
};
