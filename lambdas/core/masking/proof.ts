// What an entry says of masking: where, by which rule, how many, and a commitment to each removed value. The commitment is
// keyed: numbers of nine digits are soon guessed from a bare hash. Whoever holds the session's key can ask whether a
// number was among those removed; nobody learns it from the record. docs/masking.md, "Proof". Pure.

import { createHmac, type KeyObject } from 'node:crypto';
import type { MaskedValues, MaskRecord } from '../ledger/entry.ts';
import type { Finding } from './edit.ts';
import { shownPath } from './paths.ts';
import { normalValue, type RuleRef } from './plan.ts';
import { WideSet } from './wide-set.ts';
import type { Work } from './work.ts';

export type MaskProof = Omit<MaskRecord, 'kid' | 'handed'>;

/** An entry has 60 KB for everything; this takes at most half of them. */
const MAX_COMMITS = 400;
const MAX_BYTES = 28_000;
const BRACKETS = 2;
const COMMA = 1;
/** 128 bits: nobody finds a second value for a commitment under a secret key. */
const COMMIT_BYTES = 16;
/** Commitments between two pauses; each takes microseconds. */
const PER_SLICE = 1024;

/** `hmac:` and 128 bits, base64url, over the value as it is compared (normalValue). */
export const commitTo = (key: KeyObject, value: string): string =>
  `hmac:${mac(key, `value\0${normalValue(value)}`)
    .subarray(0, COMMIT_BYTES)
    .toString('base64url')}`;

const mac = (key: KeyObject, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();

interface Group {
  readonly path: string;
  readonly rule: string;
  readonly shown: string | null;
  /** What each of its lines begins with, for {@link prove}. */
  readonly line: string;
  n: number;
  /** As many as an entry may hold, in their order. */
  readonly first: string[];
  readonly commits: WideSet;
}

/** The proof of one body: what was removed from it, and what an exception showed. */
export function* prove(key: KeyObject, removed: readonly Finding[], shown: readonly Finding[]): Work<MaskProof> {
  const groups = new Groups();
  const commits = new Commits(key);
  const all = createHmac('sha256', key).update('all\0');
  let lines = '';
  for (const findings of [removed, shown])
    for (const [index, finding] of findings.entries()) {
      const commit = commits.to(finding.value);
      const group = groups.of(finding);
      group.n += 1;
      addTo(group, commit);
      lines += `${group.line}${JSON.stringify(commit)}]\n`;
      if (index % PER_SLICE !== PER_SLICE - 1) continue;
      all.update(lines);
      lines = '';
      yield;
    }
  return {
    n: String(removed.length + shown.length),
    ...recordsOf(groups.all),
    all: `hmac:${all.update(lines).digest('base64url')}`,
  };
}

const addTo = ({ first, commits }: Group, commit: string): void => {
  const before = commits.size;
  commits.add(commit);
  if (commits.size > before && first.length < MAX_COMMITS) first.push(commit);
};

/** Values that come again and again are committed to once, as long as they are remembered. */
const MAX_KNOWN = 4096;

class Commits {
  readonly #key: KeyObject;
  readonly #known = new Map<string, string>();

  constructor(key: KeyObject) {
    this.#key = key;
  }

  to(value: string): string {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const commit = commitTo(this.#key, value);
    this.#known.set(value, commit);
    return commit;
  }
}

class Groups {
  readonly #groups = new Map<string, Group>();
  /** By the path as it was found and the rule: most findings are of a few places. */
  readonly #known = new Map<RuleRef, Map<string, Group>>();

  get all(): readonly Group[] {
    return [...this.#groups.values()];
  }

  of({ path, rule }: Finding): Group {
    const byPath = this.#known.get(rule) ?? new Map<string, Group>();
    this.#known.set(rule, byPath);
    const known = byPath.get(path);
    if (known !== undefined) return known;
    const group = this.#group(shownPath(path), `${rule.id}@${rule.version}`, rule.shownBy);
    if (byPath.size >= MAX_KNOWN) byPath.clear();
    byPath.set(path, group);
    return group;
  }

  #group(path: string, rule: string, shown: string | null): Group {
    const id = JSON.stringify([path, rule, shown]);
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    const line = `${id.slice(0, -1)},`;
    const group: Group = { path, rule, shown, line, n: 0, first: [], commits: new WideSet() };
    this.#groups.set(id, group);
    return group;
  }
}

const recordsOf = (groups: readonly Group[]): Pick<MaskProof, 'values' | 'omitted'> => {
  const values: MaskedValues[] = [];
  let omitted = 0;
  let [commitsLeft, bytesLeft] = [MAX_COMMITS, MAX_BYTES - BRACKETS];
  for (const { path, rule, shown, n, first, commits } of groups) {
    const record = { path, rule, shown, n: String(n), commits: first.slice(0, commitsLeft) };
    commitsLeft -= record.commits.length;
    bytesLeft -= Buffer.byteLength(JSON.stringify(record)) + COMMA;
    if (bytesLeft >= 0) values.push(record);
    omitted += commits.size - (bytesLeft >= 0 ? record.commits.length : 0);
  }
  return { values, omitted: String(omitted) };
};
