// One day against what others recorded of it.

import { type SignatureTrail, TrailError } from '../adapters/cloudtrail-signatures.ts';
import { type AccessLog, AccessLogError } from '../adapters/logs-access-log.ts';
import { RequestComparison, type RequestCounts } from '../core/ledger/reconcile/compare-requests.ts';
import { compareSignatures, type SignatureCounts } from '../core/ledger/reconcile/compare-signatures.ts';
import type { DayWindow } from '../core/ledger/reconcile/day-window.ts';
import type { DayComparison, Source } from '../core/ledger/reconcile/reconciled-entry.ts';
import { namingEntries, type SealedLogPorts, signedObjects } from './sealed-day.ts';

export interface ComparePorts extends SealedLogPorts {
  readonly accessLog: AccessLog;
  readonly trail: SignatureTrail;
}

export interface CompareOptions {
  /** Called again and again; it may throw to end the comparison. */
  readonly beat: () => void;
  /** Whether a source that does not answer is written down, or thrown for another try. One that refuses always is. */
  readonly lastTry: boolean;
}

/** A line is written when its request has ended, up to a quarter of an hour after it began. */
const TO_LINE_MS = 60 * 60 * 1000;
const AROUND_MS = 10 * 60 * 1000;

export const compareDay = async (
  ports: ComparePorts,
  window: DayWindow,
  options: CompareOptions,
): Promise<DayComparison> => ({
  day: window.day,
  requests: await ask(options, () => compareRequests(ports, window, options.beat)),
  signatures: await ask(options, () => compareSigned(ports, window)),
});

const compareRequests = async (ports: ComparePorts, window: DayWindow, beat: () => void): Promise<RequestCounts> => {
  const comparison = new RequestComparison(window);
  for await (const { requestId, at } of namingEntries(ports, window, beat)) comparison.entry(requestId, at);
  const { from, to } = window.requests;
  for await (const line of ports.accessLog.lines(from, to + TO_LINE_MS)) {
    beat();
    comparison.line(line);
  }
  if (comparison.hasInvented) {
    for await (const { requestId } of namingEntries(ports, window, beat)) comparison.nameInvented(requestId);
  }
  return comparison.result();
};

const compareSigned = async (ports: ComparePorts, window: DayWindow): Promise<SignatureCounts> => {
  const span = { from: window.core.from - AROUND_MS, to: window.core.to + AROUND_MS };
  const signatures = await ports.trail.signatures(span.from, span.to);
  return compareSignatures(window, signatures, await signedObjects(ports, span));
};

const ask = async <Result>({ lastTry }: CompareOptions, compare: () => Promise<Result>): Promise<Source<Result>> => {
  try {
    return { ok: true, result: await compare() };
  } catch (cause) {
    const source = cause instanceof AccessLogError || cause instanceof TrailError;
    if (!source || (cause.code === 'unavailable' && !lastTry)) throw cause;
    return { ok: false, reason: cause.code };
  }
};
