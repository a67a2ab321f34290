// Numbers for alarms, as CloudWatch's embedded metric format by Powertools: a line of the function's log, no call.

import { Metrics as EmbeddedMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRICS, type MetricName } from '../contract.ts';

export interface Metrics {
  /** One value for each name, now. */
  report(values: Readonly<Partial<Record<MetricName, number>>>): void;
}

/** `log` is the origin: two installations of one account stay apart. */
export const makeMetrics = (serviceName: string, log: string): Metrics => {
  const defaultDimensions = { [METRICS.logDimension]: log };
  const metrics = new EmbeddedMetrics({ namespace: METRICS.namespace, serviceName, defaultDimensions });
  return {
    report: (values) => {
      for (const [name, value] of Object.entries(values)) {
        metrics.addMetric(name, name.endsWith('Seconds') ? MetricUnit.Seconds : MetricUnit.Count, value);
      }
      metrics.publishStoredMetrics();
    },
  };
};
