// Turns the write-ahead ledger into the log: segments in the locked bucket, then a signed checkpoint over all of them.
//
//     open log -> settle keys -> (load batch -> bodies -> SEGMENT -> mark)* -> key objects -> sign -> remember head
//     -> copy -> publish tiles -> ask witnesses -> manifests of ended sessions
//
// The segment's PUT with If-None-Match is the commit point: of two sealers one wins a start index, and the other reads
// what was written and goes on behind it. Every other step can be repeated:
//
//     died after bodies     an object nobody refers to; the next run writes its own
//     died after SEGMENT    sealed, not marked, not signed; the next run finds the segment, marks its items, signs
//     died while marking    the next run marks again; a marked item is not loaded again
//     died after key objects  the next run finds them written, and signs
//     died after sign       the next run finds the checkpoint written and remembers the head
//     died while copying    the next run finds what the second copy lacks
//     tiles failed          sealed and signed all the same; the next run writes them
//     died asking           the next run asks again; a witness says where it stands, and cosigns one tree as often as asked
//     died in manifests     see manifests.ts: each follows from the log, and the next run writes the same bytes
//
// Before a segment is written, all items of the one before it are marked, so that no entry is sealed twice.

import type { ItemKey, UnsealedItem } from '../adapters/dynamo-sealing.ts';
import { LEDGER } from '../contract.ts';
import type { Batch } from '../core/ledger/batch.ts';
import { predecessorsOf, toBatch } from '../core/ledger/batch.ts';
import type { Entry } from '../core/ledger/entry.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { bodiesName, checkpointName, segmentName } from '../core/ledger/log-layout.ts';
import { formatCheckpoint } from '../core/ledger/note.ts';
import { bodyLine, packLines } from '../core/ledger/packing.ts';
import { sha256 } from '../core/ledger/records.ts';
import { lagSeconds, oldestSeconds } from '../core/ledger/sealing-measures.ts';
import { askWitnesses, type WitnessRefused } from './ask-witnesses.ts';
import { makeCopying } from './copy.ts';
import { openKey, signWith } from './log-keys.ts';
import { writeManifests } from './manifests.ts';
import { append, type FoundSegment, type OpenLog, openLog, readOn } from './open-log.ts';
import type { SealerPorts } from './ports.ts';
import { publishTiles } from './publish-tiles.ts';
import { makeKeyRegistration } from './register-key.ts';
import { SealerError } from './sealer-error.ts';
import { dueKeyEntries } from './settle-keys.ts';
import { stampOf } from './stamp.ts';

export interface SealReport {
  /** Entries sealed by this run. */
  readonly sealed: number;
  /** Entries in the log. */
  readonly size: number;
  /** Size of the checkpoint that stands at the end of the run. */
  readonly signedSize: number;
  /** Manifests of ended sessions written by this run. */
  readonly manifests: number;
}

/** Entries of one segment, at the most. */
const MAX_SEGMENT_ENTRIES = 500;
/** A run without anything to seal leaves a heartbeat this often. */
const HEARTBEAT_MS = 15 * 60 * 1000;
/** How long a sealed item stays in the write-ahead table for quick reading: 24 months. */
const KEEP_SECONDS = 730 * 24 * 3600;
/** Holds stay: while one lasts, what it covers must not be released with another. */
const KEEP_HOLDS_SECONDS = 100 * 365 * 24 * 3600;
const MARK_AT_ONCE = 16;
/** Time that tiles may take beyond the deadline of sealing, so that a steady backlog does not keep them from growing. */
const TILES_MS = 5000;
/** How far into the time kept back after the deadline the second copy may catch up. */
const COPYING_MS = 5000;
/** Until the witnesses must have answered, tiles included; the caller's deadline leaves this much, and time to sign. */
export const WITNESS_MS = 20_000;

export const makeSealer = (ports: SealerPorts) => {
  const registerIntentKey = makeKeyRegistration(ports);
  const run = makeRun(ports);
  return async (deadlineAt: number): Promise<SealReport> => {
    await registerIntentKey();
    return run(deadlineAt);
  };
};

const makeRun = (ports: SealerPorts) => {
  const copyWritten = makeCopying(ports);
  return async (deadlineAt: number): Promise<SealReport> => {
    const log = await openLog(ports, (segment) => markFound(ports, segment));
    const before = log.edge.size;
    const openedAt = log.signedSize;
    if (before === 0) await writeSegment(ports, log, [await genesis(ports)], []);
    await settleKeys(ports, log);
    await sealWaiting(ports, log, deadlineAt);
    if (ports.clock.now() - log.sealedAt > HEARTBEAT_MS) await writeSegment(ports, log, [heartbeat(ports, log)], []);
    const written = await sign(ports, log);
    reportEnd(ports, log, before);
    await copyWritten({ openedAt, size: log.signedSize, written }, deadlineAt + COPYING_MS);
    await publishTiles(ports, log.signedSize, deadlineAt + TILES_MS);
    await showToWitnesses(ports, log, deadlineAt + WITNESS_MS);
    const manifests = await writeManifests(ports, log, deadlineAt); // sealing comes first: these take the time left
    return { sealed: log.edge.size - before, size: log.edge.size, signedSize: log.signedSize, manifests };
  };
};

