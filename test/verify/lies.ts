// Logs that are sealed and signed with the right key and still do not hold together: what an insider with the key, or a
// broken gateway, would leave. Signatures say nothing here; the entries contradict each other.

import { leafHash } from '../../lambdas/core/ledger/line.ts';
import type { Reason } from '../../lambdas/core/ledger/verify/reasons.ts';
import type { Verdict } from '../../lambdas/core/ledger/verify/report.ts';
import { fromTimestamp, toTimestamp } from '../../lambdas/core/time.ts';
import { idOf, type SealedEntry } from '../support/sealed-entries.ts';
import { altered, at, find, splice } from './attack.ts';

export interface Lie {
  readonly name: string;
  readonly tell: (entries: readonly SealedEntry[]) => readonly SealedEntry[];
  /** All findings, and no others. */
  readonly found: readonly Reason[];
  /** @default invalid */
  readonly verdict?: Verdict;
}

export type Loose = Record<string, unknown>;
export type Which = (entry: Loose) => boolean;

const call =
  (seq: number, part?: number): Which =>
  (entry) =>
    entry['seq'] === String(seq) && (part === undefined || entry['part'] === String(part));

export const change =
  (type: SealedEntry['entry']['type'], which: Which, fields: Loose | ((entry: Loose) => Loose)) =>
  (entries: readonly SealedEntry[]): readonly SealedEntry[] => {
    const index = find(entries, type, which);
    return splice(entries, index, altered(at(entries, index), fields));
  };

export const remove =
  (type: SealedEntry['entry']['type'], which: Which = () => true) =>
  (entries: readonly SealedEntry[]): readonly SealedEntry[] =>
    entries.toSpliced(find(entries, type, which), 1);

/** Adds a changed copy of an entry at the end, under an id and a time of its own. */
export const repeat =
  (type: SealedEntry['entry']['type'], which: Which, fields: Loose | ((entry: Loose) => Loose) = {}) =>
  (entries: readonly SealedEntry[]): readonly SealedEntry[] => {
    const last = at(entries, -1).entry.ts;
    const copy = altered(altered(at(entries, find(entries, type, which)), { id: idOf(0xffffff), ts: last }), fields);
    return [...entries, { ...copy, body: null }];
  };

/** The same entry, so much later. */
const later =
  (ms: number) =>
  (entry: Loose): Loose => ({ ...entry, ts: toTimestamp(fromTimestamp(String(entry['ts'])) + ms) });

const line =
  (index: number, text: string | ((line: string) => string)) =>
  (entries: readonly SealedEntry[]): readonly SealedEntry[] => {
    const old = at(entries, index);
    return splice(entries, index, { ...old, line: typeof text === 'string' ? text : text(old.line) });
  };

export const nested =
  (name: string, fields: Loose) =>
  (entry: Loose): Loose => ({ ...entry, [name]: { ...(entry[name] as Loose), ...fields } });

/** The entry in the place of an outcome that did not come. */
const toUnknown = ({ result: _result, ms: _ms, ...entry }: Loose): Loose => ({
  ...entry,
  type: 'call.unknown',
  parts: '0',
});

/** The entry in the place of an intent that did not come. */
const toGap =
  (seq: number) =>
  ({ v, log, id, ts, config, gw, sid }: Loose): Loose => ({
    ...{ v, log, id, ts, config, gw, sid },
    ...{ type: 'gap', seq: String(seq), countedBy: ts },
  });

/** Puts `call.unknown` in the place of an outcome, whose body nobody ever saw. */
const unanswered =
  (which: Which, fields: Loose = {}) =>
  (entries: readonly SealedEntry[]): readonly SealedEntry[] => {
    const index = find(entries, 'call.outcome', which);
    const unknown = altered(at(entries, index), (entry) => ({ ...toUnknown(entry), ...fields }));
    return splice(entries, index, { ...unknown, body: null });
  };

/** Without the body, which is in the log already. */
const bare = nested('result', { content: null });

export const any: Which = () => true;

const LOST = '{"v":1}';

/** What the watcher writes, in the place of a heartbeat. */
const watched = (detail: string, over: Loose = {}) =>
  repeat('heartbeat', any, {
    type: 'tamper.suspected',
    detail,
    event: { id: 'c4ca4238', name: 'REMOVE', at: '2026-11-22T10:00:00.000Z' },
    item: { partition: 'session#x', sort: 'entry#1' },
    changed: [],
    otherChanged: '0',
    leafBefore: leafHash(LOST),
    leafAfter: null,
    line: LOST,
    ...over,
  });
