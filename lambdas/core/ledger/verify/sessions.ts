// What a session must look like in the log: opened once, every call begun by one intent and ended by at most one
// outcome that names it, streams whole, everything by one principal at one server. Pure.

import type { Hash } from '../merkle.ts';
import { type SessionEntry, SessionSummary } from '../session-summary.ts';
import { CLOCK_SLACK_MS } from './order.ts';
import type { ReadCall, ReadEntry, ReadStamp } from './read-line.ts';
import type { Reason } from './reasons.ts';
import type { Findings, Place } from './report.ts';
import { beginCall, type CallFault, checkOutcome, checkPart, checkUnknown, type RunningCall } from './session-call.ts';

interface SessionRecord {
  readonly openedAs: { readonly actor: string; readonly server: string };
  /** Epoch milliseconds by which it ends, however busy it is. */
  readonly endsAt: number;
  /** What a manifest of it has to say. */
  readonly summary: SessionSummary;
  /** Sequence numbers seen: all up to `dense`, and those of `above`. */
  dense: number;
  readonly above: Set<number>;
  /** Calls without outcome so far. */
  readonly running: Map<number, RunningCall>;
  /** Calls recorded as unknown, and numbers recorded as gaps: few, or something is very wrong. */
  readonly unknown: Set<number>;
  readonly gaps: Set<number>;
  /** Epoch milliseconds of the closing entry. */
  closedAt: number | undefined;
  /** Exchanges that the closing entry counts. */
  counted: number;
}

type Of<Type extends ReadEntry['type']> = Extract<ReadEntry, { type: Type }>;

export class SessionCheck {
  readonly #findings: Findings;
  readonly #sessions = new Map<string, SessionRecord>();
  #stopped = false;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** Whether entries are missing, so that nothing here is the whole story. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** A session as its entries have it so far. */
  find(sid: string): { readonly summary: SessionSummary; readonly isSettled: boolean } | undefined {
    const session = this.#sessions.get(sid);
    return session === undefined ? undefined : { summary: session.summary, isSettled: isSettled(session) };
  }

  /** Sessions that ended and whose calls are all settled, with the time of their last entry. */
  *settled(): Generator<{ readonly sid: string; readonly settledAt: number }> {
    for (const [sid, session] of this.#sessions) {
      if (isSettled(session)) yield { sid, settledAt: session.summary.lastAt };
    }
  }

  /** Entries are missing: from here on, what looks wrong may only be a consequence. */
  stop(index: number): void {
    if (!this.#stopped) this.#findings.add('sessions_stopped', `checked up to entry ${index - 1} only`, { index });
    this.#stopped = true;
  }

  entry(entry: ReadEntry, leaf: Hash, place: Place & { readonly index: number }): void {
    if (this.#stopped || !('sid' in entry)) return;
    this.#check(entry, leaf, place);
    this.#sessions.get(entry.sid)?.summary.add(entry, leaf, place.index);
  }

  #check(entry: SessionEntry, leaf: Hash, place: Place & { readonly index: number }): void {
    switch (entry.type) {
      case 'session.open':
        this.#open(entry, place);
        break;
      case 'session.close':
        this.#close(entry, place);
        break;
      case 'call.intent':
        this.#intent(entry, Buffer.from(leaf).toString('hex'), place);
        break;
      case 'gap':
        this.#gap(entry, place);
        break;
      case 'stream.segment':
      case 'call.outcome':
      case 'call.unknown':
        this.#ongoing(entry, place);
        break;
    }
  }

  #open({ sid, actor, server, endsAt }: Of<'session.open'>, place: Place): void {
    if (this.#sessions.has(sid)) {
      this.#findings.add('session_opened_twice', `session ${sid}`, place);
      return;
    }
    const openedAs = { actor, server };
    const numbers = { dense: 0, above: new Set<number>(), unknown: new Set<number>(), gaps: new Set<number>() };
    const state = { running: new Map(), closedAt: undefined, counted: 0, summary: new SessionSummary() };
    this.#sessions.set(sid, { openedAs, endsAt, ...numbers, ...state });
  }