/** What arrives while we seal waits for the next run: a segment for each straggler would be many small objects. */
const sealWaiting = async (ports: SealerPorts, log: OpenLog, deadlineAt: number): Promise<void> => {
  let full = true;
  let first = true;
  while (full && ports.clock.now() < deadlineAt) {
    const askedAt = ports.clock.now();
    const batch = await loadBatch(ports);
    // Before anything can fail: a sealer that cannot seal still says how long entries wait.
    if (first) ports.metrics.report({ OldestUnsealedSeconds: oldestSeconds(positionsOf(batch), askedAt) });
    first = false;
    const count = batch.items.length + batch.damaged.length;
    if (count > 0) await seal(ports, log, batch);
    full = count >= MAX_SEGMENT_ENTRIES || batch.deferred > 0;
    if (!full) log.checkedAt = askedAt;
  }
};

const positionsOf = ({ items, damaged }: Batch): readonly string[] =>
  [...items, ...damaged].map(({ position }) => position);

const reportEnd = ({ metrics, clock }: SealerPorts, log: OpenLog, before: number): void => {
  const now = clock.now();
  const lag = lagSeconds(log.sealed, now);
  metrics.report({
    EntriesSealed: log.edge.size - before,
    CheckpointAgeSeconds: Math.max(0, now - log.sealedAt) / 1000,
    ...(lag === undefined ? {} : { SealingLagMedianSeconds: lag.median, SealingLagMaxSeconds: lag.max }),
  });
};

const genesis = async (ports: SealerPorts): Promise<Entry> => {
  const key = ports.keys.at(-1);
  if (key === undefined) throw new SealerError('KEY_UNUSABLE', 'No checkpoint key was given to the sealer');
  const { vkey } = await openKey(ports, key);
  return { ...stampOf(ports), type: 'key.genesis', checkpointKey: vkey, keyId: key.keyId };
};

/** Another sealer may be faster; what is due is asked again after every write. */
const settleKeys = async (ports: SealerPorts, log: OpenLog): Promise<void> => {
  const due = () => dueKeyEntries(ports, log, () => stampOf(ports));
  for (let entries = await due(); entries.length > 0; entries = await due()) {
    await writeSegment(ports, log, entries, []);
  }
};

const heartbeat = (ports: SealerPorts, { edge }: OpenLog): Entry => ({
  ...stampOf(ports),
  type: 'heartbeat',
  sealed: String(edge.size),
});

/** What a witness would not cosign is itself put on record, and signed. */
const showToWitnesses = async (ports: SealerPorts, log: OpenLog, deadlineAt: number): Promise<void> => {
  const news = await askWitnesses(ports, log, deadlineAt);
  if (news.length === 0) return;
  const entries = news.map(({ refused }) => witnessRefused(ports, refused));
  // Where another sealer was faster, the next run hears of the refusal again.
  if (!(await writeSegment(ports, log, entries, []))) return;
  for (const { remember } of news) await remember();
  await sign(ports, log);
};

const witnessRefused = (ports: SealerPorts, refused: WitnessRefused): Entry => ({
  ...stampOf(ports),
  type: 'witness.refused',
  witness: refused.witness,
  keyId: refused.keyId,
  status: String(refused.status),
  size: String(refused.size),
  oldSize: String(refused.oldSize),
  witnessSize: refused.witnessSize === null ? null : String(refused.witnessSize),
});

/** The oldest waiting items and all that they rest on; the index lags, so it is asked and not believed. */
const loadBatch = async ({ queue }: SealerPorts): Promise<Batch> => {
  const loaded = new Map<string, UnsealedItem>();
  const asked = new Set<string>();
  let keys: readonly ItemKey[] = await queue.listUnsealed(MAX_SEGMENT_ENTRIES);
  while (keys.length > 0) {
    for (const key of keys) asked.add(nameOf(key));
    const items = await queue.load(keys);
    for (const item of items) loaded.set(nameOf(item), item);
    keys = unique(items.flatMap(predecessorsOf)).filter((key) => !asked.has(nameOf(key)));
  }
  return toBatch([...loaded.values()]);
};

const nameOf = ({ partition, sort }: ItemKey): string => `${partition} ${sort}`;

const unique = (keys: readonly ItemKey[]): readonly ItemKey[] => [
  ...new Map(keys.map((key) => [nameOf(key), key])).values(),
];

