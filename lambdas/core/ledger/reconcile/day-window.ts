// A UTC day, and how far around it one must look. A request is received before its entry is written, and the two clocks
// differ; so each request of the day is looked for among entries of a little more than the day, and the other way round.
// Every request and every entry is judged on exactly one day. Pure.

import { fromTimestamp } from '../../time.ts';

export interface Span {
  /** Epoch milliseconds, first and past the last. */
  readonly from: number;
  readonly to: number;
}

export interface DayWindow {
  readonly day: string;
  readonly core: Span;
  /** Entries that may belong to requests of the day. */
  readonly entries: Span;
  /** Requests that may belong to entries of the day. */
  readonly requests: Span;
}

const DAY_MS = 24 * 3600 * 1000;
const CLOCK_SLACK_MS = 5 * 60 * 1000;
/** From the receipt of a request to its first entry: far longer than a function may take to write it. */
const TO_ENTRY_MS = 30 * 60 * 1000;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** `undefined` for text that is no day. */
export const dayWindow = (day: string): DayWindow | undefined => {
  const from = DAY.test(day) ? fromTimestamp(`${day}T00:00:00.000Z`) : Number.NaN;
  if (Number.isNaN(from)) return undefined;
  const to = from + DAY_MS;
  return {
    day,
    core: { from, to },
    entries: { from: from - CLOCK_SLACK_MS, to: to + TO_ENTRY_MS },
    requests: { from: from - TO_ENTRY_MS, to: to + CLOCK_SLACK_MS },
  };
};

export const isIn = ({ from, to }: Span, at: number): boolean => at >= from && at < to;
