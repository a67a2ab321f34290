// The keys of a log: those given, those that the log names, and which of them may be believed. A key is believed that was
// given, or that a believed one endorsed by signing a checkpoint together with it; a revoked key endorses nothing more. Pure.

import type { KeyFact } from '../key-files.ts';
import { KeyHistory, type LogKey } from '../key-history.ts';
import { formatVerifierKey, type Note, rawPublicKey, type Signers, signersOf, type Verifier } from '../note.ts';
import type { Findings, Place } from './report.ts';

/** A key that may have signed something: given, named by the log, or both. */
export interface KnownKey extends Verifier {
  readonly vkey: string;
}

/** What is known of a checkpoint that was read and well signed. */
export interface SignedSize {
  readonly size: number;
  readonly signers: readonly KnownKey[];
  /** Whether its root is that of the entries. */
  readonly agrees: boolean;
}

export interface KeyReport {
  readonly key: string;
  /** Index of the entry that put it in force. */
  readonly since: number;
  readonly believed: boolean;
  readonly revoked: { readonly at: number; readonly upTo: number } | null;
}

export class KeyCheck {
  readonly #findings: Findings;
  readonly #given: readonly KnownKey[];
  /** Origin of the log: the name of every key. */
  readonly origin: string;
  readonly #history: KeyHistory;
  #known: readonly KnownKey[];
  readonly #believed = new Set<string>();
  #hasGenesis = false;
  #stopped = false;

  constructor(findings: Findings, given: readonly Verifier[]) {
    this.#findings = findings;
    this.#given = given.map((key) => ({ ...key, vkey: vkeyOf(key) }));
    this.#known = this.#given;
    this.origin = given[0]?.name ?? '';
    this.#history = new KeyHistory(this.origin);
  }

  /** The key that signs at the size reached. */
  get inForce(): LogKey | undefined {
    return this.#history.inForce;
  }

  /** Entries are missing: from here on, what looks wrong may only be a consequence. */
  stop(): void {
    this.#stopped = true;
  }

  /** Takes an entry about keys; `false` when it does not follow from those before it. */
  entry(fact: KeyFact, place: Place & { readonly index: number }): boolean {
    if (fact.type === 'key.genesis' && place.index === 0) this.#hasGenesis = true;
    const taken = this.#history.take(fact, place.index);
    if (!taken.ok) {
      if (!this.#stopped) this.#findings.add(taken.error.reason, taken.error.detail, place);
    } else if (fact.type === 'key.revoked') {
      this.#findings.add('key_revoked', `${fact.key}, believed up to ${fact.upTo} entries: ${fact.reason}`, place);
    }
    const given = new Set(this.#given.map(({ vkey }) => vkey));
    this.#known = [...this.#given, ...this.#history.keys.filter(({ vkey }) => !given.has(vkey))];
    return taken.ok;
  }

  /** Keys that may have signed something: given, or named by the log. */
  get known(): readonly KnownKey[] {
    return this.#known;
  }

  /**
   * What the signature of a key is worth on something that was signed after entry `index` was. `retired`: another key had
   * taken its place by then. Only after {@link end}.
   */
  worthAfter(vkey: string, index: number): 'proof' | 'doubtful' | 'retired' {
    const keys = this.#history.keys;
    const at = keys.findIndex((key) => key.vkey === vkey);
    const next = at < 0 ? undefined : keys[at + 1];
    if (next !== undefined && next.since < index) return 'retired';
    return this.#believed.has(vkey) && index < this.#believedUpTo(vkey) ? 'proof' : 'doubtful';
  }

  signersOf(note: Note): Signers<KnownKey> {
    return signersOf(note, this.#known);
  }

  /** Whether a checkpoint proves the entries under it. Only after {@link end}. */
  proves({ size, signers, agrees }: SignedSize): boolean {
    return agrees && signers.some(({ vkey }) => this.#believed.has(vkey) && size <= this.#believedUpTo(vkey));
  }

  /** Why a checkpoint that agrees proves nothing. Only after {@link end}. */
  doubtOf({ size, signers }: SignedSize): 'revoked' | 'unvouched' | 'unknown' {
    if (signers.some(({ vkey }) => size > this.#believedUpTo(vkey))) return 'revoked';
    return signers.some(({ vkey }) => this.#isUnvouched(vkey)) ? 'unvouched' : 'unknown';
  }

  #believedUpTo(vkey: string): number {
    const revoked = this.#history.keys.find((key) => key.vkey === vkey)?.revoked ?? null;
    return revoked?.upTo ?? Number.POSITIVE_INFINITY;
  }

  /** A key that comes, directly or not, after a revoked one, and after no believed one since. */
  #isUnvouched(vkey: string): boolean {
    const at = this.#history.keys.findIndex((key) => key.vkey === vkey);
    const before = this.#history.keys.slice(0, at).findLast((key) => this.#believed.has(key.vkey));
    return !this.#believed.has(vkey) && before !== undefined && before.revoked !== null;
  }

  /** After the last entry and the last checkpoint: which keys are believed. */
  end(entries: number, signed: readonly SignedSize[]): void {
    const keys = this.#history.keys;
    if (!this.#hasGenesis && entries > 0) this.#findings.add('genesis_missing', 'no readable key.genesis at entry 0');
    this.#compareGiven();
    for (const { vkey } of this.#given) this.#believed.add(vkey);
    for (const [at, key] of keys.entries()) this.#believe(key, keys[at - 1], signed);
  }

  #compareGiven(): void {
    const named = new Set(this.#history.keys.map(({ vkey }) => vkey));
    const strange = this.#given.filter(({ vkey }) => !named.has(vkey));
    if (named.size > 0 && strange.length === this.#given.length) {
      const genesis = { index: 0 };
      this.#findings.add('genesis_other_key', [...named].join(', '), genesis);
    } else if (named.size > 0) for (const { vkey } of strange) this.#findings.add('key_not_named', vkey);
  }

  #believe(key: LogKey, previous: LogKey | undefined, signed: readonly SignedSize[]): void {
    // An entry that no signed checkpoint covers proves nothing yet, and nothing is missing yet.
    if (previous === undefined || !signed.some(({ size }) => size > key.since)) return;
    const endorsements = signed.filter((one) => one.size > key.since && isEndorsed(one, previous, key));
    const upTo = previous.revoked?.upTo ?? Number.POSITIVE_INFINITY;
    const place = { index: key.since };
    if (endorsements.some(({ size }) => size <= upTo)) {
      if (this.#believed.has(previous.vkey)) this.#believed.add(key.vkey);
    } else if (previous.revoked === null) {
      this.#findings.add('rotation_unendorsed', `from ${previous.vkey} to ${key.vkey}`, place);
    } else if (!this.#believed.has(key.vkey) && this.#believed.has(previous.vkey)) {
      this.#findings.add('key_not_vouched', `${key.vkey} came after ${previous.vkey}, which was revoked`, place);
    }
  }

  reports(): readonly KeyReport[] {
    return this.#history.keys.map(({ vkey, since, revoked }) => ({
      key: vkey,
      since,
      believed: this.#believed.has(vkey),
      revoked,
    }));
  }
}

const isEndorsed = ({ agrees, signers }: SignedSize, previous: LogKey, key: LogKey): boolean =>
  agrees && [previous, key].every(({ vkey }) => signers.some((signer) => signer.vkey === vkey));

const vkeyOf = ({ name, publicKey }: Verifier): string => {
  const raw = rawPublicKey(publicKey.export({ format: 'der', type: 'spki' }));
  return formatVerifierKey(name, raw ?? new Uint8Array());
};