const seal = async (ports: SealerPorts, log: OpenLog, { items, damaged }: Batch): Promise<void> => {
  const suspicions = damaged.map(
    ({ partition, sort, storedLeaf, foundLeaf, detail }): Entry => ({
      ...stampOf(ports),
      type: 'tamper.suspected',
      item: { partition, sort },
      ...{ storedLeaf, foundLeaf, detail },
    }),
  );
  const start = log.edge.size;
  const written = await writeSegment(ports, log, suspicions, items);
  if (!written) return;
  const keys = [...items, ...damaged.map(({ storedLeaf, ...key }) => ({ ...key, leaf: storedLeaf }))];
  await mark(ports, keys, start);
};

/** Writes one segment: entries of the sealer's own, then items. `false`: another sealer was faster; its segments are read. */
const writeSegment = async (
  ports: SealerPorts,
  log: OpenLog,
  own: readonly Entry[],
  items: Batch['items'],
): Promise<boolean> => {
  const start = log.edge.size;
  // The sealer's own entries are stamped now, after all that it loaded.
  const lines = [...items.map(({ line }) => line), ...own.map((entry) => toWalEntry(entry).line)];
  await writeBodies(ports, start, items);
  if ((await ports.log.putOnce(segmentName(start), packLines(lines))) === 'exists') {
    await readOn(ports, log, (segment) => markFound(ports, segment));
    return false;
  }
  for (const line of lines) append(log, line);
  log.sealedAt = ports.clock.now();
  log.sealed.push(...items.map(({ entry }) => entry.ts));
  return true;
};

const writeBodies = async (ports: SealerPorts, start: number, items: Batch['items']): Promise<void> => {
  const bodies = items.flatMap(({ body }) => (body === null ? [] : [bodyLine({ ct: sha256(body), jwe: body })]));
  if (bodies.length === 0) return;
  const packed = packLines(bodies);
  await ports.log.putOnce(bodiesName(start, packed), packed);
};

/** Marks the items of a segment that another run wrote. Where an entry stands in the table follows from the entry. */
const markFound = async (ports: SealerPorts, { start, lines }: FoundSegment): Promise<void> => {
  await mark(ports, lines.map(itemOf), start);
};

const itemOf = (line: string): ItemKey & { leaf: string } => {
  const entry = JSON.parse(line) as Entry;
  // The sealer's own stand for the item that they name; the watcher's are items like any other.
  if (entry.type === 'tamper.suspected' && !('event' in entry)) return { ...entry.item, leaf: entry.storedLeaf };
  const { partition, sort, leafHash } = toWalEntry(entry);
  return { partition, sort, leaf: leafHash };
};

const mark = async (
  ports: SealerPorts,
  keys: readonly (ItemKey & { leaf: string })[],
  start: number,
): Promise<void> => {
  const now = Math.floor(ports.clock.now() / 1000);
  for (let at = 0; at < keys.length; at += MARK_AT_ONCE) {
    const slice = keys.slice(at, at + MARK_AT_ONCE);
    const mark = ({ partition }: ItemKey, index: number) => {
      const keep = partition === LEDGER.holdsPartition ? KEEP_HOLDS_SECONDS : KEEP_SECONDS;
      return { index: start + at + index, segment: start, expiresAt: now + keep };
    };
    await Promise.all(slice.map((key, index) => ports.queue.markSealed(key, mark(key, index))));
  }
};

/** Signs the log as it stands, unless that was done, and remembers the head. Answers the names of what it wrote. */
const sign = async (ports: SealerPorts, log: OpenLog): Promise<readonly string[]> => {
  const { size } = log.edge;
  const written = size > log.signedSize ? await signCheckpoint(ports, log) : [];
  const roots = log.edge.roots.map((root) => Buffer.from(root).toString('base64'));
  // Last, so that `checkedAt` never says more than what is sealed and signed.
  await ports.queue.saveHead({ size, roots, sealedAt: log.sealedAt, checkedAt: log.checkedAt });
  log.keys.signed();
  return written;
};

const signCheckpoint = async (ports: SealerPorts, log: OpenLog): Promise<readonly string[]> => {
  const { size } = log.edge;
  // Before the checkpoint: whoever has one has the keys to check it with.
  const { files } = log.keys;
  for (const { name, text } of files) await ports.log.putOnce(name, Buffer.from(text, 'utf8'));
  const text = formatCheckpoint(ports.origin, { size, root: log.edge.root() });
  const note = await signWith(ports, log.keys.signers, text);
  // Ed25519 is deterministic: a checkpoint that is there already is this one.
  await ports.log.putOnce(checkpointName(size), Buffer.from(note, 'utf8'));
  log.signedSize = size;
  return [...files.map(({ name }) => name), checkpointName(size)];
};
