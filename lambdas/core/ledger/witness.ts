// What a witness decides (C2SP tlog-witness, add-checkpoint): whether this checkpoint continues the last one that it
// cosigned for this log. A log that shows two histories cannot get both past here. Pure.
//
//     read the request -> known log -> its signature -> sizes -> consistency with what was cosigned last

import { err, ok, type Result } from '../result.ts';
import { type AddCheckpoint, parseAddCheckpoint } from './add-checkpoint.ts';
import { EMPTY_ROOT, isConsistent, type TreeHead } from './merkle.ts';
import { type Note, type NoteFault, parseCheckpoint, parseNote, type Verifier, verifyNote } from './note.ts';

/** Keys of known logs by origin. */
export type KnownLogs = ReadonlyMap<string, readonly Verifier[]>;

export const knownLogs = (verifiers: readonly Verifier[]): KnownLogs => Map.groupBy(verifiers, ({ name }) => name);

export type WitnessRefusal =
  | { readonly reason: 'request_malformed'; readonly detail: string }
  | { readonly reason: 'origin_unknown' }
  | { readonly reason: 'signature_untrusted'; readonly detail: string }
  | { readonly reason: 'old_size_above'; readonly oldSize: number; readonly size: number }
  /** What was cosigned last is another size than the log thinks. */
  | { readonly reason: 'size_conflict'; readonly size: number }
  /** Signed by the log, and no continuation of what was cosigned: the split view that a witness is there for. */
  | { readonly reason: 'inconsistent'; readonly detail: string };

/** A checkpoint that its log signed. */
export interface Submission {
  readonly origin: string;
  readonly head: TreeHead;
  /** The signed text with the signatures of the log's known keys; others are not passed on. */
  readonly note: Note;
  readonly oldSize: number;
  readonly proof: AddCheckpoint['proof'];
}

/** Reads a request body down to a checkpoint that a known key of its log signed. */
export const readSubmission = (body: Uint8Array, logs: KnownLogs): Result<Submission, WitnessRefusal> => {
  const request = parseAddCheckpoint(body);
  if (!request.ok) return request;
  const note = parseNote(request.value.checkpoint);
  if (!note.ok) return malformed(note.error);
  const origin = note.value.text.slice(0, note.value.text.indexOf('\n'));
  const verifiers = logs.get(origin);
  if (verifiers === undefined) return err({ reason: 'origin_unknown' });
  const signed = trusted(note.value, verifiers);
  if (!signed.ok) return signed;
  const head = parseCheckpoint(note.value.text, origin);
  if (!head.ok) return malformed(head.error);
  const { oldSize, proof } = request.value;
  if (oldSize > head.value.size) return err({ reason: 'old_size_above', oldSize, size: head.value.size });
  return ok({ origin, head: head.value, note: signed.value, oldSize, proof });
};

const malformed = (fault: NoteFault): Result<never, WitnessRefusal> => {
  const detail = 'detail' in fault ? fault.detail : fault.reason;
  return err({ reason: 'request_malformed', detail });
};

/** The note with the signatures of known keys alone. One of them that does not verify spoils it. */
const trusted = (note: Note, verifiers: readonly Verifier[]): Result<Note, WitnessRefusal> => {
  const checked = verifiers.map((verifier) => verifyNote(note, verifier));
  const wrong = checked.some((result) => !result.ok && result.error.reason === 'signature_wrong');
  if (wrong) return err({ reason: 'signature_untrusted', detail: 'a signature by a known key does not verify' });
  if (!checked.some(({ ok: holds }) => holds)) {
    return err({ reason: 'signature_untrusted', detail: 'no signature by a known key of this log' });
  }
  const isKnown = ({ name, keyId }: Note['signatures'][number]): boolean =>
    verifiers.some((verifier) => verifier.name === name && verifier.keyId === keyId);
  return ok({ text: note.text, signatures: note.signatures.filter(isKnown) });
};

/** Decides by what was cosigned last for this log; `undefined` when nothing was. */
export const decideSubmission = (
  { head, oldSize, proof }: Submission,
  last: TreeHead | undefined,
): Result<TreeHead, WitnessRefusal> => {
  const older: TreeHead = last ?? { size: 0, root: EMPTY_ROOT };
  if (oldSize !== older.size) return err({ reason: 'size_conflict', size: older.size });
  const detail = oldSize === 0 ? fromNothing(head, proof) : fromOlder(older, head, proof);
  return detail === undefined ? ok(head) : err({ reason: 'inconsistent', detail });
};

const fromNothing = ({ size, root }: TreeHead, proof: Submission['proof']): string | undefined => {
  if (proof.length > 0) return 'the proof is not empty and the old size is zero';
  return size === 0 && Buffer.compare(root, EMPTY_ROOT) !== 0 ? 'an empty tree has another root' : undefined;
};

const fromOlder = (older: TreeHead, head: TreeHead, proof: Submission['proof']): string | undefined => {
  if (isConsistent(older, head, proof)) return undefined;
  return older.size === head.size ? `another root of ${head.size} entries was cosigned` : 'the proof does not hold';
};
