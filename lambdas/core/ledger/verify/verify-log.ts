// Verifies a copy of a log: one pass over its segments, one of them in memory at a time, every check on every entry.
// Needs the files and the key; no network, no database, no package. Nothing in the files is believed or can make it throw.

import { isUtf8 } from 'node:buffer';
import { fromTimestamp } from '../../time.ts';
import type { UnwrappedKey } from '../content-keys.ts';
import { type Hash, leafHashOf, RightEdge } from '../merkle.ts';
import type { Verifier } from '../note.ts';
import type { TrustPolicy } from '../trust-policy.ts';
import { ApprovalCheck } from './approvals.ts';
import { BodyCheck } from './bodies.ts';
import { CheckpointCheck, KeptCheck } from './checkpoints.ts';
import { DuplicateCheck } from './duplicates.ts';
import { type FileWork, makeFileWork } from './file-work.ts';
import { type Inventory, type LogFiles, type NumberedFile, takeInventory } from './inventory.ts';
import { KeyFileCheck } from './key-files.ts';
import { KeyCheck, type KeyReport } from './keys.ts';
import { ManifestCheck } from './manifests.ts';
import { OrderCheck } from './order.ts';
import { type ReadEntry, readLine } from './read-line.ts';
import { ReconciliationCheck } from './reconciliation.ts';
import { type CheckReport, Findings, type Verdict, verdictOf } from './report.ts';
import { SessionCheck } from './sessions.ts';
import { SilenceCheck } from './silence.ts';
import { StrictIntentCheck } from './strict-intents.ts';
import { unpack } from './unpack.ts';
import { WitnessCheck, type Witnessed } from './witnesses.ts';

export interface LogReport {
  readonly verdict: Verdict;
  readonly origin: string;
  readonly entries: number;
  readonly segments: number;
  readonly sessions: number;
  readonly bodies: number;
  /** Bodies that were opened with a content key, and are what their entries commit to. */
  readonly opened: number;
  /** Manifests of sessions that hold. */
  readonly manifests: number;
  /** Entries proven by the last good checkpoint, and the name of its file. */
  readonly signed: { readonly entries: number; readonly file: string } | null;
  /** The newest checkpoint that the policy's quorum of witnesses cosigned; `null` without a policy, too. */
  readonly witnessed: Witnessed | null;
  /** Keys that the log names, oldest first. */
  readonly keys: readonly KeyReport[];
  /** Base64 of the root of all entries; `null` when some are missing. */
  readonly root: string | null;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly checks: readonly CheckReport[];
}

export interface VerifyInput {
  readonly files: LogFiles;
  /** Keys given by whoever checks, all of one log; at least one. */
  readonly keys: readonly Verifier[];
  /** The checkpoint an auditor kept; `null` to do without. */
  readonly kept: Uint8Array | null;
  /** Which witnesses are asked for; `null` to do without. */
  readonly policy: TrustPolicy | null;
  /** Unwrapped data keys; `null` to open no body. */
  readonly contentKeys: readonly UnwrappedKey[] | null;
  /** Where bodies and envelopes are looked at, of the same files and with the same keys. @default in this thread */
  readonly work?: FileWork;
}

export const verifyLog = async (input: VerifyInput): Promise<LogReport> => {
  const findings = new Findings();
  const inventory = takeInventory(await input.files.list(), findings);
  return new Walk(input, inventory, findings).run();
};

const LINE_END = 0x0a;

class Walk {
  readonly #files: LogFiles;
  readonly #origin: string;
  readonly #findings: Findings;
  readonly #inventory: Inventory;
  readonly #edge = new RightEdge();
  readonly #keys: KeyCheck;
  readonly #keyFiles: KeyFileCheck;
  readonly #checkpoints: CheckpointCheck;
  readonly #kept: KeptCheck;
  readonly #witnesses: WitnessCheck;
  readonly #duplicates: DuplicateCheck;
  readonly #order: OrderCheck;
  readonly #silence: SilenceCheck;
  readonly #sessions: SessionCheck;
  readonly #approvals: ApprovalCheck;
  readonly #reconciliation: ReconciliationCheck;
  readonly #bodies: BodyCheck;
  readonly #strict: StrictIntentCheck;
  readonly #manifests: ManifestCheck;
  /** Entries are missing or unreadable: what follows has no known place in the tree. */
  #broken = false;
  /** Index of the entry that comes next. */
  #index = 0;
  #firstAt: string | null = null;
  #lastAt: string | null = null;

