// What masking did in one exchange, by rule. Pure.

import type { Row } from './timeline.ts';

/** `us-bank.ssn@1` and how many values it masked; with the exception where one showed them. */
export const maskCounts = ({
  segments,
  outcome,
}: Pick<Extract<Row, { kind: 'complete' }>, 'segments' | 'outcome'>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const { mask } of [...segments, outcome.result])
    for (const { rule, shown, n } of mask?.values ?? []) {
      const what = shown === null ? rule : `${rule} shown by ${shown}`;
      counts.set(what, (counts.get(what) ?? 0) + Number(n));
    }
  return counts;
};
