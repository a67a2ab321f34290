// A day in the sealed log: the entries that name a request, and when signed objects appeared. The table plays no part, so
// that what is compared is what an examiner will see.
//
// Objects are numbered as the log grows, and S3 says when each appeared: the first of a day is found by halving. Segments
// are read one at a time.

import type { EvidenceLog } from '../adapters/s3-evidence-log.ts';
import type { LogTimes } from '../adapters/s3-log-times.ts';
import { EVIDENCE_KEYS } from '../contract.ts';
import type { Entry } from '../core/ledger/entry.ts';
import { CHECKPOINT_PREFIX, checkpointName, numberOf, SEGMENT_PREFIX, segmentName } from '../core/ledger/log-layout.ts';
import { unpackLines } from '../core/ledger/packing.ts';
import type { DayWindow, Span } from '../core/ledger/reconcile/day-window.ts';
import { fromTimestamp } from '../core/time.ts';

export interface SealedLogPorts {
  readonly log: Pick<EvidenceLog, 'get'>;
  readonly times: LogTimes;
}

/** An entry that names a request of API Gateway. */
export interface NamingEntry {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Clocks of functions against that of S3. */
const SKEW_MS = 5 * 60 * 1000;
/** No session lasts that long, its end and its manifest included. */
const MAX_SESSION_MS = 3 * 24 * 3600 * 1000;
/** How long after a day its entries are still looked for: a sealer that stood still for longer is another alarm. */
const LATE_MS = 24 * 3600 * 1000;

/** Entries of and around a day that name a request, each segment once. `beat` is called for each, and may throw. */
export async function* namingEntries(
  { log, times }: SealedLogPorts,
  { core, entries }: DayWindow,
  beat: () => void,
): AsyncGenerator<NamingEntry> {
  const names = { prefix: SEGMENT_PREFIX, nameOf: segmentName };
  const first = await startSince(times, names, entries.from - SKEW_MS);
  for await (const { name, appearedAt } of times.listAfter(SEGMENT_PREFIX, nameBefore(names, first))) {
    if (appearedAt > core.to + LATE_MS) return;
    beat();
    const packed = await log.get(name);
    if (packed === undefined) throw new Error(`${name} is listed and cannot be read`);
    for (const line of unpackLines(packed)) yield* namedBy(line);
  }
}

/** Only lines that could name a request are parsed: most cannot. */
const namedBy = (line: string): readonly NamingEntry[] => {
  if (!line.includes('"req":{"apigw":"')) return [];
  const entry = JSON.parse(line) as Entry;
  const names = entry.type === 'call.intent' || entry.type === 'call.denied' || entry.type === 'auth.denied';
  // Whoever could write the table could have any line sealed.
  return names && typeof entry.req?.apigw === 'string'
    ? [{ requestId: entry.req.apigw, at: fromTimestamp(entry.ts) }]
    : [];
};

/** When the first segment appeared; `undefined` while there is no log. */
export const logBegan = async ({ times }: SealedLogPorts): Promise<number | undefined> =>
  (await times.firstAfter(SEGMENT_PREFIX, SEGMENT_PREFIX))?.appearedAt;

/** When each object that the checkpoint key signed appeared, within a span: checkpoints, and manifests of sessions. */
export const signedObjects = async ({ times }: SealedLogPorts, { from, to }: Span): Promise<readonly number[]> => {
  const names = { prefix: CHECKPOINT_PREFIX, nameOf: checkpointName };
  const first = await startSince(times, names, from);
  const found: number[] = [];
  for await (const { appearedAt } of times.listAfter(CHECKPOINT_PREFIX, nameBefore(names, first))) {
    if (appearedAt >= to) break;
    found.push(appearedAt);
  }
  const { manifestPrefix } = EVIDENCE_KEYS;
  const oldest = `${manifestPrefix}${uuidSince(from - MAX_SESSION_MS)}`;
  for await (const { appearedAt } of times.listAfter(manifestPrefix, oldest)) {
    if (appearedAt >= from && appearedAt < to) found.push(appearedAt);
  }
  return found;
};

/** The beginning of a UUIDv7 of that time: manifests are named by session, and a session by when it was opened. */
const uuidSince = (time: number): string => {
  const hex = Math.max(0, time).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
};

interface Numbered {
  readonly prefix: string;
  readonly nameOf: (number: number) => string;
}

const nameBefore = ({ prefix, nameOf }: Numbered, number: number): string =>
  number === 0 ? prefix : nameOf(number - 1);

/** The smallest number from which on every object appeared at `time` or later. */
const startSince = async (times: LogTimes, names: Numbered, time: number): Promise<number> => {
  const earlierAt = async (number: number): Promise<number | undefined> => {
    const found = await times.firstAfter(names.prefix, nameBefore(names, number));
    return found !== undefined && found.appearedAt < time ? (numberOf(found.name) ?? number) : undefined;
  };
  // Everything up to `low` is earlier; `high` is the first that is not, or beyond it.
  let low = await earlierAt(0);
  if (low === undefined) return 0;
  let high = low + 1024;
  for (let found = await earlierAt(high); found !== undefined; found = await earlierAt(high)) {
    low = found;
    high = low * 2 + 1024;
  }
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    const found = await earlierAt(middle);
    if (found === undefined) high = middle;
    else low = found;
  }
  return low + 1;
};