  constructor(
    { files, keys, kept, policy, contentKeys, work = makeFileWork(files, contentKeys) }: VerifyInput,
    inventory: Inventory,
    findings: Findings,
  ) {
    this.#files = files;
    this.#origin = keys[0]?.name ?? '';
    this.#findings = findings;
    this.#inventory = inventory;
    this.#keys = new KeyCheck(findings, keys);
    this.#keyFiles = new KeyFileCheck(findings, files, inventory.keyFiles);
    this.#checkpoints = new CheckpointCheck(findings, this.#keys, inventory.checkpoints);
    this.#kept = new KeptCheck(findings, this.#keys, kept);
    this.#witnesses = new WitnessCheck(findings, this.#keys, { policy, files, inventory });
    this.#duplicates = new DuplicateCheck(findings, (index) => ({ index, file: segmentOf(index, inventory.segments) }));
    this.#order = new OrderCheck(findings);
    this.#silence = new SilenceCheck(findings);
    this.#sessions = new SessionCheck(findings);
    this.#approvals = new ApprovalCheck(findings);
    this.#reconciliation = new ReconciliationCheck(findings);
    const opens = contentKeys !== null;
    const onParams = (callId: string, digest: string): void => this.#approvals.opened(callId, digest);
    this.#bodies = new BodyCheck(findings, { files, inventory, check: work.checkBodies, opens, onParams });
    this.#strict = new StrictIntentCheck(findings, work.openEnvelopes, this.#origin, inventory);
    this.#manifests = new ManifestCheck(findings, files, { keys: this.#keys, manifests: inventory.manifests });
  }

  async run(): Promise<LogReport> {
    if (this.#inventory.segments.length === 0) this.#findings.add('log_missing', 'no file seg/….jsonl.gz');
    if (this.#isWanted(0)) await this.#reachSize();
    for await (const [segment, packed] of this.#packedSegments()) await this.#segment(segment, packed);
    await this.#end();
    return this.#report();
  }

  /** Reads the next segment while this one is checked. */
  async *#packedSegments(): AsyncGenerator<[NumberedFile, Uint8Array]> {
    const { segments } = this.#inventory;
    const read = (at: number): Promise<Uint8Array> => {
      const reading = this.#files.read(segments[at]?.name ?? '');
      // Whoever awaits it hears of a failure; until then it must not end the process.
      reading.catch(() => undefined);
      return reading;
    };
    let next = segments.length > 0 ? read(0) : undefined;
    for (const [at, segment] of segments.entries()) {
      const packed = await next;
      next = at + 1 < segments.length ? read(at + 1) : undefined;
      if (packed !== undefined) yield [segment, packed];
    }
  }

  async #segment(segment: NumberedFile, packed: Uint8Array): Promise<void> {
    const { name: file, number: start } = segment;
    if (start !== this.#index) {
      const reason = start > this.#index ? 'segment_missing' : 'segment_overlap';
      this.#findings.add(reason, `expected entry ${this.#index} next`, { file, index: start });
      this.#break();
    }
    this.#index = start;
    const bytes = this.#unpack(packed, file);
    if (bytes === undefined) {
      this.#break();
      return;
    }
    this.#order.beginSegment();
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(LINE_END, at);
      this.#line(bytes.subarray(at, end), file);
      if (this.#isWanted(this.#edge.size)) await this.#reachSize();
      at = end + 1;
    }
    await this.#bodies.endSegment(start);
    await this.#strict.endSegment();
  }

  #unpack(packed: Uint8Array, file: string): Buffer | undefined {
    const unpacked = unpack(packed);
    if (!unpacked.ok) {
      const reason = unpacked.error.reason === 'too_large' ? 'segment_too_large' : 'segment_packing';
      this.#findings.add(reason, unpacked.error.detail, { file });
      return undefined;
    }
    const bytes = unpacked.value;
    if (bytes.at(-1) === LINE_END && isUtf8(bytes)) return bytes;
    this.#findings.add('segment_text', `${bytes.length} bytes that are not lines of UTF-8`, { file });
    return undefined;
  }

