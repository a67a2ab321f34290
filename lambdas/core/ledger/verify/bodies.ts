// Recorded bodies: for each content record its ciphertext, by digest. No key is needed, and none is used. Pure but for
// reading the files it is given.

import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { ReadContent } from './fields.ts';
import type { Inventory, LogFiles } from './inventory.ts';
import type { Findings } from './report.ts';
import { unpack } from './unpack.ts';

type BodiesFile = Inventory['bodies'][number];

const READ_AT_ONCE = 8;

interface Wanted extends ReadContent {
  readonly index: number;
}

const sha256Hex = (bytes: Uint8Array | string): string => hash('sha256', bytes, 'hex');

export class BodyCheck {
  readonly #findings: Findings;
  readonly #files: LogFiles;
  readonly #absent: boolean;
  /** Objects that no segment has asked for so far. */
  readonly #bodies = new Map<number, BodiesFile[]>();
  readonly #objects: Map<string, string>;
  #wanted: Wanted[] = [];
  /** Bodies found and right. */
  found = 0;
  #named = 0;
  #spare = 0;

  constructor(findings: Findings, files: LogFiles, { bodies, objectBodies }: Inventory) {
    this.#findings = findings;
    this.#files = files;
    this.#absent = bodies.length + objectBodies.size === 0;
    this.#objects = new Map(objectBodies);
    for (const file of bodies) this.#bodies.set(file.number, [...(this.#bodies.get(file.number) ?? []), file]);
  }

  want(content: ReadContent | null, index: number): void {
    if (content === null) return;
    this.#named += 1;
    if (!this.#absent) this.#wanted.push({ ...content, index });
  }

  /** After a segment: its bodies lie in objects of the same start, or one by one. */
  async endSegment(start: number): Promise<void> {
    const inline = await this.#readBodies(this.#bodies.get(start) ?? []);
    this.#bodies.delete(start);
    for (const { at, ct, index } of this.#wanted) {
      if (at === 'object') continue;
      if (inline.delete(ct)) this.found += 1;
      else this.#findings.add('body_missing', `sha256:${ct}`, { index });
    }
    const objects = this.#wanted.filter(({ at }) => at === 'object');
    for (let at = 0; at < objects.length; at += READ_AT_ONCE) {
      await Promise.all(objects.slice(at, at + READ_AT_ONCE).map((wanted) => this.#checkObject(wanted)));
    }
    this.#wanted = [];
    this.#spare += inline.size;
  }

  async #checkObject({ ct, index }: Wanted): Promise<void> {
    const name = this.#objects.get(ct);
    if (name === undefined) {
      this.#findings.add('body_missing', `body/${ct}`, { index });
      return;
    }
    this.#objects.delete(ct);
    if (await this.#isIntact(name, ct)) this.found += 1;
    else this.#findings.add('body_damaged', 'its SHA-256 is not its name', { file: name, index });
  }

  async #isIntact(name: string, digest: string): Promise<boolean> {
    return sha256Hex(await this.#files.read(name)) === digest;
  }

  /** Digests of all intact ciphertexts in objects. */
  async #readBodies(files: readonly BodiesFile[]): Promise<Set<string>> {
    const intact = new Set<string>();
    for (const { name, digest } of files) {
      const packed = await this.#files.read(name);
      if (sha256Hex(packed) !== digest)
        this.#findings.add('body_damaged', 'its SHA-256 is not its name', { file: name });
      const unpacked = unpack(packed);
      if (!unpacked.ok) this.#findings.add('body_packing', unpacked.error.detail, { file: name });
      else this.#readLines(unpacked.value, name, intact);
    }
    return intact;
  }

  #readLines(bytes: Buffer, file: string, intact: Set<string>): void {
    const text = isUtf8(bytes) ? bytes.toString('utf8') : '';
    if (!text.endsWith('\n')) {
      this.#findings.add('body_packing', 'not lines of UTF-8', { file });
      return;
    }
    for (const [number, line] of text.slice(0, -1).split('\n').entries()) {
      const ct = readBodyLine(line);
      if (ct === undefined) this.#findings.add('body_damaged', `line ${number + 1} is not its own digest`, { file });
      else intact.add(ct);
    }
  }

  /** After the last segment: what nobody asked for is still what its name says, or is named. */
  async end(): Promise<void> {
    for (const files of this.#bodies.values()) {
      for (const { name, digest } of files) await this.#reportSpare(name, digest);
    }
    for (const [digest, name] of this.#objects) await this.#reportSpare(name, digest);
    if (this.#spare > 0) this.#findings.add('body_unreferenced', `${this.#spare} ciphertexts beside those of entries`);
    if (this.#absent && this.#named > 0)
      this.#findings.add('bodies_absent', `${this.#named} bodies are named by entries`);
  }

  async #reportSpare(name: string, digest: string): Promise<void> {
    const intact = await this.#isIntact(name, digest);
    if (intact) this.#findings.add('body_unreferenced', 'no entry names it', { file: name });
    else this.#findings.add('body_damaged', 'its SHA-256 is not its name', { file: name });
  }
}

/** A line as a sealer writes it, and the only canonical one: JWE compact is base64url and dots (RFC 7516 section 7.1). */
const BODY_LINE = /^\{"ct":"sha256:([0-9a-f]{64})","jwe":"([\w.-]+)"\}$/;

/** The digest (hex) that a line of a `bodies/` object states and its ciphertext has; `undefined` when they differ. */
const readBodyLine = (line: string): string | undefined => {
  const [, stated, jwe] = BODY_LINE.exec(line) ?? [];
  return jwe !== undefined && sha256Hex(jwe) === stated ? stated : undefined;
};
