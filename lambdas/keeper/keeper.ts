// Looks after sessions: ends those that are over, records what their calls left open, and hands ended ones to the sealer.
//
//     list what is due -> (load session -> settle its calls -> close it | hand it over | set the next visit)*
//
// Every step is conditional on what was seen and can be repeated; what is true if the process dies is written on each line.
// A call that races the closing wins: the closing demands the counter as it was seen, and a counted call is recorded by
// its own intent whatever becomes of its session.

import { RecordsError } from '../adapters/dynamo-records.ts';
import type { ClosedSession, EndReason } from '../core/ledger/entry.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { endOf, type KeptSession, nextVisit, nextWatch, VISIT_SECONDS } from '../core/sessions/keeping.ts';
import type { KeeperPorts } from './ports.ts';
import { type Settlement, settle, stampOf } from './settle.ts';

class KeeperError extends Error {
  readonly code = 'SESSIONS_NOT_KEPT';
}

export interface KeepReport {
  /** Sessions looked at. */
  readonly visited: number;
  readonly closed: number;
  /** Entries that say what did not come: `call.unknown` and `gap`. */
  readonly recorded: number;
  /** Ended sessions whose calls are all settled. */
  readonly handedOver: number;
}

const VISITS_AT_ONCE = 8;

type Visit = Omit<KeepReport, 'visited'>;

export const makeKeeper =
  (ports: KeeperPorts) =>
  async (deadlineAt: number): Promise<KeepReport> => {
    const report = { visited: 0, closed: 0, recorded: 0, handedOver: 0 };
    let failed = 0;
    const visitAll = async (sids: readonly string[]): Promise<void> => {
      for (const done of await Promise.allSettled(sids.map((sid) => visit(ports, sid, deadlineAt)))) {
        if (done.status === 'fulfilled') add(report, done.value);
        else {
          failed += 1;
          ports.diagnostics.error('A session could not be looked after', done.reason);
        }
      }
    };
    let batch: string[] = [];
    for await (const sid of ports.sessions.listDue(epochSeconds(ports))) {
      if (ports.clock.now() >= deadlineAt) break;
      batch.push(sid);
      if (batch.length < VISITS_AT_ONCE) continue;
      await visitAll(batch);
      batch = [];
    }
    await visitAll(batch);
    // The others were looked after; this one must not go unnoticed.
    if (failed > 0) throw new KeeperError(`${failed} of ${report.visited + failed} sessions could not be looked after`);
    return report;
  };

const add = (report: { -readonly [Field in keyof KeepReport]: number }, done: Visit): void => {
  report.visited += 1;
  report.closed += done.closed;
  report.recorded += done.recorded;
  report.handedOver += done.handedOver;
};

const epochSeconds = ({ clock }: KeeperPorts): number => Math.floor(clock.now() / 1000);

const NOTHING: Visit = { closed: 0, recorded: 0, handedOver: 0 };

const visit = async (ports: KeeperPorts, sid: string, deadlineAt: number): Promise<Visit> => {
  const session = await ports.sessions.load(sid);
  // The index lags: another run, or the client itself, may have been here.
  if (session === undefined || session.due !== 'keeper' || session.dueAt > epochSeconds(ports)) return NOTHING;
  const settlement = await settle(ports, session, deadlineAt); // some calls recorded; the next visit goes on behind them
  const { recorded } = settlement;
  const why = session.closedAt === null ? endOf(session, epochSeconds(ports), ports.limits) : null;
  if (why !== null) {
    const closed = await close(ports, session, settlement, why); // closed with its entry, or neither; due either way
    return { closed: closed ? 1 : 0, recorded, handedOver: closed && isWhole(session, settlement) ? 1 : 0 };
  }
  const handsOver = session.closedAt !== null && isWhole(session, settlement);
  await ports.sessions.rearm(session, nextOf(ports, session, settlement, handsOver)); // due again, or the sealer's
  requireUnbroken(session, settlement);
  return { ...NOTHING, recorded, handedOver: handsOver ? 1 : 0 };
};

const isWhole = (session: KeptSession, { settled }: Settlement): boolean => settled === session.seq;

const nextOf = (ports: KeeperPorts, session: KeptSession, { settled, broken }: Settlement, handsOver: boolean) => {
  const now = epochSeconds(ports);
  if (handsOver) return { due: 'sealer', dueAt: now, settled, watched: null } as const;
  const watched = nextWatch(session, now, ports.settleSeconds);
  // What is broken stays broken until a person acts: not every minute.
  const dueAt = broken.length > 0 ? now + VISIT_SECONDS : nextVisit(session, now, ports.limits);
  return { due: 'keeper', dueAt, settled, watched } as const;
};

/** `false`: a call, the client or an operator was faster. The session is still due, and the next run sees what it is now. */
const close = async (
  ports: KeeperPorts,
  session: KeptSession,
  settlement: Settlement,
  why: EndReason,
): Promise<boolean> => {
  const { sid, seq, lastSeenAt, status, revocation } = session;
  const now = epochSeconds(ports);
  const entry: ClosedSession = {
    ...stampOf(ports),
    type: 'session.close',
    sid,
    why,
    calls: String(seq),
    ...(why === 'revoked' && revocation !== null ? { revocation } : {}),
  };
  const { settled } = settlement;
  const whole = isWhole(session, settlement);
  const next = whole
    ? ({ due: 'sealer', dueAt: now } as const)
    : ({ due: 'keeper', dueAt: nextVisit({ ...session, status: 'closed' }, now, ports.limits) } as const);
  try {
    await ports.records.commit({
      entries: [{ entry: toWalEntry(entry), body: null }],
      close: { sid, why, at: now, from: status, seen: { seq, lastSeenAt }, settled, ...next },
    });
    return true;
  } catch (cause) {
    if (cause instanceof RecordsError && cause.code === 'conflict') return false;
    throw cause;
  }
};

const requireUnbroken = ({ sid }: KeptSession, { broken }: Settlement): void => {
  if (broken.length === 0) return;
  throw new KeeperError(
    `Session ${sid}: entries of call ${broken.join(', ')} were removed or changed, so that its calls cannot be settled`,
  );
};
