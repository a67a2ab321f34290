// The bodies of one segment: read, unpacked, hashed, and opened where the key was given. Needs nothing of the rest of the
// log, so that it can run beside the walk over the entries. Pure but for reading the files it is given.

import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { callDigest } from '../../approvals/call-digest.ts';
import { err, type Result } from '../../result.ts';
import { type SplitKey, splitDataKey, type UnwrappedKey } from '../content-keys.ts';
import { type BodyCommitment, openBody } from '../open-body.ts';
import type { LogFiles } from './inventory.ts';
import type { Reason } from './reasons.ts';
import { unpack } from './unpack.ts';

/** What an entry says of a body, needed only to open it. */
export interface Commitment extends BodyCommitment {
  readonly sid: string;
  /** The request of a call that policy held: what it asks for is compared with what was approved. */
  readonly held: boolean;
}

export interface BodyJob {
  /** `bodies/` objects of the segment, with the digest in their names. */
  readonly packed: readonly { readonly name: string; readonly digest: string }[];
  /** Digests that entries of the segment name, in their order: 64 hex digits each, as one text, which is cheap to hand over. */
  readonly wanted: string;
  /** Those that do not lie in `packed`: names of their `body/` objects, by position. */
  readonly objects: ReadonlyMap<number, string>;
  /** For each of them what it must open to; `null` when no keys were given. */
  readonly commitments: readonly Commitment[] | null;
}

interface BodyFault {
  readonly reason: Reason;
  readonly detail: string;
  readonly file?: string;
  /** Position in {@link BodyJob.wanted}. */
  readonly wanted?: number;
}

export interface BodyResult {
  /** Bodies that are there and right. */
  readonly found: number;
  /** Of these, opened, and what their entries commit to. */
  readonly opened: number;
  /** Of these, under a key that was not given. */
  readonly unopened: number;
  /** Ciphertexts that no entry names. */
  readonly spare: number;
  /** What held calls ask for, by {@link callDigest}; empty for one that asks for nothing readable. */
  readonly params: readonly { readonly wanted: number; readonly digest: string }[];
  readonly faults: readonly BodyFault[];
}

/** Runs jobs, here or elsewhere. */
export type BodyChecker = (job: BodyJob) => Promise<BodyResult>;

const READ_AT_ONCE = 8;

const DIGEST_DIGITS = 64;

export const sha256Hex = (bytes: Uint8Array | string): string => hash('sha256', bytes, 'hex');

export const makeBodyChecker = (files: LogFiles, contentKeys: readonly UnwrappedKey[] | null): BodyChecker => {
  const keys = new KeyRing(contentKeys ?? []);
  return (job) => new JobRun(files, keys, job).run();
};

class KeyRing {
  readonly #given: ReadonlyMap<string, UnwrappedKey>;
  readonly #split = new Map<string, SplitKey>();

  constructor(given: readonly UnwrappedKey[]) {
    this.#given = new Map(given.map((key) => [key.kid, key]));
  }

  /** Whose session the key is, and its two halves; `undefined` when it was not given. */
  find(kid: string): { readonly sid: string; readonly split: SplitKey } | undefined {
    const given = this.#given.get(kid);
    if (given === undefined) return undefined;
    const split = this.#split.get(kid) ?? splitDataKey(Buffer.from(given.key, 'base64'));
    this.#split.set(kid, split);
    return { sid: given.sid, split };
  }
}

class JobRun {
  readonly #files: LogFiles;
  readonly #keys: KeyRing;
  readonly #job: BodyJob;
  readonly #faults: BodyFault[] = [];
  readonly #params: { readonly wanted: number; readonly digest: string }[] = [];
  #found = 0;
  #opened = 0;
  #unopened = 0;

  constructor(files: LogFiles, keys: KeyRing, job: BodyJob) {
    this.#files = files;
    this.#keys = keys;
    this.#job = job;
  }

