// What an attacker does to a copy of a log, in functions over a map of files; and what the verifier has to say to it.

import { gunzipSync } from 'node:zlib';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { canonicalJson } from '../../lambdas/core/ledger/jcs.ts';
import { packLines } from '../../lambdas/core/ledger/packing.ts';
import type { TrustPolicy } from '../../lambdas/core/ledger/trust-policy.ts';
import type { Reason } from '../../lambdas/core/ledger/verify/reasons.ts';
import type { Verdict } from '../../lambdas/core/ledger/verify/report.ts';
import { verifyLog } from '../../lambdas/core/ledger/verify/verify-log.ts';
import type { SealedEntry } from '../support/sealed-entries.ts';
import { type FileMap, filesOf, type LogKey, type SealedLog, seal } from '../support/sealed-log.ts';

export interface Attack {
  readonly name: string;
  /** Changes the copy; gives back the checkpoint that the auditor kept, if one plays a part. */
  readonly apply: (files: FileMap, log: SealedLog) => Uint8Array | undefined;
  /** Findings that must be among those made. */
  readonly found: readonly Reason[];
  /** @default invalid */
  readonly verdict?: Verdict;
  /** Keys that the auditor gives. @default the first of the log */
  readonly keys?: readonly LogKey[];
}

/** An attack that ends without a kept checkpoint. */
export const attack = (
  name: string,
  found: readonly Reason[],
  apply: (files: FileMap, log: SealedLog) => unknown,
  verdict: Verdict = 'invalid',
): Attack => ({
  name,
  found,
  verdict,
  apply: (files, log) => {
    apply(files, log);
    return undefined;
  },
});

/** What a caller left out; the tests that leave it out do not care. */
const NOT_GIVEN: readonly Reason[] = [
  'kept_not_given',
  'policy_not_given',
  'cosignature_none',
  'content_keys_not_given',
];

export const examine = async (
  files: FileMap,
  keys: LogKey | readonly LogKey[],
  kept: Uint8Array | null = null,
  policy: TrustPolicy | null = null,
) => {
  const given = ('vkey' in keys ? [keys] : keys).map(({ verifier }) => verifier);
  const report = await verifyLog({ files: filesOf(files), keys: given, kept, policy, contentKeys: null });
  const reasons = report.checks.flatMap(({ counts }) => Object.keys(counts) as Reason[]);
  return { report, verdict: report.verdict, reasons: reasons.filter((reason) => !NOT_GIVEN.includes(reason)) };
};

export const namesOf = (files: FileMap, prefix: string): readonly string[] =>
  [...files.keys()].filter((name) => name.startsWith(prefix)).sort();

export const nameAt = (files: FileMap, prefix: string, at: number): string => {
  const name = namesOf(files, prefix).at(at);
  if (name === undefined) throw new RangeError(`no ${prefix} ${at}`);
  return name;
};

export const bytesAt = (files: FileMap, prefix: string, at: number): Uint8Array => {
  const bytes = files.get(nameAt(files, prefix, at));
  if (bytes === undefined) throw new RangeError(`no ${prefix} ${at}`);
  return bytes;
};

/** Flips one bit of an object, at a share of its length. */
export const flip = (files: FileMap, name: string, share = 0.5, bit = 0): void => {
  const bytes = Buffer.from(files.get(name) ?? '');
  const at = Math.min(bytes.length - 1, Math.floor(bytes.length * share));
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  files.set(name, bytes);
};

/** Changes the case of the first letter from a share of an object on: base64 stays base64. */
export const flipLetter = (files: FileMap, name: string, share: number): void => {
  const bytes = Buffer.from(files.get(name) ?? '');
  let at = Math.floor(bytes.length * share);
  while (at < bytes.length && !/[A-Za-z]/.test(String.fromCharCode(bytes[at] ?? 0))) at += 1;
  bytes[at] = (bytes[at] ?? 0) ^ 0x20;
  files.set(name, bytes);
};

export const linesOf = (files: FileMap, name: string): string[] =>
  gunzipSync(files.get(name) ?? '')
    .toString('utf8')
    .slice(0, -1)
    .split('\n');

/** Changes the lines of one segment in its place and packs it again. */
export const repack = (files: FileMap, at: number, change: (lines: string[]) => readonly string[]): void => {
  const name = nameAt(files, 'seg/', at);
  files.set(name, packLines(change(linesOf(files, name))));
};

export const rename = (files: FileMap, from: string, to: string): void => {
  const bytes = files.get(from);
  if (bytes === undefined) throw new RangeError(`no ${from}`);
  files.delete(from);
  files.set(to, bytes);
};

/** What only a key can make: the log's, or a witness's. */
const isSigned = (name: string): boolean => /^(?:ckpt|cosig|manifest)\//.test(name);

/** Segments and bodies of another history under the checkpoints, cosignatures and manifests of the real one. */
export const resegment = (files: FileMap, log: SealedLog, entries: readonly SealedEntry[]): void => {
  for (const name of [...files.keys()]) if (!isSigned(name)) files.delete(name);
  for (const [name, bytes] of seal(entries, log.sealing)) if (!isSigned(name)) files.set(name, bytes);
};

/** Another history, signed by a key; whoever signs it has no witness's key. */
export const resign = (files: FileMap, log: SealedLog, entries: readonly SealedEntry[], key = log.key): void => {
  files.clear();
  for (const [name, bytes] of seal(entries, { ...log.sealing, key, witnesses: [] })) files.set(name, bytes);
};

type Loose = Record<string, unknown>;

/** An entry with other fields; nothing checks them but the verifier. */
export const altered = (sealed: SealedEntry, change: Loose | ((entry: Loose) => Loose)): SealedEntry => {
  const loose = structuredClone(sealed.entry) as unknown as Loose;
  const entry = typeof change === 'function' ? change(loose) : { ...loose, ...change };
  return { ...sealed, entry: entry as unknown as Entry, line: canonicalJson(entry) };
};

/** Replaces one entry by others. */
export const splice = (
  entries: readonly SealedEntry[],
  at: number,
  ...replacement: readonly SealedEntry[]
): readonly SealedEntry[] => entries.toSpliced(at, 1, ...replacement);

export const find = (
  entries: readonly SealedEntry[],
  type: Entry['type'],
  which: (entry: Loose) => boolean = () => true,
): number => {
  const at = entries.findIndex(({ entry }) => entry.type === type && which(entry as unknown as Loose));
  if (at < 0) throw new RangeError(`no ${type}`);
  return at;
};

export const at = (entries: readonly SealedEntry[], index: number): SealedEntry => {
  const entry = entries.at(index);
  if (entry === undefined) throw new RangeError(`no entry ${index}`);
  return entry;
};
