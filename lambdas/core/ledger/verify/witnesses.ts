// What witnesses saw, against the tree as it grows: their cosignatures, whether there are enough of them, and what their
// clocks say about the entries. A witness that saw another tree than this one has caught a fork. Pure.

import { fromTimestamp, toTimestamp } from '../../time.ts';
import { verifyCosignature } from '../cosignature.ts';
import type { Hash } from '../merkle.ts';
import { type NoteFault, parseNote } from '../note.ts';
import { isQuorum, type TrustPolicy } from '../trust-policy.ts';
import { describe, readSigned } from './checkpoints.ts';
import type { CosignatureFile, Inventory, LogFiles } from './inventory.ts';
import type { KeyCheck } from './keys.ts';
import type { Reason } from './reasons.ts';
import type { Findings } from './report.ts';
import { WitnessTimes } from './witness-times.ts';

/** How old the last witnessed checkpoint may be when the copy ends: a witness may be down for a while, not for long. */
const WITNESS_LAG_MS = 60 * 60 * 1000;

const FILE_REASONS: Readonly<Record<NoteFault['reason'], Reason>> = {
  note_malformed: 'cosignature_malformed',
  key_malformed: 'cosignature_malformed',
  checkpoint_malformed: 'cosignature_malformed',
  signature_missing: 'cosignature_other_log',
  signature_wrong: 'cosignature_signature',
  origin_mismatch: 'cosignature_other_log',
};

/** The newest checkpoint that a quorum of witnesses cosigned. */
export interface Witnessed {
  readonly entries: number;
  /** When the last of them did, RFC 3339. */
  readonly at: string;
  /** Names of the witnesses in the policy. */
  readonly by: readonly string[];
}

export interface WitnessInput {
  readonly policy: TrustPolicy | null;
  readonly files: LogFiles;
  readonly inventory: Inventory;
}

export class WitnessCheck {
  readonly #findings: Findings;
  readonly #read: LogFiles['read'];
  readonly #keys: KeyCheck;
  readonly #policy: TrustPolicy | null;
  readonly #files: readonly CosignatureFile[];
  readonly #times: WitnessTimes;
  #met = 0;
  /** The size at which cosignatures are being collected, and when which witness made one (epoch seconds). */
  #collecting = { size: 0, seconds: new Map<string, number>() };
  witnessed: Witnessed | null = null;

  constructor(findings: Findings, keys: KeyCheck, { policy, files, inventory }: WitnessInput) {
    this.#findings = findings;
    this.#read = (name) => files.read(name);
    this.#keys = keys;
    this.#policy = policy;
    this.#files = inventory.cosignatures;
    this.#times = new WitnessTimes(findings);
    if (policy === null) findings.add('policy_not_given', 'give one with --policy');
    else if (policy.quorum.kind === 'none') findings.add('quorum_none', 'the policy says "quorum none"');
  }

  /** Size of the next cosigned checkpoint to be met. */
  get nextSize(): number | undefined {
    return this.#files[this.#met]?.size;
  }

  entry(at: number, index: number): void {
    this.#times.entry(at, index);
  }

  /** The tree has reached {@link nextSize} and has this root: compares it with every cosigned checkpoint of that size. */
  async reach(root: Hash): Promise<void> {
    const size = this.nextSize;
    for (let file = this.#files[this.#met]; file !== undefined && file.size === size; file = this.#files[this.#met]) {
      this.#met += 1;
      this.#compare(file, await this.#read(file.name), root);
    }
  }

