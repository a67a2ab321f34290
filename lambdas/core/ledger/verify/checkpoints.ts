// Checkpoints against the tree as it grows, and the checkpoint an auditor kept against the same tree. Pure.

import type { Result } from '../../result.ts';
import type { Hash, TreeHead } from '../merkle.ts';
import { type NoteFault, parseCheckpoint, parseNote, type Verifier, verifyNote } from '../note.ts';
import type { NumberedFile } from './inventory.ts';
import type { Reason } from './reasons.ts';
import type { Findings } from './report.ts';

/** Reads a signed checkpoint of the verifier's log. */
export const openCheckpoint = (bytes: Uint8Array, verifier: Verifier): Result<TreeHead, NoteFault> => {
  const note = parseNote(bytes);
  if (!note.ok) return note;
  const verified = verifyNote(note.value, verifier);
  return verified.ok ? parseCheckpoint(note.value.text, verifier.name) : verified;
};

/** A fault of a note, in words. */
export const describe = (fault: NoteFault): string => {
  switch (fault.reason) {
    case 'note_malformed':
    case 'key_malformed':
    case 'checkpoint_malformed':
      return fault.detail;
    case 'signature_missing':
      return `no signature by ${fault.name} with the key id of the key given`;
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

const KEPT_REASONS: NoteReasons = {
  note_malformed: 'kept_malformed',
  key_malformed: 'kept_malformed',
  checkpoint_malformed: 'kept_malformed',
  signature_missing: 'kept_other_key',
  signature_wrong: 'kept_signature',
  origin_mismatch: 'kept_malformed',
};

interface Deviation {
  readonly file: string;
  readonly size: number;
  /** Size of the last checkpoint before it that agreed. */
  readonly since: number;
}

export class CheckpointCheck {
  readonly #findings: Findings;
  readonly #verifier: Verifier;
  readonly #checkpoints: readonly NumberedFile[];
  #met = 0;
  readonly #deviations: Deviation[] = [];
  /** Size and name of the last checkpoint that is signed and agrees. */
  agreed: NumberedFile | undefined;

  constructor(findings: Findings, verifier: Verifier, checkpoints: readonly NumberedFile[]) {
    this.#findings = findings;
    this.#verifier = verifier;
    this.#checkpoints = checkpoints;
    if (checkpoints.length === 0) findings.add('checkpoint_none', 'nothing proves these entries');
  }

  /** Size of the next checkpoint to be met. */
  get nextSize(): number | undefined {
    return this.#checkpoints[this.#met]?.number;
  }

  /** Takes the next checkpoint off the list. */
  next(): NumberedFile | undefined {
    this.#met += 1;
    return this.#checkpoints[this.#met - 1];
  }

  /** Compares a checkpoint with the root of as many entries as its name says. */
  compare(file: NumberedFile, bytes: Uint8Array, root: Hash): void {
    const head = this.#open(file, bytes);
    if (head === undefined) return;
    if (Buffer.compare(head.root, root) === 0) this.agreed = file;
    else this.#deviations.push({ file: file.name, size: head.size, since: this.agreed?.number ?? 0 });
  }

  /** A checkpoint whose root cannot be computed: the log ends before it, or entries before it are missing. */
  compareUnreached(file: NumberedFile, bytes: Uint8Array, entries: number | undefined): void {
    const head = this.#open(file, bytes);
    if (head === undefined) return;
    if (entries === undefined)
      this.#findings.add('checkpoint_unreached', `of ${head.size} entries`, { file: file.name });
    else
      this.#findings.add('checkpoint_beyond_log', `covers ${head.size} entries, there are ${entries}`, {
        file: file.name,
      });
  }

  #open(file: NumberedFile, bytes: Uint8Array): TreeHead | undefined {
    const opened = openCheckpoint(bytes, this.#verifier);
    if (!opened.ok) {
      this.#findings.add(CHECKPOINT_REASONS[opened.error.reason], describe(opened.error), { file: file.name });
      return undefined;
    }
    if (opened.value.size === file.number) return opened.value;
    this.#findings.add('checkpoint_name', `states ${opened.value.size} entries`, { file: file.name });
    return undefined;
  }

  /** After the last entry; `entries` of them could be hashed in one unbroken row. */
  end(entries: number): void {
    for (const { file, size, since } of this.#deviations) {
      // If a later checkpoint agrees with the entries, the entries are what was signed, and this root is of others.
      const forked = (this.agreed?.number ?? 0) > size;
      const detail = forked ? `another root than that of the ${size} entries` : `entries ${since} to ${size - 1}`;
      this.#findings.add(forked ? 'checkpoint_fork' : 'checkpoint_root', detail, { file, index: since });
    }
    const signed = this.agreed?.number ?? 0;
    if (signed < entries) {
      this.#findings.add('tail_unsigned', `${entries - signed} entries from entry ${signed} on`, { index: signed });
    }
  }
}

/** The checkpoint that an auditor kept; the root at its size is noted while the tree passes it. */
export class KeptCheck {
  readonly #findings: Findings;
  readonly #head: TreeHead | undefined;
  #root: Hash | undefined;

  constructor(findings: Findings, verifier: Verifier, kept: Uint8Array | null) {
    this.#findings = findings;
    const opened = kept === null ? undefined : openCheckpoint(kept, verifier);
    if (opened === undefined) findings.add('kept_not_given', 'give one with --checkpoint');
    else if (!opened.ok) findings.add(KEPT_REASONS[opened.error.reason], describe(opened.error));
    else this.#head = opened.value;
  }

  get size(): number | undefined {
    return this.#head?.size;
  }

  reach(root: Hash): void {
    this.#root = root;
  }

  /** `entries`: how many there are, `undefined` when some are missing. `agreed`: size proven by the log's own checkpoints. */
  end(entries: number | undefined, agreed: number): void {
    if (this.#head === undefined) return;
    const { size, root } = this.#head;
    if (this.#root !== undefined) {
      if (Buffer.compare(this.#root, root) === 0) return;
      // Either the key signed both histories, or nobody signed this one.
      const reason = agreed >= size ? 'kept_fork' : 'kept_rewritten';
      this.#findings.add(reason, `the first ${size} entries have another root than the kept checkpoint`);
    } else if (entries === undefined) this.#findings.add('kept_unreached', `it covers ${size} entries`);
    else this.#findings.add('kept_truncated', `it covers ${size} entries, there are ${entries}`);
  }
}
