// Checkpoints against the tree as it grows, and the checkpoint an auditor kept against the same tree. Pure.

import { err, ok, type Result } from '../../result.ts';
import type { Hash, TreeHead } from '../merkle.ts';
import { type Note, type NoteFault, parseCheckpoint, parseNote, signersOf, type Verifier } from '../note.ts';
import type { NumberedFile } from './inventory.ts';
import type { KeyCheck, KnownKey, SignedSize } from './keys.ts';
import type { Reason } from './reasons.ts';
import type { Findings } from './report.ts';

/** Reads a checkpoint that one of the keys signed; all of them are of one log. */
export const openCheckpoint = (bytes: Uint8Array, keys: readonly Verifier[]): Result<TreeHead, NoteFault> => {
  const note = parseNote(bytes);
  if (!note.ok) return note;
  const signed = requireSigner(note.value, signersOf(note.value, keys), originOf(keys));
  return signed.ok ? parseCheckpoint(note.value.text, originOf(keys)) : signed;
};

const originOf = (keys: readonly Verifier[]): string => keys[0]?.name ?? '';

const requireSigner = (
  note: Note,
  { right, wrong }: { readonly right: readonly Verifier[]; readonly wrong: readonly Verifier[] },
  name: string,
): Result<Note, NoteFault> => {
  if (wrong.length > 0) return err({ reason: 'signature_wrong', name });
  return right.length > 0 ? ok(note) : err({ reason: 'signature_missing', name });
};

/** A fault of a note, in words. */
export const describe = (fault: NoteFault): string => {
  switch (fault.reason) {
    case 'note_malformed':
    case 'key_malformed':
    case 'checkpoint_malformed':
      return fault.detail;
    case 'signature_missing':
      return `no signature by ${fault.name} with the key id of a key that is known`;
    case 'signature_wrong':
      return `the signature by ${fault.name} does not verify`;
    case 'origin_mismatch':
      return `expected ${fault.expected}, got ${JSON.stringify(fault.got)}`;
  }
};

type NoteReasons = Readonly<Record<NoteFault['reason'], Reason>>;

const CHECKPOINT_REASONS: NoteReasons = {
  note_malformed: 'checkpoint_malformed',
  key_malformed: 'checkpoint_malformed',
  checkpoint_malformed: 'checkpoint_malformed',
  signature_missing: 'checkpoint_other_key',
  signature_wrong: 'checkpoint_signature',
  origin_mismatch: 'checkpoint_other_log',
};

interface SignedHead {
  readonly head: TreeHead;
  readonly signers: readonly KnownKey[];
}

/** The checkpoint in a note that keys signed which are known by now. */
export const readSigned = (note: Note, keys: KeyCheck): Result<SignedHead, NoteFault> => {
  const signers = keys.signersOf(note);
  const signed = requireSigner(note, signers, keys.origin);
  const head = signed.ok ? parseCheckpoint(note.text, keys.origin) : signed;
  return head.ok ? ok({ head: head.value, signers: signers.right }) : head;
};

/** A checkpoint that is well signed, whatever its root. */
interface Met extends SignedSize {
  readonly file: string;
}

export class CheckpointCheck {
  readonly #findings: Findings;
  readonly #keys: KeyCheck;
  readonly #checkpoints: readonly NumberedFile[];
  #taken = 0;
  /** In the order of their sizes. Which of them prove something shows when all keys are known. */
  readonly #met: Met[] = [];
  /** Size and name of the last checkpoint that is believed and agrees. Only after {@link end}. */
  agreed: NumberedFile | undefined;

  constructor(findings: Findings, keys: KeyCheck, checkpoints: readonly NumberedFile[]) {
    this.#findings = findings;
    this.#keys = keys;
    this.#checkpoints = checkpoints;
    if (checkpoints.length === 0) findings.add('checkpoint_none', 'nothing proves these entries');
  }

  /** Size of the next checkpoint to be met. */
  get nextSize(): number | undefined {
    return this.#checkpoints[this.#taken]?.number;
  }

  /** Checkpoints met so far that are well signed, in the order of their sizes. */
  get signed(): readonly SignedSize[] {
    return this.#met;
  }

  /** Takes the next checkpoint off the list. */
  next(): NumberedFile | undefined {
    this.#taken += 1;
    return this.#checkpoints[this.#taken - 1];
  }

  /** Compares a checkpoint with the root of as many entries as its name says: whether it is well signed and agrees. */
  compare(file: NumberedFile, bytes: Uint8Array, root: Hash): boolean {
    const opened = this.#open(file, bytes);
    if (opened === undefined) return false;
    const { head, signers } = opened;
    const refusal = this.#refusalOf(signers);
    if (refusal !== undefined) {
      this.#findings.add(refusal, namesOf(signers), { file: file.name });
      return false;
    }
    const agrees = Buffer.compare(head.root, root) === 0;
    this.#met.push({ file: file.name, size: head.size, signers, agrees });
    return agrees;
  }

