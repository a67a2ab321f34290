// What the identity provider remembers: one map, kept in one JSON file that is replaced whole. A write is on its way to
// disk before the promise of `flush` settles, so an answer never promises what a restart would forget.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface StoredEntry {
  readonly value: unknown;
  /** Epoch milliseconds; `null` never expires. */
  readonly expiresAt: number | null;
}

// Registration is open, so scripted clients leave a record at each run; the oldest make room. 500 is a few months of demos.
const MAX_CLIENTS = 500;
const CLIENT_PREFIX = 'Client:';

export class Store {
  readonly #entries: Map<string, StoredEntry>;
  readonly #path: string | null;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  private constructor(path: string | null, entries: Map<string, StoredEntry>) {
    this.#path = path;
    this.#entries = entries;
  }

  /** Opens the state in a folder (created if missing), or an empty one in memory. */
  static async open(dataDir: string | null): Promise<Store> {
    if (dataDir === null) return new Store(null, new Map());
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const path = join(dataDir, 'idp.json');
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw error;
    });
    return new Store(path, new Map(JSON.parse(text) as [string, StoredEntry][]));
  }

  get(key: string): unknown {
    const entry = this.#entries.get(key);
    return entry === undefined || isExpired(entry) ? undefined : entry.value;
  }

  set(key: string, value: unknown, expiresAt: number | null = null): Promise<void> {
    this.#entries.set(key, { value, expiresAt });
    return this.flush();
  }

  delete(...keys: string[]): Promise<void> {
    for (const key of keys) this.#entries.delete(key);
    return this.flush();
  }

  /** Live entries whose key starts with `prefix`. */
  *list(prefix: string): Generator<[key: string, value: unknown]> {
    for (const [key, entry] of this.#entries) {
      if (key.startsWith(prefix) && !isExpired(entry)) yield [key, entry.value];
    }
  }

  /** Settles once everything set so far is in the file. Callers that wait together share one write. */
  flush(): Promise<void> {
    if (this.#path === null) return Promise.resolve();
    if (this.#next === null) {
      const path = this.#path;
      const next = this.#current
        .catch(() => undefined)
        .then(() => {
          this.#current = next;
          this.#next = null;
          return this.#write(path);
        });
      this.#next = next;
    }
    return this.#next;
  }

  async #write(path: string): Promise<void> {
    this.#prune();
    // Written beside and renamed over: a reader or a crash sees the old state or the new one, never half of it.
    await writeFile(`${path}.new`, JSON.stringify([...this.#entries]), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  #prune(): void {
    for (const [key, entry] of this.#entries) if (isExpired(entry)) this.#entries.delete(key);
    const clients = [...this.#entries.keys()].filter((key) => key.startsWith(CLIENT_PREFIX));
    for (const key of clients.slice(0, Math.max(0, clients.length - MAX_CLIENTS))) this.#entries.delete(key);
  }
}

const isExpired = (entry: StoredEntry): boolean => entry.expiresAt !== null && entry.expiresAt <= Date.now();
