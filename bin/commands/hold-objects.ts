// Which objects a hold on a session covers, from the locked bucket itself: the segments between its first and its last
// entry are read, so that an item which somebody took out of the table is held like any other.

import type { SealedPlaces } from '../../lambdas/adapters/dynamo-holds.ts';
import type { EvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import { EVIDENCE_KEYS } from '../../lambdas/contract.ts';
import { heldInSegment } from '../../lambdas/core/ledger/hold.ts';
import {
  bodiesPrefixOf,
  CHECKPOINT_PREFIX,
  COSIGNATURE_PREFIX,
  checkpointName,
  cosignatureOf,
  cosignaturesPrefixOf,
  KEY_PREFIX,
  numberOf,
  SEGMENT_PREFIX,
  segmentName,
} from '../../lambdas/core/ledger/log-layout.ts';
import { unpackLines } from '../../lambdas/core/ledger/packing.ts';
import { CliError } from './cli-error.ts';

export interface HeldObjects {
  readonly names: readonly string[];
  /** Whether nothing more comes: the session has ended and its manifest is there. */
  readonly whole: boolean;
}

interface Places {
  readonly places: SealedPlaces;
  readonly origin: string;
}

export const objectsOf = async (log: EvidenceLog, sid: string, { places, origin }: Places): Promise<HeldObjects> => {
  const known = await entriesFrom(log, sid, { places, origin });
  // The table knows no beginning: it expired there, or somebody took it out. The log has it.
  const found = known.opens ? known : await entriesFrom(log, sid, { places: { ...places, segments: [] }, origin });
  if (found.names.length === 0) return { names: [], whole: false };
  const manifests = await list(log, `${EVIDENCE_KEYS.manifestPrefix}${sid}`);
  const names = [...found.names, ...(await proofOf(log, found.end)), ...manifests];
  return { names: [...new Set(names)], whole: found.closes && manifests.length > 0 };
};

interface Entries {
  readonly names: readonly string[];
  readonly opens: boolean;
  readonly closes: boolean;
  /** Index behind the last segment with an entry of the session. */
  readonly end: number;
}

/** Reads from the first segment that the table names to the session's end, or to the log's. */
const entriesFrom = async (log: EvidenceLog, sid: string, { places, origin }: Places): Promise<Entries> => {
  const names: string[] = [];
  let [opens, closes, end] = [false, false, 0];
  const lastKnown = places.segments.at(-1) ?? 0;
  for await (const name of segmentsFrom(log, places.segments[0] ?? 0)) {
    const lines = unpackLines(await read(log, name));
    const held = heldInSegment(lines, sid, origin);
    const start = numberOf(name) ?? 0;
    if (held.touched) {
      names.push(name, ...(await list(log, bodiesPrefixOf(start))), ...held.objects);
      end = start + lines.length;
    }
    opens ||= held.opens;
    closes ||= held.closes;
    if (closes && start >= lastKnown) break;
  }
  return { names, opens, closes, end };
};

/** What proves the entries: the first checkpoint over all of them, the first that witnesses cosigned, and the keys. */
const proofOf = async (log: EvidenceLog, end: number): Promise<readonly string[]> => {
  const keys = await list(log, KEY_PREFIX);
  const cosigned = await first(log, COSIGNATURE_PREFIX, cosignaturesPrefixOf(end));
  const size = cosigned === undefined ? undefined : cosignatureOf(cosigned)?.size;
  const cosignatures = size === undefined ? [] : await list(log, cosignaturesPrefixOf(size));
  const checkpoint = await first(log, CHECKPOINT_PREFIX, checkpointName(end - 1));
  if (checkpoint === undefined)
    throw new CliError('The last entries of this session are sealed and not signed yet; try again in a minute');
  return [checkpoint, ...cosignatures, ...keys];
};

const first = async (log: EvidenceLog, prefix: string, after: string): Promise<string | undefined> => {
  for await (const name of log.listAfter(prefix, after)) return name;
  return undefined;
};

async function* segmentsFrom(log: EvidenceLog, start: number): AsyncGenerator<string> {
  yield* log.listAfter(SEGMENT_PREFIX, start === 0 ? SEGMENT_PREFIX : segmentName(start - 1));
}

const list = async (log: EvidenceLog, prefix: string): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const name of log.listAfter(prefix, prefix)) names.push(name);
  return names;
};

const read = async (log: EvidenceLog, name: string): Promise<Uint8Array> => {
  const bytes = await log.get(name);
  if (bytes === undefined) throw new CliError(`${name} is listed and cannot be read`);
  return bytes;
};