  #compare(file: CosignatureFile, bytes: Uint8Array, root: Hash): void {
    const found = this.#open(file, bytes);
    if (found === undefined) return;
    if (Buffer.compare(found.root, root) === 0) this.#count(file, found);
    else {
      const who = found.witness === null ? 'the log signed' : `witness ${found.witness} saw`;
      this.#findings.add('cosignature_root', `${who} another root of the first ${file.size} entries`, {
        file: file.name,
      });
    }
  }

  /** After the last entry, written at `lastAt`; `entries` of them could be hashed in one row, `whole` if that is all. */
  async end(
    entries: number,
    { lastAt, whole }: { readonly lastAt: string | null; readonly whole: boolean },
  ): Promise<void> {
    for (const file of this.#files.slice(this.#met))
      this.#compareUnreached(file, await this.#read(file.name), whole ? entries : undefined);
    this.#settle();
    this.#times.end();
    if (this.#policy === null || this.#policy.quorum.kind === 'none') return;
    if (this.witnessed !== null) this.#tail(this.witnessed, entries, lastAt);
    else this.#findings.add('quorum_never', `${this.#files.length} cosigned checkpoints in the copy`);
  }

  /** A cosigned checkpoint whose root cannot be computed: the log ends before it, or entries before it are missing. */
  #compareUnreached(file: CosignatureFile, bytes: Uint8Array, entries: number | undefined): void {
    if (this.#open(file, bytes) === undefined) return;
    if (entries === undefined) {
      this.#findings.add('cosignature_unreached', `of ${file.size} entries`, { file: file.name });
    } else {
      const detail = `covers ${file.size} entries, there are ${entries}`;
      this.#findings.add('cosignature_beyond_log', detail, { file: file.name });
    }
  }

  #tail({ entries: witnessed, at }: Witnessed, entries: number, lastAt: string | null): void {
    if (witnessed === entries) return;
    const lag = lastAt === null ? 0 : fromTimestamp(lastAt) - fromTimestamp(at);
    const detail = `${entries - witnessed} entries from entry ${witnessed} on; the quorum was last met at ${at}`;
    this.#findings.add(lag > WITNESS_LAG_MS ? 'quorum_late' : 'tail_unwitnessed', detail, { index: witnessed });
  }

  /** The checkpoint in a file, and the witness that cosigned it: null when that is nobody of the policy's. */
  #open({ name: file, size, keyId }: CosignatureFile, bytes: Uint8Array) {
    const refuse = (reason: Reason, detail: string): undefined => {
      this.#findings.add(reason, detail, { file });
      return undefined;
    };
    const note = parseNote(bytes);
    if (!note.ok) return refuse(FILE_REASONS[note.error.reason], describe(note.error));
    const signed = readSigned(note.value, this.#keys);
    if (!signed.ok) return refuse(FILE_REASONS[signed.error.reason], describe(signed.error));
    const { head } = signed.value;
    if (head.size !== size) return refuse('cosignature_name', `states ${head.size} entries`);
    const { root } = head;
    if (this.#policy === null) return { root, witness: null, seconds: 0 };
    const witness = this.#policy.witnesses.find(({ cosigner }) => cosigner.keyId === keyId);
    if (witness === undefined) {
      this.#findings.add('cosignature_unknown', `key id ${keyId}`, { file });
      return { root, witness: null, seconds: 0 };
    }
    const seconds = verifyCosignature(note.value, witness.cosigner);
    if (seconds.ok) return { root, witness: witness.name, seconds: seconds.value };
    return seconds.error.reason === 'cosignature_missing'
      ? refuse('cosignature_name', `no cosignature by ${witness.cosigner.name}`)
      : refuse('cosignature_signature', `the cosignature by ${witness.cosigner.name} does not verify`);
  }

  #count({ name, size }: CosignatureFile, { witness, seconds }: { witness: string | null; seconds: number }): void {
    if (witness === null) return;
    if (this.#collecting.size !== size) this.#settle();
    this.#times.cosignature(witness, { file: name, size, seconds });
    this.#collecting = { size, seconds: new Map(this.#collecting.seconds).set(witness, seconds) };
  }

  /** All cosignatures of one size are in. */
  #settle(): void {
    const { size, seconds } = this.#collecting;
    const by = [...seconds.keys()];
    if (this.#policy !== null && by.length > 0 && isQuorum(this.#policy.quorum, new Set(by))) {
      this.witnessed = { entries: size, at: toTimestamp(Math.max(...seconds.values()) * 1000), by };
    }
    this.#collecting = { size: 0, seconds: new Map() };
  }
}
