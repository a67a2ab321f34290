// When a session is looked after, and when it is over: the rules of the keeper. Pure.
//
// Every session that is not finished stands in an index by the time at which someone has to look at it (`dueAt`):
//
//     open ──> keeper, at the idle end and at least every 20 minutes ──> closed, its calls settled ──> sealer: manifest ──> none
//
// A call does not move that time: counting one stays a single write, and the keeper sees when it looks.

import type { GatewayConfig } from '../../gateway-config.ts';
import type { EndReason, Revocation } from '../ledger/entry.ts';
import type { Session } from './session.ts';

/** Who has to look at a session next; the partition of the index. */
export type DueFor = 'keeper' | 'sealer';

/** A session with what the keeper remembers of it. */
export interface KeptSession extends Session {
  readonly due: DueFor;
  /** Epoch seconds. */
  readonly dueAt: number;
  /** Epoch seconds of the `session.close` entry; `null` while there is none. */
  readonly closedAt: number | null;
  readonly revocation: Revocation | null;
  /** All calls up to this number are settled. */
  readonly settled: number;
  /** The counter as an earlier visit saw it. */
  readonly watched: Watch | null;
}

/** What the counter was at a time (epoch seconds): every number up to it had been counted by then. */
export interface Watch {
  readonly seq: number;
  readonly at: number;
}

type Limits = Pick<GatewayConfig['sessions'], 'idleSeconds'>;

/** An open session is looked at this often, so that what its calls left open is settled while it goes on. */
export const VISIT_SECONDS = 20 * 60;
/** A closed session whose calls are still running. */
const CLOSED_VISIT_SECONDS = 60;

const idleEnd = (session: Session, { idleSeconds }: Limits): number => session.lastSeenAt + idleSeconds;

/** When to look at a session again, epoch seconds. */
export const nextVisit = (session: Session, now: number, limits: Limits): number =>
  session.status === 'open'
    ? Math.min(idleEnd(session, limits), session.endsAt, now + VISIT_SECONDS)
    : now + CLOSED_VISIT_SECONDS;

/** Why a session without closing entry is over at `now` (epoch seconds); `null` while it goes on. */
export const endOf = (session: Session, now: number, limits: Limits): EndReason | null => {
  if (session.status === 'closed') return session.ended;
  if (session.endsAt <= now) return 'max_age';
  // The very second from which a call is refused: see sessionRefusal.
  return idleEnd(session, limits) <= now ? 'idle' : null;
};

/**
 * Numbers that had been counted `ageSeconds` before `now`, and by when. Without a later call all of them were counted by
 * the last one; while calls go on, what an earlier visit saw has to do.
 */
export const countedLongAgo = (
  { seq, lastSeenAt, watched }: Pick<KeptSession, 'seq' | 'lastSeenAt' | 'watched'>,
  now: number,
  ageSeconds: number,
): Watch => {
  if (lastSeenAt + ageSeconds <= now) return { seq, at: lastSeenAt };
  return watched !== null && watched.at + ageSeconds <= now ? watched : { seq: 0, at: 0 };
};

/** What this visit remembers: the counter now, once what was remembered has become old enough to be used. */
export const nextWatch = (session: KeptSession, now: number, ageSeconds: number): Watch => {
  const { seq, watched } = session;
  return watched !== null && watched.at + ageSeconds > now ? watched : { seq, at: now };
};
