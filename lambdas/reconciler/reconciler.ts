// Compares finished days with what API Gateway and CloudTrail recorded of them, each once:
//
//     due days -> [not recorded yet] -> compare -> record the entry, whose place is the day
//
// A day is due two hours after it ended: an access log line is written when its request has ended, at the most 15 minutes
// after it began, and CloudWatch Logs and CloudTrail deliver within another 15 or so. Days that were missed are caught up
// with for a week. A source that does not answer leaves the day for the next run; on its last day it is recorded as not
// checked, so that silence never looks like agreement.

import type { Diagnostics } from '../adapters/diagnostics.ts';
import type { ReconciledDays } from '../adapters/dynamo-reconciled.ts';
import type { Metrics } from '../adapters/metrics.ts';
import type { EntryStamp, GatewayRecord } from '../core/ledger/entry.ts';
import { dayWindow } from '../core/ledger/reconcile/day-window.ts';
import {
  type DayComparison,
  type ReconciledVerdict,
  reconciledEntry,
} from '../core/ledger/reconcile/reconciled-entry.ts';
import { type Clock, toDay, toTimestamp } from '../core/time.ts';
import { type ComparePorts, compareDay } from './compare-day.ts';
import { logBegan } from './sealed-day.ts';

export interface ReconcilerPorts extends ComparePorts {
  readonly origin: string;
  readonly configDigest: string;
  readonly gateway: GatewayRecord;
  readonly days: ReconciledDays;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly diagnostics: Diagnostics;
  readonly metrics: Metrics;
}

export interface ReconcileReport {
  readonly recorded: readonly { readonly day: string; readonly verdict: ReconciledVerdict }[];
  /** Due days that are still to be done. */
  readonly waiting: readonly string[];
}

class ReconcilerError extends Error {
  readonly code = 'OUT_OF_TIME';
}

const DAY_MS = 24 * 3600 * 1000;
const SETTLED_MS = 2 * 3600 * 1000;
const CATCH_UP_DAYS = 7;

export const makeReconciler =
  (ports: ReconcilerPorts) =>
  async (deadlineAt: number): Promise<ReconcileReport> => {
    const recorded: { day: string; verdict: ReconciledVerdict }[] = [];
    const waiting: string[] = [];
    for (const day of await dueDays(ports)) {
      try {
        recorded.push({ day, verdict: await reconcile(ports, day, deadlineAt) });
      } catch (cause) {
        waiting.push(day);
        ports.diagnostics.error(`${day} could not be reconciled`, cause);
      }
    }
    ports.metrics.report({ DaysUnreconciled: waiting.length });
    return { recorded, waiting };
  };

/** Days that ended long enough ago and are not recorded, oldest first. There is nothing to say of days before the log. */
const dueDays = async (ports: ReconcilerPorts): Promise<readonly string[]> => {
  const began = await logBegan(ports);
  if (began === undefined) return [];
  const settled = ports.clock.now() - SETTLED_MS;
  const days = Array.from({ length: CATCH_UP_DAYS }, (_, back) => toDay(settled - (CATCH_UP_DAYS - back) * DAY_MS));
  const due: string[] = [];
  for (const day of days) if (day >= toDay(began) && !(await ports.days.has(day))) due.push(day);
  return due;
};

const reconcile = async (ports: ReconcilerPorts, day: string, deadlineAt: number): Promise<ReconciledVerdict> => {
  const window = dayWindow(day);
  if (window === undefined) throw new RangeError(`${day} is no day`);
  const beat = () => {
    if (ports.clock.now() > deadlineAt) throw new ReconcilerError('The day holds more than one run can compare');
  };
  const lastTry = day <= toDay(ports.clock.now() - SETTLED_MS - CATCH_UP_DAYS * DAY_MS);
  const comparison = await compareDay(ports, window, { beat, lastTry });
  const entry = reconciledEntry(stampOf(ports), comparison);
  // Another run may have been faster; what it recorded stands.
  if ((await ports.days.record(entry)) === 'recorded') report(ports, comparison);
  return entry.verdict;
};

const stampOf = ({ origin, configDigest, gateway, clock, newId }: ReconcilerPorts): EntryStamp => ({
  ...{ v: 1, log: origin, id: newId(), ts: toTimestamp(clock.now()), config: configDigest, gw: gateway },
});

const report = ({ metrics }: ReconcilerPorts, { requests, signatures }: DayComparison): void =>
  metrics.report({
    RequestsMissing: requests.ok ? requests.result.missing.count : 0,
    EntriesInvented: requests.ok ? requests.result.invented.count : 0,
    SignaturesUnexplained: signatures.ok ? signatures.result.unexplained.count : 0,
    SourcesNotRead: Number(!requests.ok) + Number(!signatures.ok),
  });
