// Sorting that pauses: a list of a million takes the sort of the language half a second at a stretch. Pure.

import type { Work } from './work.ts';

/** Steps between two pauses. */
const PER_SLICE = 8192;

/** The order of `count` things, equals as they stand. Takes few steps where long stretches are in order already. */
export function* sortSlowly(count: number, compare: (a: number, b: number) => number): Work<Int32Array> {
  let order = new Int32Array(count).map((_, index) => index);
  let other = new Int32Array(count);
  let ends = yield* stretches(count, compare);
  while (ends.length > 1) {
    const merged: number[] = [];
    for (let pair = 0; pair < ends.length; pair += 2) {
      const middle = ends[pair] ?? count;
      const end = ends[pair + 1] ?? middle;
      yield* merge(order, other, [ends[pair - 1] ?? 0, middle, end], compare);
      merged.push(end);
    }
    [order, other] = [other, order];
    ends = merged;
  }
  return order;
}

/** Where the stretches that are in order end. */
function* stretches(count: number, compare: (a: number, b: number) => number): Work<number[]> {
  const ends: number[] = [];
  for (let index = 1; index < count; index += 1) {
    if (compare(index - 1, index) > 0) ends.push(index);
    if (index % PER_SLICE === 0) yield;
  }
  ends.push(count);
  return ends;
}

function* merge(
  from: Int32Array,
  into: Int32Array,
  [start, middle, end]: readonly [start: number, middle: number, end: number],
  compare: (a: number, b: number) => number,
): Work<void> {
  let [left, right] = [start, middle];
  for (let at = start; at < end; at += 1) {
    const a = from[left] ?? 0;
    const b = from[right] ?? 0;
    const takesLeft = left < middle && (right >= end || compare(a, b) <= 0);
    into[at] = takesLeft ? a : b;
    if (takesLeft) left += 1;
    else right += 1;
    if (at % PER_SLICE === 0) yield;
  }
}