  /** Keys that have no business under a checkpoint of this size. */
  #refusalOf(signers: readonly KnownKey[]): Reason | undefined {
    const { inForce } = this.#keys;
    if (inForce === undefined) return undefined;
    if (signers.every(({ vkey }) => vkey !== inForce.vkey)) return 'checkpoint_stale_key';
    return inForce.revoked === null ? undefined : 'checkpoint_revoked_key';
  }

  /** A checkpoint whose root cannot be computed: the log ends before it, or entries before it are missing. */
  compareUnreached(file: NumberedFile, bytes: Uint8Array, entries: number | undefined): void {
    const opened = this.#open(file, bytes);
    if (opened === undefined) return;
    const { size } = opened.head;
    const place = { file: file.name };
    if (entries === undefined) this.#findings.add('checkpoint_unreached', `of ${size} entries`, place);
    else this.#findings.add('checkpoint_beyond_log', `covers ${size} entries, there are ${entries}`, place);
  }

  #open(file: NumberedFile, bytes: Uint8Array) {
    const opened = this.#read(bytes);
    if (!opened.ok) {
      this.#findings.add(CHECKPOINT_REASONS[opened.error.reason], describe(opened.error), { file: file.name });
      return undefined;
    }
    if (opened.value.head.size === file.number) return opened.value;
    this.#findings.add('checkpoint_name', `states ${opened.value.head.size} entries`, { file: file.name });
    return undefined;
  }

  #read(bytes: Uint8Array): Result<SignedHead, NoteFault> {
    const note = parseNote(bytes);
    return note.ok ? readSigned(note.value, this.#keys) : note;
  }

  /** After the last entry, when the keys are settled; `entries` of them could be hashed in one unbroken row. */
  end(entries: number): void {
    const proven = this.#met.findLast((met) => this.#keys.proves(met));
    if (proven !== undefined) this.agreed = { name: proven.file, number: proven.size };
    const signed = proven?.size ?? 0;
    let since = 0;
    for (const met of this.#met) {
      if (this.#keys.proves(met)) since = met.size;
      else if (met.agrees) this.#doubt(met, signed);
      else this.#deviation(met, since, signed);
    }
    if (signed < entries) {
      this.#findings.add('tail_unsigned', `${entries - signed} entries from entry ${signed} on`, { index: signed });
    }
  }

  #deviation({ file, size }: Met, since: number, signed: number): void {
    // If a later checkpoint agrees with the entries, the entries are what was signed, and this root is of others.
    const forked = signed > size;
    const detail = forked ? `another root than that of the ${size} entries` : `entries ${since} to ${size - 1}`;
    this.#findings.add(forked ? 'checkpoint_fork' : 'checkpoint_root', detail, { file, index: since });
  }

  /** The root is right, and nobody who is believed says so. */
  #doubt(met: Met, signed: number): void {
    const doubt = this.#keys.doubtOf(met);
    const place = { file: met.file };
    if (doubt === 'revoked') this.#findings.add('checkpoint_distrusted', namesOf(met.signers), place);
    // Keys of before the one that was given need no belief: a later checkpoint proves what they signed.
    else if (doubt === 'unknown' && met.size > signed) {
      this.#findings.add('checkpoint_other_key', namesOf(met.signers), place);
    }
  }
}

const namesOf = (signers: readonly KnownKey[]): string => `signed by ${signers.map(({ vkey }) => vkey).join(' and ')}`;

/** The checkpoint that an auditor kept; the root at its size is noted while the tree passes it. */
export class KeptCheck {
  readonly #findings: Findings;
  readonly #keys: KeyCheck;
  readonly #note: Note | undefined;
  readonly #head: TreeHead | undefined;
  #root: Hash | undefined;

  constructor(findings: Findings, keys: KeyCheck, kept: Uint8Array | null) {
    this.#findings = findings;
    this.#keys = keys;
    const note = kept === null ? undefined : parseNote(kept);
    if (note === undefined) findings.add('kept_not_given', 'give one with --checkpoint');
    else {
      const head = note.ok ? parseCheckpoint(note.value.text, keys.origin) : note;
      if (!head.ok) findings.add('kept_malformed', describe(head.error));
      else this.#head = head.value;
      this.#note = note.ok ? note.value : undefined;
    }
  }

  get size(): number | undefined {
    return this.#head?.size;
  }

  reach(root: Hash): void {
    this.#root = root;
  }

  /** `entries`: how many there are, `undefined` when some are missing. `agreed`: size proven by the log's own checkpoints. */
  end(entries: number | undefined, agreed: number): void {
    if (this.#head === undefined || this.#note === undefined || !this.#isSigned(this.#note)) return;
    const { size, root } = this.#head;
    if (this.#root !== undefined) {
      if (Buffer.compare(this.#root, root) === 0) return;
      // Either a key signed both histories, or nobody signed this one.
      const reason = agreed >= size ? 'kept_fork' : 'kept_rewritten';
      this.#findings.add(reason, `the first ${size} entries have another root than the kept checkpoint`);
    } else if (entries === undefined) this.#findings.add('kept_unreached', `it covers ${size} entries`);
    else this.#findings.add('kept_truncated', `it covers ${size} entries, there are ${entries}`);
  }

  /** By any key of the log: which of them was in force at the time, its own checkpoints say. */
  #isSigned(note: Note): boolean {
    const { right, wrong } = this.#keys.signersOf(note);
    if (wrong.length > 0) this.#findings.add('kept_signature', namesOf(wrong));
    else if (right.length === 0)
      this.#findings.add('kept_other_key', 'no signature by a key given or named by the log');
    return wrong.length === 0 && right.length > 0;
  }
}
