// Alarms of the evidence: that sealing keeps up and goes on, and that nobody else's hand is in the ledger. As rules, for
// lib/alarms.ts to make; docs/runbook.md says more about each.
import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { type FunctionName, METRICS, type MetricName } from '../lambdas/contract.ts';
import type { HouseFunctions } from './house-function.ts';

export const PERIOD = Duration.minutes(1);
const MINUTES_MS = 60_000;

export interface AlarmRule {
  readonly metric: IMetric;
  /** Alarms above this value. @default 0 */
  readonly above?: number;
  /** Alarms below this value instead, and when there is none. */
  readonly below?: number;
  /** What it means and what to do. */
  readonly runbook: string;
  /**
   * Periods that must be bad of the last ones.
   * @default - three of five: one bad minute cries wolf
   */
  readonly bad?: { readonly periods: number; readonly of: number };
  /**
   * Whether silence is as bad: nobody who died reports it.
   * @default false
   */
  readonly alsoWhenSilent?: boolean;
}

/** On the first bad period. */
export const AT_ONCE = { periods: 1, of: 1 };

export interface EvidenceWatch {
  readonly functions: HouseFunctions;
  /** Origin of the log, the dimension of its metrics. */
  readonly origin: string;
  /** Changes of the ledger that the watcher had to give up. */
  readonly unjudged: Queue;
}

type Rules = Readonly<Record<string, AlarmRule>>;

export const evidenceRules = (watch: EvidenceWatch): Rules => ({
  ...sealerRules(watch),
  ...witnessRules(watch),
  ...watcherRules(watch),
  ...reconcilerRules(watch),
});

const metricOf = (
  { origin }: EvidenceWatch,
  service: FunctionName,
  name: MetricName,
  statistic: 'Sum' | 'Maximum',
  period = PERIOD,
): IMetric =>
  new Metric({
    namespace: METRICS.namespace,
    metricName: name,
    dimensionsMap: { service, [METRICS.logDimension]: origin },
    statistic,
    period,
  });

const sealerRules = (watch: EvidenceWatch): Rules => {
  const { sealer } = watch.functions;
  return {
    SealerErrors: {
      metric: sealer.metricErrors({ period: PERIOD }),
      above: 0,
      runbook:
        'Entries wait in the table and are not sealed. Nothing is lost; see the sealer log, and KMS and S3 first.',
      bad: AT_ONCE,
    },
    SealerBehind: {
      metric: sealer.metric('IteratorAge', { period: PERIOD, statistic: 'Maximum' }),
      above: MINUTES_MS,
      runbook:
        'New entries have waited for over a minute to wake the sealer. See the sealer log; a backlog works itself off.',
    },
    EntriesWait: {
      metric: metricOf(watch, 'sealer', 'OldestUnsealedSeconds', 'Maximum'),
      above: 60,
      runbook:
        'The oldest entry has waited for over a minute to be sealed; until then the table is all that holds it. See the sealer log for errors, then its duration: a backlog works itself off at thousands of entries a second.',
    },
    SealingSlow: {
      metric: metricOf(watch, 'sealer', 'SealingLagMaxSeconds', 'Maximum'),
      above: 120,
      runbook:
        'Entries were signed over two minutes after they were written. Look for retries of S3 and KMS in the sealer log; EntriesSealed shows whether it is load.',
    },
    SealerSilent: {
      metric: metricOf(watch, 'sealer', 'CheckpointAgeSeconds', 'Maximum', Duration.minutes(5)),
      // A heartbeat makes a checkpoint every 15 minutes, whatever happens.
      above: 20 * 60,
      runbook:
        'No checkpoint for 20 minutes, or no run of the sealer for 10: nothing new is being proven. Look for its schedule, its errors and throttles, then KMS: is the checkpoint key enabled?',
      bad: { periods: 2, of: 2 },
      alsoWhenSilent: true,
    },
  };
};