const LATER = '2026-11-22T10:30:00.000Z';
const heartbeat = (entries: readonly SealedEntry[]): number => find(entries, 'heartbeat');

const sessions: readonly Lie[] = [
  { name: 'a session that was never opened', found: ['session_not_opened'], tell: remove('session.open') },
  { name: 'a session opened twice', found: ['session_opened_twice'], tell: repeat('session.open', any) },
  { name: 'a session closed twice', found: ['session_closed_twice'], tell: repeat('session.close', any) },
  {
    name: 'a sequence number used twice',
    found: ['seq_reused'],
    tell: repeat('call.intent', call(3), { args: null }),
  },
  {
    name: 'a call long after its session was closed',
    found: ['call_after_close', 'outcome_unknown'],
    tell: repeat('call.intent', call(3), { args: null, seq: '13', ts: LATER }),
  },
  {
    name: 'a call while its session was being closed',
    found: ['call_overtook_close', 'outcome_unknown'],
    verdict: 'valid',
    tell: repeat('call.intent', call(3), { args: null, seq: '13' }),
  },
  {
    name: 'an outcome without intent',
    found: ['outcome_without_intent', 'seq_missing'],
    tell: remove('call.intent', call(5)),
  },
  {
    name: 'a call with two outcomes',
    found: ['outcome_twice'],
    tell: repeat('call.outcome', call(5), nested('result', { content: null })),
  },
  {
    name: 'an outcome of another intent',
    found: ['outcome_other_intent'],
    tell: change('call.outcome', call(5), { intent: 'ab'.repeat(32) }),
  },
  {
    name: 'a call that changes its id',
    found: ['call_id_changed'],
    tell: change('call.outcome', call(5), { callId: idOf(7) }),
  },
  {
    name: 'a stream that begins with part 2',
    found: ['part_order', 'part_offset'],
    tell: remove('stream.segment', call(10, 1)),
  },
  {
    name: 'a part that overlaps the one before',
    found: ['part_offset', 'totals_wrong'],
    tell: change('stream.segment', call(10, 2), { offset: '699' }),
  },
  {
    name: 'an outcome that counts other bytes',
    found: ['totals_wrong'],
    tell: change('call.outcome', call(5), nested('result', { bytes: '1' })),
  },
  {
    name: 'an interrupted stream whose last part was not counted',
    found: ['part_uncounted'],
    verdict: 'valid',
    tell: change('call.outcome', call(10), nested('result', { parts: '1', bytes: '1392', complete: false })),
  },
  {
    name: 'a call by someone else',
    found: ['actor_changed', 'outcome_other_intent'],
    tell: change('call.intent', call(12), nested('actor', { sub: 'mallory' })),
  },
  {
    name: 'a call to another server',
    found: ['server_changed', 'outcome_other_intent'],
    tell: change('call.intent', call(12), nested('call', { server: 'reports' })),
  },
  {
    name: 'a call without outcome',
    found: ['outcome_unknown'],
    verdict: 'valid',
    tell: remove('call.outcome', call(5)),
  },
  {
    name: 'a call without outcome, on record',
    found: ['outcome_recorded_unknown'],
    verdict: 'valid',
    tell: unanswered(call(5)),
  },
  {
    name: 'an unknown outcome beside an outcome',
    found: ['outcome_and_unknown'],
    tell: repeat('call.outcome', call(5), toUnknown),
  },
  {
    name: 'an outcome that comes after it was recorded as unknown',
    found: ['outcome_and_unknown', 'outcome_recorded_unknown'],
    tell: (entries) => [...unanswered(call(5))(entries), at(repeat('call.outcome', call(5), bare)(entries), -1)],
  },
  {
    name: 'an unknown outcome twice',
    found: ['outcome_twice', 'outcome_recorded_unknown'],
    tell: (entries) => [...unanswered(call(5))(entries), at(repeat('call.outcome', call(5), toUnknown)(entries), -1)],
  },
  {
    name: 'an unknown outcome without intent',
    found: ['outcome_without_intent'],
    tell: repeat('call.outcome', call(5), (entry) => ({ ...toUnknown(entry), seq: '13' })),
  },
  {
    name: 'an unknown outcome of another intent',
    found: ['outcome_other_intent', 'outcome_recorded_unknown'],
    tell: unanswered(call(5), { intent: 'ab'.repeat(32) }),
  },
  {
    name: 'an unknown outcome that counts other parts',
    found: ['totals_wrong', 'outcome_recorded_unknown'],
    tell: unanswered(call(10), { parts: '1' }),
  },
  {
    name: 'a number without call, on record',
    found: ['seq_recorded_missing'],
    verdict: 'valid',
    tell: repeat('call.intent', call(3), toGap(13)),
  },
  {
    name: 'a number without call that has one',
    found: ['gap_with_intent'],
    tell: repeat('call.intent', call(3), toGap(3)),
  },
  {
    name: 'a call under a number that has none',
    found: ['gap_with_intent', 'seq_recorded_missing'],
    tell: (entries) => {
      const gap = repeat('call.intent', call(3), toGap(13))(entries);
      const intent = altered(at(entries, find(entries, 'call.intent', call(3))), { args: null, seq: '13' });
      const { ts } = at(gap, -1).entry;
      return [...gap, { ...altered(intent, { id: idOf(0xfffffff), ts }), body: null }];
    },
  },
  {
    name: 'a session that never ends',
    found: ['session_not_closed'],
    verdict: 'valid',
    tell: (entries) =>
      remove('session.close')(change('session.open', any, { endsAt: '2026-11-22T08:00:00.000Z' })(entries)),
  },
  {
    name: 'a number that was counted and never used',
    found: ['seq_missing'],
    verdict: 'valid',
    tell: change('session.close', any, { calls: '14' }),
  },
];

