// From an entry to the exact bytes that are stored, hashed and later sealed. Pure.

import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { LEDGER } from '../../contract.ts';
import type { Entry } from './entry.ts';
import { MAX_LEAF_BYTES } from './log-layout.ts';

/** Largest line in bytes. */
export const MAX_LINE_BYTES = MAX_LEAF_BYTES;

/** A write-ahead item: the line and where it stands in the ledger table. */
export interface WalEntry {
  readonly type: Entry['type'];
  readonly partition: string;
  readonly sort: string;
  /** Order among unsealed entries. */
  readonly position: string;
  readonly line: string;
  /** Hex. */
  readonly leafHash: string;
}

/** RFC 8785 canonical JSON of an entry: one line, the exact leaf bytes. */
export const canonicalLine = (entry: Entry): string => {
  const line = canonicalize(entry);
  if (line === undefined) throw new TypeError('An entry must be a JSON object');
  const bytes = Buffer.byteLength(line, 'utf8');
  if (bytes > MAX_LINE_BYTES) {
    throw new RangeError(`Entry ${entry.type} is ${bytes} bytes long, over the limit of ${MAX_LINE_BYTES}`);
  }
  return line;
};

/** RFC 6962 section 2.1: SHA-256(0x00 || line), hex. */
export const leafHash = (line: string): string =>
  createHash('sha256')
    .update(Buffer.from([0]))
    .update(line, 'utf8')
    .digest('hex');

/** Partition of a session's entries. */
export const sessionPartition = (sid: string): string => `${LEDGER.sessionPrefix}${sid}`;

/** Partition of the steps of one approval request. */
export const approvalPartition = (id: string): string => `${LEDGER.approvalPrefix}${id}`;

/** Partition of entries outside any session, by UTC day. */
export const dayPartition = (day: string): string => `${LEDGER.dayPrefix}${day}`;

/** Partition of what the watcher saw on a UTC day: the only one it may write to. */
export const tamperPartition = (day: string): string => `${LEDGER.tamperPrefix}${day}`;

const SEQ_DIGITS = 12;
const PART_DIGITS = 6;

/** First and last sort key of a session's calls from one sequence number to another. The session's opening counts as 0. */
export const callRange = (fromSeq: number, toSeq: number): readonly [string, string] => [
  seqKey(String(fromSeq), '0'),
  seqKey(String(toSeq), '3'),
];

/** Sort key of an intent. */
export const intentSort = (seq: number): string => seqKey(String(seq), '1');

/** Builds the write-ahead item. The sort key leaves exactly one place for an intent and one for its outcome. */
export const toWalEntry = (entry: Entry): WalEntry => {
  const line = canonicalLine(entry);
  const [partition, sort] = place(entry);
  return {
    type: entry.type,
    partition,
    sort,
    position: `${entry.ts}#${entry.id}`,
    line,
    leafHash: leafHash(line),
  };
};

const place = (entry: Entry): readonly [string, string] => {
  switch (entry.type) {
    case 'session.open':
      return [sessionPartition(entry.sid), seqKey('0', '0')];
    // Of two facts that exclude each other only one can be written: they share a place.
    case 'call.intent':
    case 'gap':
      return [sessionPartition(entry.sid), seqKey(entry.seq, '1')];
    case 'stream.segment':
      return [sessionPartition(entry.sid), seqKey(entry.seq, `2#${entry.part.padStart(PART_DIGITS, '0')}`)];
    case 'call.outcome':
    case 'call.unknown':
      return [sessionPartition(entry.sid), seqKey(entry.seq, '3')];
    case 'session.close':
      return [sessionPartition(entry.sid), seqKey('9'.repeat(SEQ_DIGITS), '9')];
    // One place for each step: of two people who decide at once, one is written and the other reads again.
    case 'approval.requested':
    case 'approval.granted':
    case 'approval.denied':
    case 'approval.withdrawn':
    case 'approval.expired':
    case 'approval.escalated':
    case 'approval.used':
    case 'approval.reviewed':
    case 'approval.unreviewed':
      return [approvalPartition(entry.approval), seqKey(entry.version, '0')];
    // Beside the step that it is about; every try and every look is an entry of its own.
    case 'approval.notified':
    case 'approval.viewed':
      return [approvalPartition(entry.approval), seqKey(entry.version, `1#${entry.id}`)];
    case 'key.genesis':
    case 'key.registered':
    case 'key.rotated':
    case 'key.revoked':
    case 'heartbeat':
    case 'witness.refused':
    case 'call.denied':
    case 'auth.denied':
    case 'policy.changed':
    case 'evidence.read':
    case 'content.opened':
      return [dayPartition(entry.ts.slice(0, 10)), `${entry.ts}#${entry.id}`];
    case 'hold.placed':
    case 'hold.released':
      return [LEDGER.holdsPartition, `${entry.ts}#${entry.id}`];
    case 'reconciled':
      // One place for one day: it is reconciled once.
      return [LEDGER.reconciledPartition, entry.day];
    case 'tamper.suspected':
      // By the event, not by the entry: a change that is delivered twice has one place.
      return 'event' in entry
        ? [tamperPartition(entry.event.at.slice(0, 10)), entry.event.id]
        : [dayPartition(entry.ts.slice(0, 10)), `${entry.ts}#${entry.id}`];
  }
};

const seqKey = (seq: string, slot: string): string => `entry#${seq.padStart(SEQ_DIGITS, '0')}#${slot}`;
