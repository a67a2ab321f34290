// What an entry says of masking: where, by which rule, how many, and a commitment to each removed value. The commitment is
// keyed: numbers of nine digits are soon guessed from a bare hash. Whoever holds the session's key can ask whether a
// number was among those removed; nobody learns it from the record. docs/masking.md, "Proof". Pure.

import { createHmac, type KeyObject } from 'node:crypto';
import type { MaskedValues, MaskRecord } from '../ledger/entry.ts';
import type { Finding } from './edit.ts';
import { shownPath } from './paths.ts';
import { normalValue } from './plan.ts';
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
  n: number;
  readonly commits: Set<string>;
}

/** The proof of one body: what was removed from it, and what an exception showed. */
export function* prove(key: KeyObject, removed: readonly Finding[], shown: readonly Finding[]): Work<MaskProof> {
  const groups = new Map<string, Group>();
  const known = new Map<string, string>();
  const all = createHmac('sha256', key).update('all\0');
  for (const [index, { path, rule, value }] of [...removed, ...shown].entries()) {
    if (index % PER_SLICE === PER_SLICE - 1) yield;
    const commit = known.get(value) ?? commitTo(key, value);
    known.set(value, commit);
    const group = groupOf(groups, shownPath(path), `${rule.id}@${rule.version}`, rule.shownBy);
    group.n += 1;
    group.commits.add(commit);
    all.update(`${JSON.stringify([group.path, group.rule, group.shown, commit])}\n`);
  }
  return {
    n: String(removed.length + shown.length),
    ...recordsOf([...groups.values()]),
    all: `hmac:${all.digest('base64url')}`,
  };
}

const groupOf = (groups: Map<string, Group>, path: string, rule: string, shown: string | null): Group => {
  const id = JSON.stringify([path, rule, shown]);
  const known = groups.get(id);
  if (known !== undefined) return known;
  const group: Group = { path, rule, shown, n: 0, commits: new Set() };
  groups.set(id, group);
  return group;
};

const recordsOf = (groups: readonly Group[]): Pick<MaskProof, 'values' | 'omitted'> => {
  const values: MaskedValues[] = [];
  let omitted = 0;
  let [commitsLeft, bytesLeft] = [MAX_COMMITS, MAX_BYTES - BRACKETS];
  for (const { path, rule, shown, n, commits } of groups) {
    const record = { path, rule, shown, n: String(n), commits: [...commits].slice(0, commitsLeft) };
    commitsLeft -= record.commits.length;
    bytesLeft -= Buffer.byteLength(JSON.stringify(record)) + COMMA;
    if (bytesLeft >= 0) values.push(record);
    omitted += commits.size - (bytesLeft >= 0 ? record.commits.length : 0);
  }
  return { values, omitted: String(omitted) };
};