const lines: readonly Lie[] = [
  {
    name: 'an entry of another log',
    found: ['line_other_log'],
    tell: (entries) =>
      splice(entries, heartbeat(entries), altered(at(entries, heartbeat(entries)), { log: 'mcp.other.example/x' })),
  },
  { name: 'an entry of another version', found: ['line_fields'], tell: change('heartbeat', any, { v: 2 }) },
  {
    name: 'an entry with a time that does not exist',
    found: ['line_fields'],
    tell: change('heartbeat', any, { ts: '2026-99-22T10:00:00.000Z' }),
  },
  {
    name: 'a line that is not JSON',
    found: ['line_not_json'],
    tell: (entries) => line(heartbeat(entries), 'hello')(entries),
  },
  {
    name: 'a line with a space',
    found: ['line_not_canonical'],
    tell: (entries) => line(heartbeat(entries), (old) => old.replace(':', ': '))(entries),
  },
  {
    name: 'a line with two members of one name',
    found: ['line_not_canonical'],
    tell: (entries) => line(heartbeat(entries), (old) => old.replace(/}$/, ',"v":1}'))(entries),
  },
  {
    name: 'a line nested deeper than any stack',
    found: ['line_not_canonical'],
    tell: (entries) => line(heartbeat(entries), `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)(entries),
  },
  {
    name: 'a line longer than an entry may be',
    found: ['line_too_long'],
    tell: (entries) => line(heartbeat(entries), `{"a":"${'x'.repeat(60_000)}"}`)(entries),
  },
  {
    name: 'an entry of an unknown type',
    found: ['type_unknown'],
    verdict: 'valid',
    tell: change('heartbeat', any, { type: 'moon.phase' }),
  },
  {
    name: 'two entries with one id',
    found: ['id_twice'],
    tell: (entries) => change('heartbeat', any, { id: at(entries, -2).entry.id })(entries),
  },
  { name: 'a second genesis', found: ['genesis_again'], tell: repeat('key.genesis', any) },
  {
    name: 'a log that a witness refused',
    found: ['witness_refused'],
    verdict: 'valid',
    tell: change('heartbeat', any, {
      type: 'witness.refused',
      witness: 'witness.example/w1',
      keyId: '5ae05471',
      status: '422',
      size: '40',
      oldSize: '20',
      witnessSize: null,
    }),
  },
  {
    name: 'an entry that the sealer found changed',
    found: ['tamper_suspected'],
    tell: repeat('heartbeat', any, {
      type: 'tamper.suspected',
      item: { partition: 'session#x', sort: 'entry#1' },
      storedLeaf: '',
      foundLeaf: '',
      detail: 'leaf_mismatch',
    }),
  },
  { name: 'a waiting entry that somebody removed', found: ['tamper_suspected'], tell: watched('waiting_removed') },
  { name: 'a mark that nobody sealed', found: ['tamper_suspected'], tell: watched('false_mark') },
  { name: 'a change of a kind that we do not know', found: ['tamper_suspected'], tell: watched('moon_phase') },
  {
    name: 'a kept line that is not the one that was lost',
    found: ['tamper_suspected', 'tamper_line'],
    tell: watched('waiting_removed', { line: '{"type":"call.intent"}' }),
  },
  {
    name: 'a kept line without a leaf hash',
    found: ['tamper_suspected', 'tamper_line'],
    tell: watched('waiting_removed', { leafBefore: null }),
  },
  {
    name: 'a working copy that somebody changed after sealing',
    found: ['tamper_after_sealing'],
    verdict: 'valid',
    tell: watched('sealed_changed', { line: null }),
  },
  {
    name: 'a wrapped key that somebody removed',
    found: ['tamper_key'],
    verdict: 'valid',
    tell: watched('key_removed', { line: null, leafBefore: null }),
  },
  {
    name: 'an item of nobody that somebody removed',
    found: ['tamper_other'],
    verdict: 'valid',
    tell: watched('item_removed', { line: null, leafBefore: null }),
  },
  {
    name: 'a suspicion without its event',
    found: ['line_fields'],
    tell: watched('waiting_removed', { event: { name: 'REMOVE' } }),
  },
];

const NONE = { count: '0', ids: [] };
const SOME = { count: '2', ids: ['a', 'b'] };
const REQUESTS = {
  logged: '0',
  alone: '0',
  entries: '0',
  missing: NONE,
  failed: NONE,
  invented: NONE,
  repeated: NONE,
  unreadable: '0',
};

/** What the reconciler writes, in the place of a heartbeat, about a day without calls. */
const reconciled = (requests: Loose | null, over: Loose = {}) =>
  repeat('heartbeat', any, {
    type: 'reconciled',
    day: '2026-11-20',
    requests: requests === null ? null : { ...REQUESTS, ...requests },
    signatures: { signed: '0', objects: '0', unexplained: NONE },
    sources: { accessLog: 'complete', cloudTrail: 'complete' },
    verdict: 'agrees',
    ...over,
  });
const twice = reconciled({});

const days: readonly Lie[] = [
  { name: 'a day that was compared and agrees', found: [], verdict: 'valid', tell: reconciled({}) },
  { name: 'a request that no entry names', found: ['request_without_entry'], tell: reconciled({ missing: SOME }) },
  { name: 'an entry that no request led to', found: ['entry_without_request'], tell: reconciled({ invented: SOME }) },
  {
    name: 'a comparison that counts entries the log does not hold',
    found: ['reconciled_counts'],
    tell: reconciled({ entries: '1' }),
  },
  {
    name: 'a comparison made before all entries of the day were sealed',
    found: ['reconciled_early'],
    verdict: 'valid',
    tell: reconciled({}, { day: '2026-11-22' }),
  },
  { name: 'requests that failed', found: ['request_failed'], verdict: 'valid', tell: reconciled({ failed: SOME }) },
  {
    name: 'a request named twice',
    found: ['request_named_twice'],
    verdict: 'valid',
    tell: reconciled({ repeated: SOME }),
  },
  { name: 'a day without its access log', found: ['requests_not_checked'], verdict: 'valid', tell: reconciled(null) },
  {
    name: 'a day whose signatures were not counted',
    found: ['signatures_not_checked'],
    verdict: 'valid',
    tell: reconciled({}, { signatures: null }),
  },
  {
    name: 'a signature without object',
    found: ['signature_unexplained'],
    verdict: 'valid',
    tell: reconciled({}, { signatures: { signed: '2', objects: '0', unexplained: SOME } }),
  },
  {
    name: 'a day that was compared twice',
    found: ['reconciled_twice'],
    verdict: 'valid',
    tell: (entries) =>
      change('reconciled', any, { id: idOf(0xfffffe) })(twice(entries)).concat(twice(entries).slice(-1)),
  },
  { name: 'a comparison without its day', found: ['line_fields'], tell: reconciled({}, { day: 'yesterday' }) },
  {
    name: 'more than two heartbeats without an entry',
    found: ['silence_unexplained'],
    verdict: 'valid',
    tell: repeat('heartbeat', any, later(31 * 60_000 + 1)),
  },
  {
    name: 'two heartbeats without an entry',
    found: [],
    verdict: 'valid',
    tell: repeat('heartbeat', any, later(31 * 60_000)),
  },
  {
    name: 'a log that goes on for days without any comparison',
    found: ['day_unreconciled', 'silence_unexplained'],
    verdict: 'valid',
    tell: repeat('heartbeat', any, { ts: '2026-11-26T10:00:00.000Z' }),
  },
];

export const LIES: readonly Lie[] = [...sessions, ...lines, ...days];
