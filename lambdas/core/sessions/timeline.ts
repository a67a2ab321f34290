// A session as a person follows it: one row per exchange, in order, with what is known and what is not. Pure.

import type { ClosedSession, Entry, Intent, OpenedSession, Outcome, Segment } from '../ledger/entry.ts';

/** One sequence number of a session. */
export type Row =
  /** Recorded before and after. */
  | {
      readonly kind: 'complete';
      readonly intent: Intent;
      readonly segments: readonly Segment[];
      readonly outcome: Outcome;
    }
  /** Recorded before and not after: it may have run at the upstream. */
  | { readonly kind: 'unknown'; readonly intent: Intent; readonly segments: readonly Segment[] }
  /** An outcome whose intent is gone: the call was made, and the record of it is not whole. */
  | { readonly kind: 'orphaned'; readonly seq: number; readonly outcome: Outcome }
  /** Counted, and no entry is there: never written (then no call went out), or removed. */
  | { readonly kind: 'missing'; readonly seq: number };

export interface Timeline {
  readonly open: OpenedSession | null;
  readonly close: ClosedSession | null;
  readonly rows: readonly Row[];
}

/**
 * Puts a session's entries together. `counted` is the sequence number the session's counter stands at, if known:
 * numbers up to it without an intent are shown as missing, never left out.
 */
export const timelineOf = (entries: readonly Entry[], counted: number): Timeline => {
  const intents = new Map<number, Intent>();
  const outcomes = new Map<number, Outcome>();
  const segments = new Map<number, Segment[]>();
  let open: OpenedSession | null = null;
  let close: ClosedSession | null = null;
  for (const entry of entries) {
    if (entry.type === 'session.open') open = entry;
    else if (entry.type === 'session.close') close = entry;
    else if (entry.type === 'call.intent') intents.set(Number(entry.seq), entry);
    else if (entry.type === 'call.outcome') outcomes.set(Number(entry.seq), entry);
    else if (entry.type === 'stream.segment') {
      segments.set(Number(entry.seq), [...(segments.get(Number(entry.seq)) ?? []), entry]);
    }
  }
  // Not by spreading: a session can have more exchanges than a call takes arguments.
  const last = [...intents.keys(), ...outcomes.keys()].reduce((highest, seq) => Math.max(highest, seq), counted);
  const rows = Array.from({ length: last }, (_, index): Row => {
    const seq = index + 1;
    const intent = intents.get(seq);
    const outcome = outcomes.get(seq);
    if (intent === undefined)
      return outcome === undefined ? { kind: 'missing', seq } : { kind: 'orphaned', seq, outcome };
    const parts = segments.get(seq) ?? [];
    return outcome === undefined
      ? { kind: 'unknown', intent, segments: parts }
      : { kind: 'complete', intent, segments: parts, outcome };
  });
  return { open, close, rows };
};
