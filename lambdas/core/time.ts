// Pure conversions between epoch milliseconds and text. The one file of core/ that may name `Date`.

/** RFC 3339 UTC with milliseconds, as every entry carries it. */
export const toTimestamp = (epochMs: number): string => new Date(epochMs).toISOString();

/** UTC day, `YYYY-MM-DD`. */
export const toDay = (epochMs: number): string => toTimestamp(epochMs).slice(0, 10);

/** Epoch milliseconds of an RFC 3339 timestamp; `NaN` when it is not one. */
export const fromTimestamp = (timestamp: string): number => Date.parse(timestamp);

/** Time as an argument: core/ never reads a clock, it is handed one. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}
