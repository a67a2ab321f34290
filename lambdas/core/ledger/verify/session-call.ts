// One call between its intent and its outcome: the parts of its stream add up, and the outcome names the intent. Pure.

import type { ReadEntry, ReadTotals } from './read-line.ts';
import type { Reason } from './reasons.ts';
import type { Place } from './report.ts';

export interface RunningCall {
  readonly callId: string;
  /** Leaf hash of the intent, hex. */
  readonly leaf: string;
  readonly intent: Place;
  parts: number;
  bytes: number;
  /** Bytes before the last part. */
  bytesBefore: number;
}

export interface CallFault {
  readonly reason: Reason;
  readonly detail: string;
}

type Of<Type extends ReadEntry['type']> = Extract<ReadEntry, { type: Type }>;

export const beginCall = (callId: string, leaf: string, intent: Place): RunningCall => ({
  callId,
  leaf,
  intent,
  parts: 0,
  bytes: 0,
  bytesBefore: 0,
});

/** Checks a stream segment and counts it. */
export const checkPart = (call: RunningCall, { part, offset, content }: Of<'stream.segment'>): readonly CallFault[] => {
  const faults: CallFault[] = [];
  if (part !== call.parts + 1) faults.push({ reason: 'part_order', detail: `part ${part} after ${call.parts}` });
  if (offset !== call.bytes)
    faults.push({ reason: 'part_offset', detail: `offset ${offset} after ${call.bytes} bytes` });
  call.parts = part;
  call.bytesBefore = offset;
  call.bytes = offset + (content?.bytes ?? 0);
  return faults;
};

/** The keeper reads what a call left long after its writer is gone, so its count is exact. */
export const checkUnknown = (call: RunningCall, unknown: Of<'call.unknown'>): readonly CallFault[] => {
  const faults: CallFault[] = [];
  if (unknown.intent !== call.leaf) faults.push({ reason: 'outcome_other_intent', detail: `${unknown.intent}` });
  if (unknown.parts !== call.parts)
    faults.push({ reason: 'totals_wrong', detail: `says ${unknown.parts} parts, recorded ${call.parts}` });
  return faults;
};

export const checkOutcome = (call: RunningCall, outcome: Of<'call.outcome'>): readonly CallFault[] => {
  const faults: CallFault[] = [];
  if (outcome.intent !== call.leaf) faults.push({ reason: 'outcome_other_intent', detail: `${outcome.intent}` });
  const last = outcome.content?.bytes ?? 0;
  if (adds(outcome, call.parts, call.bytes + last)) return faults;
  // A write whose answer was lost: the segment is there, the writer does not know, and has broken off the stream.
  const uncounted = !outcome.complete && adds(outcome, call.parts - 1, call.bytesBefore + last);
  const detail = `says ${outcome.parts} parts and ${outcome.bytes} bytes, recorded ${call.parts} and ${call.bytes + last}`;
  return [...faults, { reason: uncounted ? 'part_uncounted' : 'totals_wrong', detail }];
};

const adds = (told: ReadTotals, parts: number, bytes: number): boolean => told.parts === parts && told.bytes === bytes;