const witnessRules = (watch: EvidenceWatch): Rules => ({
  WitnessRefused: {
    metric: metricOf(watch, 'sealer', 'WitnessesRefusing', 'Maximum'),
    above: 0,
    runbook:
      'A witness has seen another history of this log: a fork, a rollback, or the state of the witness was restored. Keep both copies, stop deployments, and compare checkpoints with the operator of the witness; the entry witness.refused has the sizes.',
    bad: AT_ONCE,
  },
  WitnessAway: {
    metric: metricOf(watch, 'sealer', 'WitnessesAway', 'Maximum', Duration.minutes(5)),
    above: 0,
    runbook:
      'For 15 minutes checkpoints were signed and not cosigned by a witness; nothing is lost and sealing goes on. See the cause in the sealer log, and ask the operator of the witness. A verifier with a policy accepts an hour of this.',
    bad: { periods: 3, of: 3 },
  },
});

const watcherRules = (watch: EvidenceWatch): Rules => {
  const { watcher } = watch.functions;
  return {
    TamperSuspected: {
      metric: metricOf(watch, 'watcher', 'TamperSuspected', 'Sum'),
      above: 0,
      runbook:
        'Somebody changed or removed items of the ledger table. countersign tampering shows what; CloudTrail data events of the table show who. Treat it as a security incident: lines lost before sealing are kept in the log.',
      bad: AT_ONCE,
    },
    WatcherFailing: {
      metric: metricOf(watch, 'watcher', 'ChangesNotJudged', 'Sum'),
      above: 0,
      runbook:
        'The watcher fails, so changes of the ledger table are not judged for tampering. They are delivered again for 6 hours: see its log.',
    },
    WatcherBehind: {
      metric: watcher.metric('IteratorAge', { period: PERIOD, statistic: 'Maximum' }),
      above: 15 * MINUTES_MS,
      runbook:
        'Changes of the ledger table have waited for over 15 minutes to be judged. They leave the stream after 24 hours: see the watcher log, then DynamoDB and S3.',
    },
    ChangesGivenUp: {
      metric: watch.unjudged.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }),
      above: 0,
      runbook:
        'A change of the ledger table was never judged. The message names shard and sequence numbers: read the records from the stream before they are 24 hours old.',
      bad: AT_ONCE,
    },
  };
};

const reconcilerRules = (watch: EvidenceWatch): Rules => {
  const found = (name: MetricName) => metricOf(watch, 'reconciler', name, 'Sum', Duration.minutes(5));
  return {
    RequestsWithoutEntry: {
      metric: found('RequestsMissing'),
      above: 0,
      runbook:
        'API Gateway answered requests that no entry names: calls may have gone unrecorded. countersign reconcile --day names them; look each up in the access log. Treat it as a security incident until it is explained.',
      bad: AT_ONCE,
    },
    EntriesWithoutRequest: {
      metric: found('EntriesInvented'),
      above: 0,
      runbook:
        'Entries name requests that API Gateway never logged: somebody wrote entries, invoked a function directly, or removed lines of the access log. countersign reconcile --day names them; CloudTrail shows who.',
      bad: AT_ONCE,
    },
    SignaturesUnexplained: {
      metric: found('SignaturesUnexplained'),
      above: 0,
      runbook:
        'KMS signed more with the checkpoint key than there are signed objects. A sealer that died or repeated a request explains one, at a time when its log shows it; anything else may be a checkpoint of another history.',
      bad: AT_ONCE,
    },
    DaysUnreconciled: {
      metric: metricOf(watch, 'reconciler', 'DaysUnreconciled', 'Maximum', Duration.hours(6)),
      above: 0,
      runbook:
        'A finished day could not be reconciled, or the reconciler did not run for 12 hours. See its log; it tries again for a week, then records the day as not checked.',
      bad: { periods: 2, of: 2 },
      alsoWhenSilent: true,
    },
    SourcesNotRead: {
      metric: found('SourcesNotRead'),
      above: 0,
      runbook:
        'A day was recorded without one of its sources. See the reconciler log; does a service control policy deny cloudtrail:LookupEvents or logs:FilterLogEvents?',
      bad: AT_ONCE,
    },
  };
};