  #close(entry: Of<'session.close'>, place: Place): void {
    const session = this.#find(entry.sid, place);
    if (session === undefined) return;
    if (session.closedAt !== undefined) this.#findings.add('session_closed_twice', `session ${entry.sid}`, place);
    session.closedAt = entry.at;
    session.counted = Math.max(session.counted, entry.calls);
  }

  #intent(entry: Of<'call.intent'>, leaf: string, place: Place & { readonly index: number }): void {
    const session = this.#find(entry.sid, place);
    if (session === undefined) return;
    const { actor, server } = session.openedAs;
    if (entry.actor !== actor)
      this.#findings.add('actor_changed', `${nameOf(entry)}: ${entry.actor}, not ${actor}`, place);
    if (entry.server !== server) {
      this.#findings.add('server_changed', `${nameOf(entry)}: ${entry.server}, not ${server}`, place);
    }
    if (hasSeen(session, entry.seq)) {
      const reason = session.gaps.has(entry.seq) ? 'gap_with_intent' : 'seq_reused';
      this.#findings.add(reason, nameOf(entry), place);
      return;
    }
    see(session, entry.seq);
    session.running.set(entry.seq, beginCall(entry.callId, leaf, place));
    this.#sinceClose(session, entry, place);
  }

  // An exchange is counted before its intent is written; its session may be closed in between. Never for long.
  #sinceClose(session: SessionRecord, entry: ReadStamp & ReadCall, place: Place): void {
    if (session.closedAt === undefined) return;
    const late = entry.at - session.closedAt > CLOCK_SLACK_MS;
    this.#findings.add(late ? 'call_after_close' : 'call_overtook_close', nameOf(entry), place);
  }

  /** The recorded form of a number without call: it shares its place with an intent, so there is one of them. */
  #gap(entry: Of<'gap'>, place: Place): void {
    const session = this.#find(entry.sid, place);
    if (session === undefined) return;
    if (hasSeen(session, entry.seq)) {
      this.#findings.add('gap_with_intent', nameOf(entry), place);
      return;
    }
    see(session, entry.seq);
    session.gaps.add(entry.seq);
    this.#findings.add('seq_recorded_missing', nameOf(entry), place);
  }

  #ongoing(entry: Ongoing, place: Place): void {
    const session = this.#find(entry.sid, place);
    if (session === undefined) return;
    const call = session.running.get(entry.seq);
    if (call === undefined) {
      this.#findings.add(withoutCall(session, entry), nameOf(entry), place);
      return;
    }
    const name = nameOf(entry);
    if (entry.callId !== call.callId) this.#findings.add('call_id_changed', name, place);
    for (const { reason, detail } of checkOngoing(call, entry)) this.#findings.add(reason, `${name}: ${detail}`, place);
    if (entry.type === 'stream.segment') return;
    session.running.delete(entry.seq);
    if (entry.type === 'call.outcome') return;
    session.unknown.add(entry.seq);
    this.#findings.add('outcome_recorded_unknown', name, place);
  }

  #find(sid: string, place: Place): SessionRecord | undefined {
    const session = this.#sessions.get(sid);
    if (session === undefined) this.#findings.add('session_not_opened', `session ${sid}`, place);
    return session;
  }

  /** After the last entry, whose time it is given (epoch milliseconds): what never came. */
  end(lastAt: number): void {
    if (this.#stopped) return;
    for (const [sid, session] of this.#sessions) {
      if (session.closedAt === undefined && session.endsAt + CLOSING_TAKES_MS < lastAt)
        this.#findings.add('session_not_closed', `session ${sid}`);
      for (const [seq, { intent }] of session.running) {
        this.#findings.add('outcome_unknown', nameOf({ sid, seq }), intent);
      }
      for (const hole of holesOf(session)) this.#findings.add('seq_missing', `session ${sid}, ${hole}`);
    }
  }
}

const nameOf = ({ sid, seq }: Pick<ReadCall, 'sid' | 'seq'>): string => `session ${sid}, call ${seq}`;

/** The keeper runs every minute; an hour is a keeper that does not. */
const CLOSING_TAKES_MS = 60 * 60 * 1000;

/** Ended, and every number up to the highest that is known has what it needs. */
const isSettled = ({ closedAt, running, above, dense, counted }: SessionRecord): boolean =>
  closedAt !== undefined && running.size === 0 && above.size === 0 && dense >= counted;

type Ongoing = Of<'stream.segment'> | Of<'call.outcome'> | Of<'call.unknown'>;

const checkOngoing = (call: RunningCall, entry: Ongoing): readonly CallFault[] => {
  if (entry.type === 'stream.segment') return checkPart(call, entry);
  return entry.type === 'call.unknown' ? checkUnknown(call, entry) : checkOutcome(call, entry);
};

/** What is wrong with an entry of a call that is not running: it has not begun, or it has ended before. */
const withoutCall = (session: SessionRecord, { type, seq }: Ongoing): Reason => {
  if (!hasSeen(session, seq) || session.gaps.has(seq)) return 'outcome_without_intent';
  const contradicts = type === 'call.unknown' ? !session.unknown.has(seq) : session.unknown.has(seq);
  return contradicts && type !== 'stream.segment' ? 'outcome_and_unknown' : 'outcome_twice';
};

const hasSeen = ({ dense, above }: SessionRecord, seq: number): boolean => seq <= dense || above.has(seq);

const see = (session: SessionRecord, seq: number): void => {
  session.above.add(seq);
  while (session.above.delete(session.dense + 1)) session.dense += 1;
};

/** Ranges of numbers without an intent, up to the highest that is known to have been counted. */
const holesOf = ({ dense, above, counted }: SessionRecord): readonly string[] => {
  const seen = [...above].sort((a, b) => a - b);
  const next = [...seen, ...(counted > (seen.at(-1) ?? dense) ? [counted + 1] : [])];
  const holes: string[] = [];
  let before = dense;
  for (const seq of next) {
    if (seq === before + 2) holes.push(`call ${seq - 1}`);
    else if (seq > before + 2) holes.push(`calls ${before + 1} to ${seq - 1}`);
    before = seq;
  }
  return holes;
};
