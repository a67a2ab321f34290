// What KMS signed with the checkpoint key on a day, by CloudTrail, against the signed objects that appeared in the bucket.
// Each object follows its signature within minutes. A signature without an object may be a run that died in between, or a
// request that was repeated; or a checkpoint of another history that somebody keeps elsewhere. Pure.

import { type DayWindow, isIn } from './day-window.ts';

export interface Signature {
  /** CloudTrail's id of the event. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface SignatureCounts {
  /** Signatures of the day, and objects of the day that carry one. */
  readonly signed: number;
  readonly objects: number;
  /** Signatures for which no object appeared, and the ids of the first. */
  readonly unexplained: { readonly count: number; readonly ids: readonly string[] };
}

/** A run of the sealer is over by then. */
const TO_OBJECT_MS = 5 * 60 * 1000;
/** Both clocks count whole seconds. Less than what lies between two runs, so that neighbours are not taken for each other. */
const CLOCK_SLACK_MS = 2000;
const MAX_IDS = 20;
const EVENT_ID = /^[0-9a-f-]{1,64}$/;

/** `objects`: when each appeared, epoch milliseconds. Both lists may reach a little over the day. */
export const compareSignatures = (
  window: DayWindow,
  signatures: readonly Signature[],
  objects: readonly number[],
): SignatureCounts => {
  const inOrder = [...signatures].sort((a, b) => a.at - b.at);
  const appeared = [...objects].sort((a, b) => a - b);
  const unexplained = withoutObject(inOrder, appeared).filter(({ at }) => isIn(window.core, at));
  const ids = unexplained.slice(0, MAX_IDS).map(({ id }) => (EVENT_ID.test(id) ? id : `‹string ${id.length}›`));
  return {
    signed: inOrder.filter(({ at }) => isIn(window.core, at)).length,
    objects: appeared.filter((at) => isIn(window.core, at)).length,
    unexplained: { count: unexplained.length, ids },
  };
};

/** Each object takes the signature nearest before it: what is left over is left where it was made. */
const withoutObject = (signatures: readonly Signature[], objects: readonly number[]): readonly Signature[] => {
  const open: Signature[] = [];
  let next = 0;
  for (const object of objects) {
    for (; (signatures[next]?.at ?? Number.POSITIVE_INFINITY) <= object + CLOCK_SLACK_MS; next += 1) {
      const signature = signatures[next];
      if (signature !== undefined) open.push(signature);
    }
    const nearest = open.at(-1);
    if (nearest !== undefined && nearest.at >= object - TO_OBJECT_MS) open.pop();
  }
  return [...open, ...signatures.slice(next)];
};