  async run(): Promise<BodyResult> {
    const { wanted, objects } = this.#job;
    const packed = await this.#readPacked();
    for (let at = 0; at * DIGEST_DIGITS < wanted.length; at += 1) {
      if (objects.has(at)) continue;
      const ct = this.#digestAt(at);
      const jwe = packed.get(ct);
      if (jwe === undefined) this.#faults.push({ reason: 'body_missing', detail: `sha256:${ct}`, wanted: at });
      else this.#take(at, jwe);
      packed.delete(ct);
    }
    await this.#readObjects();
    const [found, opened, unopened] = [this.#found, this.#opened, this.#unopened];
    return { found, opened, unopened, spare: packed.size, params: this.#params, faults: this.#faults };
  }

  /** Intact ciphertexts by their digest. */
  async #readPacked(): Promise<Map<string, string>> {
    const intact = new Map<string, string>();
    for (const { name, digest } of this.#job.packed) {
      const bytes = await this.#files.read(name);
      if (sha256Hex(bytes) !== digest) this.#faults.push({ reason: 'body_damaged', detail: NOT_ITS_NAME, file: name });
      const unpacked = unpack(bytes);
      if (!unpacked.ok) this.#faults.push({ reason: 'body_packing', detail: unpacked.error.detail, file: name });
      else this.#readLines(unpacked.value, name, intact);
    }
    return intact;
  }

  #readLines(bytes: Buffer, file: string, intact: Map<string, string>): void {
    const text = isUtf8(bytes) ? bytes.toString('utf8') : '';
    if (!text.endsWith('\n')) {
      this.#faults.push({ reason: 'body_packing', detail: 'not lines of UTF-8', file });
      return;
    }
    for (const [number, line] of text.slice(0, -1).split('\n').entries()) {
      const [, stated = '', jwe = ''] = BODY_LINE.exec(line) ?? [];
      if (stated !== '' && sha256Hex(jwe) === stated) intact.set(stated, jwe);
      else this.#faults.push({ reason: 'body_damaged', detail: `line ${number + 1} is not its own digest`, file });
    }
  }

  async #readObjects(): Promise<void> {
    const named = [...this.#job.objects];
    for (let first = 0; first < named.length; first += READ_AT_ONCE) {
      const slice = named.slice(first, first + READ_AT_ONCE);
      const read = await Promise.all(slice.map(([, name]) => this.#files.read(name)));
      for (const [n, [at, name]] of slice.entries()) this.#object(name, at, read[n] ?? new Uint8Array());
    }
  }

  #digestAt(at: number): string {
    return this.#job.wanted.slice(at * DIGEST_DIGITS, (at + 1) * DIGEST_DIGITS);
  }

  #object(name: string, at: number, bytes: Uint8Array): void {
    if (sha256Hex(bytes) === this.#digestAt(at)) this.#take(at, bytes);
    else this.#faults.push({ reason: 'body_damaged', detail: NOT_ITS_NAME, file: name, wanted: at });
  }

  #take(at: number, jwe: string | Uint8Array): void {
    this.#found += 1;
    const commitment = this.#job.commitments?.[at];
    if (commitment === undefined) return;
    const key = this.#keys.find(commitment.kid);
    if (key === undefined) {
      this.#unopened += 1;
      return;
    }
    const opened: Opened =
      key.sid === commitment.sid
        ? openBody(Buffer.from(jwe).toString('utf8'), commitment, key.split)
        : err({ reason: 'content_other_session', detail: `the key is of session ${key.sid}` });
    if (!opened.ok) {
      this.#faults.push({ ...opened.error, wanted: at });
      return;
    }
    this.#opened += 1;
    if (commitment.held) this.#params.push({ wanted: at, digest: askedIn(opened.value) });
  }
}

const NOT_ITS_NAME = 'its SHA-256 is not its name';

/** A line as a sealer writes it, and the only canonical one: JWE compact is base64url and dots (RFC 7516 section 7.1). */
const BODY_LINE = /^\{"ct":"sha256:([0-9a-f]{64})","jwe":"([\w.-]+)"\}$/;

type Opened = Result<Buffer, BodyFault>;

/** What a request asks for. Its bytes are anybody's: what is no call asks for nothing. */
const askedIn = (body: Buffer): string => {
  const text = body.toString('utf8');
  try {
    JSON.parse(text);
    return callDigest(text);
  } catch {
    return '';
  }
};