  #break(): void {
    this.#broken = true;
    this.#sessions.stop(this.#index);
    this.#approvals.stop(this.#index);
    this.#keys.stop();
  }

  #line(line: Buffer, file: string): void {
    const place = { file, index: this.#index };
    const leaf = leafHashOf(line);
    const entry = readLine(line.toString('utf8'), line.length, this.#origin);
    if (entry.ok) this.#entry(entry.value, leaf, place);
    else this.#findings.add(entry.error.reason, entry.error.detail, place);
    this.#index += 1;
    if (!this.#broken) this.#edge.append(leaf);
  }

  #entry(entry: ReadEntry, leaf: Hash, place: { readonly file: string; readonly index: number }): void {
    this.#key(entry, place);
    if (entry.type === 'tamper.suspected') {
      this.#findings.add(entry.reason, entry.detail, place);
      if (entry.lineHolds === false) this.#findings.add('tamper_line', entry.detail, place);
    }
    if (entry.type === 'witness.refused') this.#findings.add('witness_refused', entry.detail, place);
    if (entry.type === 'other' && !entry.known) this.#findings.add('type_unknown', entry.name, place);
    this.#duplicates.entry(entry.id, leaf, place.index);
    this.#order.entry(entry, place);
    this.#silence.entry(entry, place);
    this.#reconciliation.entry(entry, place);
    this.#witnesses.entry(entry.at, place.index);
    this.#sessions.entry(entry, leaf, place);
    const intent = entry.type === 'call.intent' ? Buffer.from(leaf).toString('hex') : '';
    this.#approvals.entry(entry, intent, place);
    this.#strict.entry(entry, intent, place);
    const held = entry.type === 'call.intent' && entry.hold !== null ? entry.callId : null;
    if ('content' in entry) this.#bodies.want(entry.content, entry.sid, place.index, held);
    else if ('words' in entry) this.#bodies.want(entry.words.content, entry.words.of, place.index);
    this.#firstAt ??= entry.ts;
    this.#lastAt = entry.ts;
  }

  #key(entry: ReadEntry, place: { readonly file: string; readonly index: number }): void {
    if (entry.type === 'key.registered' && entry.use === 'intent') {
      this.#keyFiles.entry({ ...entry, use: entry.use }, place.index);
    }
    if (entry.type !== 'key.genesis' && entry.type !== 'key.rotated' && entry.type !== 'key.revoked') return;
    if (this.#keys.entry(entry, place)) this.#keyFiles.entry(entry, place.index);
  }

  #isWanted(size: number): boolean {
    if (this.#broken) return false;
    return size === this.#checkpoints.nextSize || size === this.#kept.size || size === this.#witnesses.nextSize;
  }

  /** The tree has the size of a checkpoint: the log's, the kept one, or one that a witness cosigned. */
  async #reachSize(): Promise<void> {
    const root = this.#edge.root();
    if (this.#kept.size === this.#edge.size) this.#kept.reach(root);
    if (this.#witnesses.nextSize === this.#edge.size) await this.#witnesses.reach(root);
    if (this.#checkpoints.nextSize !== this.#edge.size) return;
    const file = this.#checkpoints.next();
    if (file === undefined) return;
    if (this.#checkpoints.compare(file, await this.#files.read(file.name), root)) this.#strict.covered();
  }

  async #end(): Promise<void> {
    const whole = this.#broken ? undefined : this.#edge.size;
    for (let file = this.#checkpoints.next(); file !== undefined; file = this.#checkpoints.next()) {
      this.#checkpoints.compareUnreached(file, await this.#files.read(file.name), whole);
    }
    this.#keys.end(this.#index, this.#checkpoints.signed);
    this.#checkpoints.end(this.#edge.size);
    const signed = this.#checkpoints.agreed?.number ?? 0;
    this.#kept.end(whole, signed);
    await this.#witnesses.end(this.#edge.size, { lastAt: this.#lastAt, whole: !this.#broken });
    await this.#keyFiles.end(whole, signed);
    this.#duplicates.end();
    const lastAt = this.#lastAt === null ? 0 : fromTimestamp(this.#lastAt);
    this.#sessions.end(lastAt);
    this.#approvals.end();
    await this.#manifests.end(this.#sessions, lastAt);
    if (!this.#broken) this.#reconciliation.end();
    await this.#bodies.end();
    await this.#strict.end(this.#broken);
  }

  #report(): LogReport {
    const { agreed } = this.#checkpoints;
    const checks = this.#findings.logReports();
    return {
      verdict: verdictOf(checks),
      origin: this.#origin,
      entries: this.#index,
      segments: this.#inventory.segments.length,
      sessions: this.#sessions.count,
      bodies: this.#bodies.found,
      opened: this.#bodies.opened,
      manifests: this.#manifests.found,
      signed: agreed === undefined ? null : { entries: agreed.number, file: agreed.name },
      witnessed: this.#witnesses.witnessed,
      keys: this.#keys.reports(),
      root: this.#broken ? null : Buffer.from(this.#edge.root()).toString('base64'),
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      checks,
    };
  }
}

/** The segment that holds an entry. */
const segmentOf = (index: number, segments: readonly NumberedFile[]): string | undefined =>
  segments.findLast(({ number }) => number <= index)?.name;
