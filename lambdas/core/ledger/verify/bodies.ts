// Recorded bodies: for each content record its ciphertext, by digest, and with the keys what it opens to. Collects what
// entries name and hands it on segment by segment; results are taken in the order of the log.

import { type BodyChecker, type BodyJob, type BodyResult, type Commitment, sha256Hex } from './body-job.ts';
import type { ReadContent } from './fields.ts';
import type { Inventory, LogFiles } from './inventory.ts';
import type { Findings } from './report.ts';

type BodiesFile = Inventory['bodies'][number];

/** Jobs under way at one time; each holds the bodies of one segment. */
const MAX_AHEAD = 4;

export interface BodyOptions {
  readonly files: LogFiles;
  readonly inventory: Inventory;
  readonly check: BodyChecker;
  /** Whether the checker has keys to open bodies with. */
  readonly opens: boolean;
  /** Hears what the requests of held calls ask for, once they were opened. */
  readonly onParams: (callId: string, digest: string) => void;
}

interface Running {
  readonly indexes: readonly number[];
  readonly calls: readonly (string | null)[];
  readonly result: Promise<BodyResult>;
}

export class BodyCheck {
  readonly #findings: Findings;
  readonly #options: BodyOptions;
  readonly #absent: boolean;
  /** Objects that no segment has asked for so far. */
  readonly #bodies = new Map<number, BodiesFile[]>();
  readonly #objects: Map<string, string>;
  #wanted: string[] = [];
  #names = new Map<number, string>();
  #commitments: Commitment[] = [];
  #indexes: number[] = [];
  /** For each of them the held call whose request it is. */
  #calls: (string | null)[] = [];
  readonly #running: Running[] = [];
  /** Bodies found and right; of these opened. */
  found = 0;
  opened = 0;
  #unopened = 0;
  #named = 0;
  #spare = 0;

  constructor(findings: Findings, options: BodyOptions) {
    const { bodies, objectBodies } = options.inventory;
    this.#findings = findings;
    this.#options = options;
    this.#absent = bodies.length + objectBodies.size === 0;
    this.#objects = new Map(objectBodies);
    for (const file of bodies) this.#bodies.set(file.number, [...(this.#bodies.get(file.number) ?? []), file]);
    if (!options.opens) findings.add('content_keys_not_given', 'give them with --content-keys');
  }

  /** `held`: the id of the held call whose request it is. */
  want(content: ReadContent | null, sid: string, index: number, held: string | null = null): void {
    if (content === null) return;
    this.#named += 1;
    if (this.#absent) return;
    const { ct, kid, pt, bytes } = content;
    if (content.at === 'object') {
      const name = this.#objects.get(ct);
      if (name === undefined) {
        this.#findings.add('body_missing', `body/${ct}`, { index });
        return;
      }
      this.#objects.delete(ct);
      this.#names.set(this.#wanted.length, name);
    }
    this.#wanted.push(ct);
    this.#indexes.push(index);
    this.#calls.push(held);
    if (this.#options.opens) this.#commitments.push({ sid, kid, pt, bytes, held: held !== null });
  }

  /** After a segment: its bodies lie in objects of the same start, or one by one. */
  async endSegment(start: number): Promise<void> {
    const packed = (this.#bodies.get(start) ?? []).map(({ name, digest }) => ({ name, digest }));
    this.#bodies.delete(start);
    const commitments = this.#options.opens ? this.#commitments : null;
    const job: BodyJob = { packed, wanted: this.#wanted.join(''), objects: this.#names, commitments };
    const [indexes, calls] = [this.#indexes, this.#calls];
    [this.#wanted, this.#names, this.#commitments, this.#indexes, this.#calls] = [[], new Map(), [], [], []];
    if (job.packed.length + job.wanted.length === 0) return;
    const result = this.#options.check(job);
    // Whoever awaits it hears of a failure; until then it must not end the process.
    result.catch(() => undefined);
    this.#running.push({ indexes, calls, result });
    if (this.#running.length > MAX_AHEAD) await this.#takeOldest();
  }

  async #takeOldest(): Promise<void> {
    const oldest = this.#running.shift();
    if (oldest === undefined) return;
    const { found, opened, unopened, spare, params, faults } = await oldest.result;
    this.found += found;
    this.opened += opened;
    this.#unopened += unopened;
    this.#spare += spare;
    for (const { wanted, digest } of params) this.#options.onParams(oldest.calls[wanted] ?? '', digest);
    for (const { reason, detail, file, wanted } of faults) {
      const index = wanted === undefined ? undefined : oldest.indexes[wanted];
      this.#findings.add(reason, detail, { file, index });
    }
  }

  /** After the last segment: what nobody asked for is still what its name says, or is named. */
  async end(): Promise<void> {
    while (this.#running.length > 0) await this.#takeOldest();
    for (const files of this.#bodies.values()) {
      for (const { name, digest } of files) await this.#reportSpare(name, digest);
    }
    for (const [digest, name] of this.#objects) await this.#reportSpare(name, digest);
    if (this.#spare > 0) this.#findings.add('body_unreferenced', `${this.#spare} ciphertexts beside those of entries`);
    if (this.#absent && this.#named > 0)
      this.#findings.add('bodies_absent', `${this.#named} bodies are named by entries`);
    if (this.#unopened > 0)
      this.#findings.add('content_key_missing', `${this.#unopened} bodies; ${this.opened} others were opened`);
  }

  async #reportSpare(name: string, digest: string): Promise<void> {
    const intact = sha256Hex(await this.#options.files.read(name)) === digest;
    if (intact) this.#findings.add('body_unreferenced', 'no entry names it', { file: name });
    else this.#findings.add('body_damaged', 'its SHA-256 is not its name', { file: name });
  }
}
