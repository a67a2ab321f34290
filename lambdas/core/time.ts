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

/** A moment on the clocks of one time zone. */
export interface ZonedTime {
  /** 0 to 23. */
  readonly hour: number;
  readonly minute: number;
  /** `Mon` to `Sun`. */
  readonly weekday: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const digits = '2-digit';
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
    ...{ year: 'numeric', month: digits, day: digits, hour: digits, minute: digits, weekday: 'short' },
  });
  formats.set(timeZone, format);
  return format;
};

/** What a clock in `timeZone` (an IANA name) shows. */
export const zonedTime = (epochMs: number, timeZone: string): ZonedTime => {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(epochMs)
      .map(({ type, value }) => [type, value]),
  );
  const read = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  return {
    hour: Number(read('hour')),
    minute: Number(read('minute')),
    weekday: read('weekday'),
    date: `${read('year')}-${read('month')}-${read('day')}`,
  };
};
