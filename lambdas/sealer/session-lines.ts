// The lines of one session, out of the locked bucket. The table only says where to look: what a manifest states is read
// from the log itself, so a changed table cannot get a false one signed.

import { numberOf, SEGMENT_PREFIX, segmentName } from '../core/ledger/log-layout.ts';
import { unpackLines } from '../core/ledger/packing.ts';
import type { SealerPorts } from './ports.ts';

export interface IndexedLine {
  readonly index: number;
  readonly line: string;
}

interface Segment {
  readonly name: string;
  readonly start: number;
}

interface Needed extends Segment {
  readonly indexes: readonly number[];
}

type LogReader = Pick<SealerPorts, 'log'>;

/** No segment is longer than this by far; where to begin listing. */
const SEGMENT_REACH = 2000;
const READ_AT_ONCE = 16;

/** Lines at the indexes given, which rise; those that the log does not have are left out. */
export async function* linesAt({ log }: LogReader, indexes: readonly number[]): AsyncGenerator<IndexedLine> {
  const needed = await findSegments({ log }, indexes);
  for (let at = 0; at < needed.length; at += READ_AT_ONCE) {
    const slice = needed.slice(at, at + READ_AT_ONCE);
    const packed = await Promise.all(slice.map(({ name }) => log.get(name)));
    for (const [n, { start, indexes: wanted }] of slice.entries()) {
      const lines = unpackLines(packed[n] ?? new Uint8Array());
      for (const index of wanted) {
        const line = lines[index - start];
        if (line !== undefined) yield { index, line };
      }
    }
  }
}

/** The segments that hold the indexes, by their names: each reaches to the start of the next. */
const findSegments = async ({ log }: LogReader, indexes: readonly number[]): Promise<readonly Needed[]> => {
  const first = indexes[0] ?? 0;
  const last = indexes.at(-1) ?? first;
  const near = await listSegments(log, Math.max(0, first - SEGMENT_REACH), last);
  const reaches = (near[0]?.start ?? Number.POSITIVE_INFINITY) <= first;
  return groupBySegment(reaches ? near : await listSegments(log, 0, last), indexes);
};

/** Segments that start between two indexes. */
const listSegments = async (log: LogReader['log'], from: number, last: number): Promise<readonly Segment[]> => {
  const listed: Segment[] = [];
  const after = from === 0 ? SEGMENT_PREFIX : segmentName(from - 1);
  for await (const name of log.listAfter(SEGMENT_PREFIX, after)) {
    const start = numberOf(name) ?? 0;
    if (start > last) break;
    listed.push({ name, start });
  }
  return listed;
};

const groupBySegment = (listed: readonly Segment[], indexes: readonly number[]): readonly Needed[] => {
  let at = 0;
  return listed.flatMap((segment, n) => {
    const end = listed[n + 1]?.start ?? Number.POSITIVE_INFINITY;
    const first = at;
    while (at < indexes.length && (indexes[at] ?? 0) < end) at += 1;
    return at > first ? [{ ...segment, indexes: indexes.slice(first, at) }] : [];
  });
};
