// The objects below keys/ against the entries that they are made from. They add nothing that is believed; one that says
// otherwise was put there by someone else. Pure but for reading the files it is given.

import { isObject } from '../../mcp/json.ts';
import { type AnyKeyFact, keyFilesOf } from '../key-files.ts';
import type { LogFiles } from './inventory.ts';
import type { Findings } from './report.ts';

interface Expected {
  readonly text: string;
  readonly index: number;
}

/** Larger than any of them. */
const MAX_BYTES = 64 * 1024;

export class KeyFileCheck {
  readonly #findings: Findings;
  readonly #files: LogFiles;
  readonly #names: readonly string[];
  readonly #expected = new Map<string, Expected>();

  constructor(findings: Findings, files: LogFiles, names: readonly string[]) {
    this.#findings = findings;
    this.#files = files;
    this.#names = names;
  }

  entry(fact: AnyKeyFact, index: number): void {
    for (const { name, text } of keyFilesOf(fact, index)) this.#expected.set(name, { text, index });
  }

  /**
   * `entries`: how many there are, `undefined` when some are missing; `signed`: size of the last checkpoint that proves
   * anything, since the sealer writes a key's objects before it signs.
   */
  async end(entries: number | undefined, signed: number): Promise<void> {
    for (const name of this.#names) await this.#compare(name, entries);
    const found = new Set(this.#names);
    for (const [name, { index }] of this.#expected) {
      if (!found.has(name) && index < signed) this.#findings.add('key_file_missing', name, { file: name, index });
    }
  }

  async #compare(file: string, entries: number | undefined): Promise<void> {
    const bytes = await this.#files.read(file);
    const expected = this.#expected.get(file);
    if (expected === undefined) {
      if (entries !== undefined) await this.#extra(file, bytes, entries);
    } else if (Buffer.compare(bytes, Buffer.from(expected.text, 'utf8')) !== 0) {
      this.#findings.add('key_file_differs', `entry ${expected.index} says otherwise`, { file, index: expected.index });
    }
  }

  async #extra(file: string, bytes: Uint8Array, entries: number): Promise<void> {
    // A key in PEM says nothing of its entry; the object beside it does.
    const beside = file.replace(/\.pem$/, '.json');
    const stating = beside !== file && this.#names.includes(beside) ? await this.#files.read(beside) : bytes;
    const reason = statedEntry(stating) >= entries ? 'key_file_early' : 'key_file_extra';
    this.#findings.add(reason, 'no entry names it', { file });
  }
}

/** The entry that an object says it belongs to; -1 when it does not say. */
const statedEntry = (bytes: Uint8Array): number => {
  if (bytes.length > MAX_BYTES) return -1;
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isObject(value) && typeof value['entry'] === 'string' ? Number(value['entry']) : -1;
  } catch {
    return -1;
  }
};
