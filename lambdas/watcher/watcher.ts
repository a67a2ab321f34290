// Watches the ledger table's stream for hands other than the sealer's and time to live's, and writes down what they did:
//
//     record -> judge by its images -> [look a mark up in the locked segment] -> record the suspicion once
//
// It only ever adds entries, to partitions of its own. In order, and up to the first that fails: Lambda delivers again
// from there, and a change that was recorded already is known by its place.

import type { DynamoDBRecord } from 'aws-lambda';
import type { Diagnostics } from '../adapters/diagnostics.ts';
import type { SuspicionLog } from '../adapters/dynamo-suspicions.ts';
import type { Metrics } from '../adapters/metrics.ts';
import type { EvidenceLog } from '../adapters/s3-evidence-log.ts';
import type { Entry, EntryStamp, GatewayRecord } from '../core/ledger/entry.ts';
import { leafHash } from '../core/ledger/line.ts';
import { segmentName } from '../core/ledger/log-layout.ts';
import { unpackLines } from '../core/ledger/packing.ts';
import { type ItemChange, judgeChange, type TamperDetail, textOf } from '../core/ledger/watch/judge-change.ts';
import { tamperEntry } from '../core/ledger/watch/tamper-entry.ts';
import { type Clock, toTimestamp } from '../core/time.ts';
import { readRecord } from './read-record.ts';

export interface WatcherPorts {
  readonly origin: string;
  readonly configDigest: string;
  readonly gateway: GatewayRecord;
  readonly log: Pick<EvidenceLog, 'get' | 'listAfter'>;
  readonly suspicions: SuspicionLog;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly diagnostics: Diagnostics;
  readonly metrics: Metrics;
}

export interface WatchReport {
  /** Suspicions recorded by this run. */
  readonly recorded: number;
  /** Sequence number of the first record that has to be delivered again; `null` when all were judged. */
  readonly failedAt: string | null;
}

export const makeWatcher =
  (ports: WatcherPorts) =>
  async (records: readonly DynamoDBRecord[]): Promise<WatchReport> => {
    const segments = new Map<number, Promise<readonly string[] | undefined>>();
    let recorded = 0;
    for (const record of records) {
      try {
        if (await watch(ports, record, segments)) recorded += 1;
      } catch (cause) {
        ports.diagnostics.error('A change of the ledger table could not be judged', cause);
        ports.metrics.report({ ChangesNotJudged: 1 });
        return { recorded, failedAt: record.dynamodb?.SequenceNumber ?? '' };
      }
    }
    return { recorded, failedAt: null };
  };

type Segments = Map<number, Promise<readonly string[] | undefined>>;

const watch = async (ports: WatcherPorts, record: DynamoDBRecord, segments: Segments): Promise<boolean> => {
  const change = readRecord(record);
  const detail = change === undefined ? undefined : await suspicionOf(ports, change, segments);
  if (change === undefined || detail === undefined) return false;
  const entry = tamperEntry(stampOf(ports), change, detail);
  if ((await ports.suspicions.record(entry)) === 'known') return false;
  ports.metrics.report({ TamperSuspected: 1 });
  return true;
};

const stampOf = ({ origin, configDigest, gateway, clock, newId }: WatcherPorts): EntryStamp => ({
  ...{ v: 1, log: origin, id: newId(), ts: toTimestamp(clock.now()), config: configDigest, gw: gateway },
});

const suspicionOf = async (
  ports: WatcherPorts,
  change: ItemChange,
  segments: Segments,
): Promise<TamperDetail | undefined> => {
  const judgement = judgeChange(change);
  if (judgement.kind === 'expected') return undefined;
  if (judgement.kind === 'suspected') return judgement.detail;
  const { segment, index } = judgement;
  const lines = segments.get(segment) ?? readSegment(ports, segment);
  segments.set(segment, lines);
  return standsFor((await lines)?.[index - segment], change) ? undefined : 'false_mark';
};

/**
 * The sealer marks when the segment is written: one that is not there was never sealed. It is listed first, since S3
 * tells a reader without the right to list everything "access denied" where it means "not there".
 */
const readSegment = async ({ log }: WatcherPorts, start: number): Promise<readonly string[] | undefined> => {
  const name = segmentName(start);
  for await (const _listed of log.listAfter(name, '')) {
    const packed = await log.get(name);
    return packed === undefined ? undefined : unpackLines(packed);
  }
  return undefined;
};

/** Whether a sealed line is the item's own, or the one in which the sealer named the item as damaged. */
const standsFor = (line: string | undefined, { partition, sort, after }: ItemChange): boolean => {
  const leaf = textOf(after, 'leaf');
  if (line === undefined || leaf === null) return false;
  if (leafHash(line) === leaf) return leafHash(textOf(after, 'line') ?? '') === leaf;
  const entry = JSON.parse(line) as Entry;
  if (entry.type !== 'tamper.suspected' || 'event' in entry) return false;
  return entry.item.partition === partition && entry.item.sort === sort && entry.storedLeaf === leaf;
};
