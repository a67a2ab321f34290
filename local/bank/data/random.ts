/** Seeded pseudo-random numbers (mulberry32): the same bank on every machine and every run. */

export interface Random {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  pick<const T extends readonly [unknown, ...unknown[]]>(choices: T): T[number];
  digits(count: number): string;
  /** An ISO date from the first day of `fromYear` to 28 December of `toYear`. */
  date(fromYear: number, toYear: number): string;
}

/** Makes a generator; equal seeds give equal sequences. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1));
  const two = (value: number) => String(value).padStart(2, '0');
  return {
    int,
    pick: (choices) => choices[int(0, choices.length - 1)] ?? choices[0],
    digits: (count) => Array.from({ length: count }, () => int(0, 9)).join(''),
    date: (fromYear, toYear) => `${int(fromYear, toYear)}-${two(int(1, 12))}-${two(int(1, 28))}`,
  };
}
