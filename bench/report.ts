// Numbers for people and for machines: a table on the terminal, JSON beside it.

export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 's' | 'calls/s' | 'entries/s' | 'calls' | 'MB' | 'KB' | 'logs' | 'MB/s' | 'x' | '%';
  /** What design or issue demands; absent where there is no budget. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** The p-th percentile (0 to 100) of samples, nearest rank. */
export const percentile = (samples: readonly number[], p: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1))] ?? Number.NaN;
};

const verdict = ({ value, atMost, atLeast }: Measurement): string => {
  if (atLeast !== undefined) return value >= atLeast ? `at least ${atLeast}` : `UNDER ${atLeast}`;
  if (atMost === undefined) return '';
  return value <= atMost ? `within ${atMost}` : `OVER ${atMost}`;
};

export const table = (measurements: readonly Measurement[]): string => {
  const rows = measurements.map((measurement) => [
    measurement.name,
    measurement.value.toFixed(measurement.value < 10 ? 2 : 0),
    measurement.unit,
    verdict(measurement),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map(([name = '', value = '', unit = '', budget = '']) =>
      `${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)} ${unit.padEnd(widths[2] ?? 0)}  ${budget}`.trimEnd(),
    )
    .join('\n');
};
