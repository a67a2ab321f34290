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
  /** Recorded before and not after: it may have run at the upstream. `recorded`: an entry says so. */
  | {
      readonly kind: 'unknown';
      readonly intent: Intent;
      readonly segments: readonly Segment[];
      readonly recorded: boolean;
    }
  /** An outcome whose intent is gone: the call was made, and the record of it is not whole. */
  | { readonly kind: 'orphaned'; readonly seq: number; readonly outcome: Outcome }
  /** Counted, and no intent is there: never written (then no call went out), or removed. `recorded`: a gap entry says so. */
  | { readonly kind: 'missing'; readonly seq: number; readonly recorded: boolean };

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
  const found: Found = {
    ...{ open: null, close: null },
    ...{ intents: new Map(), outcomes: new Map(), segments: new Map(), recorded: new Set() },
  };
  for (const entry of entries) take(found, entry);
  const { open, close, intents, outcomes, segments, recorded } = found;
  // Not by spreading: a session can have more exchanges than a call takes arguments.
  const last = [...intents.keys(), ...outcomes.keys(), ...recorded].reduce(
    (highest, seq) => Math.max(highest, seq),
    counted,
  );
  const rows = Array.from({ length: last }, (_, index): Row => {
    const seq = index + 1;
    const intent = intents.get(seq);
    const outcome = outcomes.get(seq);
    if (intent === undefined)
      return outcome === undefined
        ? { kind: 'missing', seq, recorded: recorded.has(seq) }
        : { kind: 'orphaned', seq, outcome };
    const parts = segments.get(seq) ?? [];
    return outcome === undefined
      ? { kind: 'unknown', intent, segments: parts, recorded: recorded.has(seq) }
      : { kind: 'complete', intent, segments: parts, outcome };
  });
  return { open, close, rows };
};

interface Found {
  open: OpenedSession | null;
  close: ClosedSession | null;
  readonly intents: Map<number, Intent>;
  readonly outcomes: Map<number, Outcome>;
  readonly segments: Map<number, Segment[]>;
  /** Numbers with a `call.unknown` or a `gap`. */
  readonly recorded: Set<number>;
}

const take = (found: Found, entry: Entry): void => {
  switch (entry.type) {
    case 'session.open':
      found.open = entry;
      break;
    case 'session.close':
      found.close = entry;
      break;
    case 'call.intent':
      found.intents.set(Number(entry.seq), entry);
      break;
    case 'call.outcome':
      found.outcomes.set(Number(entry.seq), entry);
      break;
    case 'call.unknown':
    case 'gap':
      found.recorded.add(Number(entry.seq));
      break;
    case 'stream.segment': {
      const parts = found.segments.get(Number(entry.seq)) ?? [];
      found.segments.set(Number(entry.seq), [...parts, entry]);
      break;
    }
    // The rest belongs to no session.
    default:
      break;
  }
};
