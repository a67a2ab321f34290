// Settles the calls of one session: what should have been written long ago and is not there becomes an entry of its own,
// in the very place of what is missing. So exactly one of the two can ever stand there, and a writer that comes late is
// refused by the ledger.

import { RecordsError } from '../adapters/dynamo-records.ts';
import type { Entry, EntryStamp } from '../core/ledger/entry.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { parseEntry } from '../core/ledger/parse-entry.ts';
import { countedLongAgo, type KeptSession, type Watch } from '../core/sessions/keeping.ts';
import { callsOf, type SeenCall, stateOf } from '../core/sessions/settling.ts';
import { fromTimestamp, toTimestamp } from '../core/time.ts';
import type { KeeperPorts } from './ports.ts';

export interface Settlement {
  /** All calls up to this number are settled. */
  readonly settled: number;
  readonly recorded: number;
  /** Numbers of which nothing true can be said: entries of theirs were removed or changed. */
  readonly broken: readonly number[];
}

export const stampOf = ({ origin, configDigest, gateway, clock, newId }: KeeperPorts): EntryStamp => ({
  v: 1,
  log: origin,
  id: newId(),
  ts: toTimestamp(clock.now()),
  config: configDigest,
  gw: gateway,
});

const MAX_NAMED = 10;

/** Goes through the calls that were not settled at the last visit, until the deadline (epoch milliseconds). */
export const settle = async (ports: KeeperPorts, session: KeptSession, deadlineAt: number): Promise<Settlement> => {
  const { sid, seq, settled: from } = session;
  const longAgo = countedLongAgo(session, Math.floor(ports.clock.now() / 1000), ports.settleSeconds);
  const found = { settled: from, recorded: 0, broken: [] as number[] };
  const places = ports.sessions.listPlaces(sid, from + 1, seq);
  for await (const call of callsOf(places, { from: from + 1, to: seq })) {
    if (ports.clock.now() >= deadlineAt) break;
    const result = await settleCall(ports, session, call, longAgo);
    if (result === 'recorded') found.recorded += 1;
    if (result === 'broken' && found.broken.length < MAX_NAMED) found.broken.push(call.seq);
    const isSettled = result === 'recorded' || result === 'settled';
    if (isSettled && found.settled === call.seq - 1) found.settled = call.seq;
  }
  return found;
};

type Settled = 'settled' | 'recorded' | 'waiting' | 'broken';

const settleCall = (
  ports: KeeperPorts,
  session: KeptSession,
  call: SeenCall,
  longAgo: Watch,
): Promise<Settled> | Settled => {
  switch (stateOf(call)) {
    case 'settled':
      return 'settled';
    case 'broken':
      return 'broken';
    case 'unanswered':
      return recordUnknown(ports, session, call);
    case 'missing':
      return call.seq <= longAgo.seq ? recordGap(ports, session, call, longAgo) : 'waiting';
  }
};

const recordGap = (ports: KeeperPorts, { sid }: KeptSession, { seq }: SeenCall, { at }: Watch): Promise<Settled> =>
  record(ports, {
    ...stampOf(ports),
    type: 'gap',
    sid,
    seq: String(seq),
    countedBy: toTimestamp(at * 1000),
  });

const recordUnknown = async (
  ports: KeeperPorts,
  { sid }: KeptSession,
  { seq, intentLeaf, parts }: SeenCall,
): Promise<Settled> => {
  const stored = await ports.sessions.loadIntent(sid, seq);
  const intent = stored === undefined ? undefined : parseEntry(stored.line, intentLeaf);
  // Not what was written: the sealer names it, and nobody here knows what call it was.
  if (intent === undefined || !intent.ok || intent.value.type !== 'call.intent') return 'broken';
  const { ts, callId } = intent.value;
  if (fromTimestamp(ts) + ports.settleSeconds * 1000 > ports.clock.now()) return 'waiting';
  const facts = { sid, seq: String(seq), callId, intent: intentLeaf, parts: String(parts) };
  return record(ports, { ...stampOf(ports), type: 'call.unknown', ...facts });
};

/** Writes an entry into its place, unless the one whose absence it states has come after all. */
const record = async (ports: KeeperPorts, entry: Entry): Promise<Settled> => {
  try {
    await ports.records.commit({ entries: [{ entry: toWalEntry(entry), body: null }] });
    return 'recorded';
  } catch (cause) {
    // Not settled yet: the next visit sees what came.
    if (cause instanceof RecordsError && cause.code === 'conflict') return 'waiting';
    throw cause;
  }
};
