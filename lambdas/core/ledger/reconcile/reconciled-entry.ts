// What came of the comparison of a day, as an entry. Pure.

import type { EntryStamp, Reconciled } from '../entry.ts';
import type { Named, RequestCounts } from './compare-requests.ts';
import type { SignatureCounts } from './compare-signatures.ts';

/** `null`: the source could not be asked, and why. */
export type Source<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly reason: 'denied' | 'unavailable' };

export interface DayComparison {
  readonly day: string;
  readonly requests: Source<RequestCounts>;
  readonly signatures: Source<SignatureCounts>;
}

export type ReconciledVerdict = 'agrees' | 'differs' | 'not_checked';

/** Signatures and errors alone raise questions; a call without entry, or an entry without call, is a difference. */
export const verdictOf = ({ requests, signatures }: DayComparison): ReconciledVerdict => {
  if (requests.ok && (requests.result.missing.count > 0 || requests.result.invented.count > 0)) return 'differs';
  if (signatures.ok && signatures.result.unexplained.count > 0) return 'differs';
  return requests.ok && signatures.ok ? 'agrees' : 'not_checked';
};

export const reconciledEntry = (stamp: EntryStamp, comparison: DayComparison): Reconciled => {
  const { day, requests, signatures } = comparison;
  return {
    ...stamp,
    type: 'reconciled',
    day,
    requests: requests.ok ? requestRecord(requests.result) : null,
    signatures: signatures.ok ? signatureRecord(signatures.result) : null,
    sources: {
      accessLog: requests.ok ? 'complete' : requests.reason,
      cloudTrail: signatures.ok ? 'complete' : signatures.reason,
    },
    verdict: verdictOf(comparison),
  };
};

const named = ({ count, ids }: Named) => ({ count: String(count), ids });

const requestRecord = (counts: RequestCounts): NonNullable<Reconciled['requests']> => ({
  logged: String(counts.logged),
  alone: String(counts.alone),
  entries: String(counts.entries),
  missing: named(counts.missing),
  failed: named(counts.failed),
  invented: named(counts.invented),
  repeated: named(counts.repeated),
  unreadable: String(counts.unreadable),
});

const signatureRecord = (counts: SignatureCounts): NonNullable<Reconciled['signatures']> => ({
  signed: String(counts.signed),
  objects: String(counts.objects),
  unexplained: named(counts.unexplained),
});
