// What KMS signed with a log's keys, by CloudTrail's event history: every use of a key stands there, whoever made it, for 90
// days and without a trail being set up. It names key, time and caller, not the message.

import { setTimeout } from 'node:timers/promises';
import { type CloudTrailClient, type Event, paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import type { Signature } from '../core/ledger/reconcile/compare-signatures.ts';

export class TrailError extends Error {
  readonly code: 'denied' | 'unavailable';

  constructor(code: 'denied' | 'unavailable', cause: unknown) {
    super('CloudTrail could not be asked for signatures', { cause });
    this.code = code;
  }
}

export interface SignatureTrail {
  /** Signatures made from `from` up to `to` (epoch milliseconds). */
  signatures(from: number, to: number): Promise<readonly Signature[]>;
}

/** LookupEvents allows two requests a second in an account and Region, and others may ask too. */
const BETWEEN_PAGES_MS = 600;

export const makeSignatureTrail = (client: CloudTrailClient, keyArns: readonly string[]): SignatureTrail => ({
  signatures: async (from, to) => {
    const found: Signature[] = [];
    const query = {
      LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'Sign' }],
      StartTime: new Date(from),
      EndTime: new Date(to),
    };
    try {
      for await (const { Events = [], NextToken } of paginateLookupEvents({ client, pageSize: 50 }, query)) {
        found.push(...Events.flatMap((event) => signatureOf(event, keyArns)));
        if (NextToken !== undefined) await setTimeout(BETWEEN_PAGES_MS);
      }
    } catch (cause) {
      const denied = cause instanceof Error && /AccessDenied/.test(cause.name);
      throw new TrailError(denied ? 'denied' : 'unavailable', cause);
    }
    return found.filter(({ at }) => at >= from && at < to);
  },
});

/** A call that KMS refused has an error code and made no signature. */
const signatureOf = (event: Event, keyArns: readonly string[]): readonly Signature[] => {
  const { EventId, EventTime, CloudTrailEvent = '{}' } = event;
  const detail = JSON.parse(CloudTrailEvent) as {
    readonly errorCode?: string;
    readonly resources?: readonly { readonly ARN?: string }[];
  };
  const byKey = detail.resources?.some(({ ARN }) => ARN !== undefined && keyArns.includes(ARN)) ?? false;
  if (!byKey || detail.errorCode !== undefined || EventTime === undefined) return [];
  return [{ id: EventId ?? '', at: EventTime.getTime() }];
};
