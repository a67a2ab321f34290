// Logs whose key changed, and what somebody does about it who holds the files, an old key or a stolen one. Each names
// every finding that the verifier must make, and which keys the auditor gave.

import { openEnvelope } from '../../lambdas/core/ledger/dsse.ts';
import { canonicalJson } from '../../lambdas/core/ledger/jcs.ts';
import { checkpointName } from '../../lambdas/core/ledger/log-layout.ts';
import { formatCheckpoint } from '../../lambdas/core/ledger/note.ts';
import type { Reason } from '../../lambdas/core/ledger/verify/reasons.ts';
import type { Verdict } from '../../lambdas/core/ledger/verify/report.ts';
import { entriesOf, idOf, type SealedEntry } from '../support/sealed-entries.ts';
import {
  type FileMap,
  INTENT_KEY,
  type LogKey,
  logKey,
  ORIGIN_OF_LOG,
  rootOfEntries,
  seal,
} from '../support/sealed-log.ts';
import { altered, at, flip } from './attack.ts';

export const [K1, K2, K3] = [logKey(1), logKey(2), logKey(3)] as const;
const SEGMENT_ENTRIES = 20;

const calls = [...entriesOf({ sessions: 2, callsPerSession: 12 }, K1.vkey, INTENT_KEY)];

type Entries = readonly SealedEntry[];

let made = 0;
/** An entry of the sealer's own, in the place of entry `index`. */
const insert = (entries: Entries, index: number, fields: Record<string, unknown>): Entries => {
  const { ts } = at(entries, index - 1).entry;
  const { v, log, config, gw } = at(entries, 0).entry;
  made += 1;
  const entry = { v, log, config, gw, ts, id: idOf(0xf00000 + made), ...fields };
  return entries.toSpliced(index, 0, { entry: entry as never, line: canonicalJson(entry), body: null });
};

const rotate = (entries: Entries, index: number, [from, to]: readonly [LogKey, LogKey]): Entries =>
  insert(entries, index, { type: 'key.rotated', previous: from.vkey, next: to.vkey, keyId: 'arn:aws:kms:::key/next' });

const revoke = (entries: Entries, index: number, key: LogKey, upTo: number): Entries =>
  insert(entries, index, { type: 'key.revoked', key: key.vkey, upTo: String(upTo), reason: 'misused', by: 'ciso' });

const sealed = (entries: Entries, key = K1, laterKeys: readonly LogKey[] = [K2, K3]): FileMap =>
  new Map(seal(entries, { key, laterKeys, segmentEntries: SEGMENT_ENTRIES }));

const SINGLE = sealed(calls);
/** K1 signs up to entry 29; the checkpoint of 40 entries carries both signatures. */
export const ROTATED_AT = 30;
const rotatedEntries = rotate(calls, ROTATED_AT, [K1, K2]);
export const ROTATED = sealed(rotatedEntries);
export const ROTATED_LINES = rotatedEntries.map(({ line }) => line);
const twiceEntries = rotate(rotatedEntries, 50, [K2, K3]);
/** K1 is revoked at entry 50, believed up to 20 entries, and K2 follows at once. */
const revokedEntries = rotate(revoke(calls, 50, K1, 20), 51, [K1, K2]);

/** Signs anew one checkpoint. */
const resignAt = (files: FileMap, entries: Entries, size: number, keys: readonly LogKey[]): void => {
  const text = formatCheckpoint(ORIGIN_OF_LOG, { size, root: rootOfEntries(entries.slice(0, size)) });
  const [first, ...others] = keys;
  const note = others.reduce((signed, key) => key.cosign(signed), first?.note(text) ?? '');
  files.set(checkpointName(size), Buffer.from(note, 'utf8'));
};

const change =
  (files: FileMap, apply: (files: FileMap) => unknown): (() => FileMap) =>
  () => {
    const copy = new Map(files);
    apply(copy);
    return copy;
  };

const keyFile = (key: LogKey, ending: string): string => `keys/${key.verifier.keyId}.${ending}`;

export interface KeyAttack {
  readonly name: string;
  readonly files: () => FileMap;
  readonly keys: readonly LogKey[];
  /** All findings, and no others. */
  readonly found: readonly Reason[];
  readonly verdict: Verdict;
}

const HONEST: readonly KeyAttack[] = [
  { name: 'a rotation, checked with the first key', files: () => ROTATED, keys: [K1], found: [], verdict: 'valid' },
  { name: 'a rotation, checked with the second key', files: () => ROTATED, keys: [K2], found: [], verdict: 'valid' },
  { name: 'a rotation, checked with both', files: () => ROTATED, keys: [K2, K1], found: [], verdict: 'valid' },
  {
    name: 'two rotations, checked with the first key',
    files: () => sealed(twiceEntries),
    keys: [K1],
    found: [],
    verdict: 'valid',
  },
  {
    name: 'two rotations under one checkpoint',
    files: () => sealed(rotate(rotatedEntries, 31, [K2, K3])),
    keys: [K1],
    found: [],
    verdict: 'valid',
  },
  {
    name: 'a key filed in advance',
    files: () => ROTATED,
    keys: [K1, K3],
    found: ['key_not_named'],
    verdict: 'valid',
  },
  {
    name: 'a rotation that no checkpoint covers yet',
    files: change(ROTATED, (files) => {
      for (const name of [...files.keys()]) {
        if (name.startsWith('ckpt/') && name > checkpointName(20)) files.delete(name);
        if (name === keyFile(K2, 'json') || name === keyFile(K2, 'pem')) files.delete(name);
      }
    }),
    keys: [K1],
    found: ['tail_unsigned', 'manifest_doubtful'],
    verdict: 'unchecked',
  },
  {
    name: 'a revoked key, and both keys given',
    files: () => sealed(revokedEntries),
    keys: [K1, K2],
    found: ['key_revoked', 'checkpoint_distrusted'],
    verdict: 'valid',
  },
  {
    name: 'a revoked key, and only its successor given',
    files: () => sealed(revokedEntries),
    keys: [K2],
    found: ['key_revoked', 'checkpoint_distrusted'],
    verdict: 'valid',
  },
  {
    name: 'a revoked key, and its successor not given',
    files: () => sealed(revokedEntries),
    keys: [K1],
    found: ['key_revoked', 'key_not_vouched', 'checkpoint_distrusted', 'tail_unsigned', 'manifest_doubtful'],
    verdict: 'unchecked',
  },
  {
    name: 'a retired key, revoked for the time after it had endorsed the next',
    files: () => sealed(revoke(rotatedEntries, 60, K1, 40)),
    keys: [K1],
    found: ['key_revoked'],
    verdict: 'valid',
  },
  {
    name: 'a retired key, revoked for the time when it endorsed the next',
    files: () => sealed(revoke(rotatedEntries, 60, K1, 20)),
    keys: [K1],
    found: ['key_revoked', 'key_not_vouched', 'checkpoint_distrusted', 'tail_unsigned', 'manifest_doubtful'],
    verdict: 'unchecked',
  },
];

const ATTACKS: readonly KeyAttack[] = [
  {
    name: 'continues the log under a key of his own, without the old one',
    files: change(ROTATED, (files) => {
      for (let size = 40; size <= rotatedEntries.length; size += SEGMENT_ENTRIES) {
        resignAt(files, rotatedEntries, Math.min(size, rotatedEntries.length), [K2]);
      }
      resignAt(files, rotatedEntries, rotatedEntries.length, [K2]);
    }),
    keys: [K1],
    found: ['rotation_unendorsed', 'checkpoint_other_key', 'tail_unsigned', 'manifest_doubtful'],
    verdict: 'invalid',
  },
  {
    name: 'removes the checkpoint that endorses the new key',
    files: change(ROTATED, (files) => files.delete(checkpointName(40))),
    keys: [K1],
    found: ['rotation_unendorsed', 'checkpoint_other_key', 'tail_unsigned', 'manifest_doubtful'],
    verdict: 'invalid',
  },
  {
    name: 'strikes out the signature of the old key',
    files: change(ROTATED, (files) => resignAt(files, rotatedEntries, 40, [K2])),
    keys: [K1, K2],
    found: ['rotation_unendorsed'],
    verdict: 'invalid',
  },
  {
    name: 'signs with the old key after the rotation',
    files: change(ROTATED, (files) => resignAt(files, rotatedEntries, 60, [K1])),
    keys: [K1],
    found: ['checkpoint_stale_key'],
    verdict: 'invalid',
  },
  {
    name: 'signs a manifest with the old key after the rotation',
    files: change(ROTATED, (files) => {
      const [name = '', bytes = new Uint8Array()] = [...files].find(([file]) => file.startsWith('manifest/')) ?? [];
      const opened = openEnvelope(bytes, K2.verifier);
      files.set(name, K1.envelope(opened.ok ? opened.value : ''));
    }),
    keys: [K1],
    found: ['manifest_signature'],
    verdict: 'invalid',
  },
  {
    name: 'signs with a filed key before its time',
    files: change(ROTATED, (files) => resignAt(files, rotatedEntries, 20, [K2])),
    keys: [K1, K2],
    found: ['checkpoint_stale_key'],
    verdict: 'invalid',
  },
  {
    name: 'signs with a stranger’s key after the rotation',
    files: change(ROTATED, (files) => resignAt(files, rotatedEntries, 60, [K3])),
    keys: [K1],
    found: ['checkpoint_other_key'],
    verdict: 'invalid',
  },
  {
    name: 'signs with a key that the log has revoked',
    files: change(sealed(revoke(calls, 50, K1, 20)), (files) => resignAt(files, revoke(calls, 50, K1, 20), 40, [K1])),
    keys: [K1],
    found: ['key_revoked', 'checkpoint_revoked_key', 'checkpoint_distrusted', 'tail_unsigned', 'manifest_doubtful'],
    verdict: 'invalid',
  },
  {
    name: 'flips a bit in the signature of the old key',
    files: change(ROTATED, (files) => flip(files, checkpointName(40), 0.97)),
    keys: [K1],
    found: [
      'checkpoint_signature',
      'rotation_unendorsed',
      'checkpoint_other_key',
      'tail_unsigned',
      'manifest_doubtful',
    ],
    verdict: 'invalid',
  },
  {
    name: 'makes a log of his own that ends in the bank’s key',
    files: () =>
      sealed(rotate(calls.with(0, altered(at(calls, 0), { checkpointKey: K2.vkey })), 30, [K2, K1]), K2, [K3]),
    keys: [K1],
    found: ['checkpoint_stale_key', 'checkpoint_other_key', 'tail_unsigned', 'manifest_signature'],
    verdict: 'invalid',
  },
  {
    name: 'makes a log of his own, rotation and all',
    files: () =>
      sealed(rotate(calls.with(0, altered(at(calls, 0), { checkpointKey: K2.vkey })), 30, [K2, K3]), K2, [K3]),
    keys: [K1],
    found: ['genesis_other_key', 'checkpoint_other_key', 'tail_unsigned', 'manifest_doubtful'],
    verdict: 'invalid',
  },
  {
    name: 'follows a revoked key with one of his own, and that with another',
    files: () => sealed(rotate(revokedEntries, 70, [K2, K3])),
    keys: [K1],
    found: ['key_revoked', 'key_not_vouched', 'checkpoint_distrusted', 'tail_unsigned', 'manifest_doubtful'],
    verdict: 'unchecked',
  },
  {
    name: 'rotates from a key that is not in force',
    files: () => sealed(rotate(rotatedEntries, 50, [K1, K3]), K1, [K2]),
    keys: [K1],
    found: ['rotation_wrong', 'key_file_extra'],
    verdict: 'invalid',
  },
  {
    name: 'rotates back',
    files: () => sealed(rotate(rotatedEntries, 50, [K2, K1]), K1, [K2]),
    keys: [K1],
    found: ['rotation_wrong', 'checkpoint_stale_key', 'tail_unsigned', 'manifest_signature'],
    verdict: 'invalid',
  },
  {
    name: 'rotates to what is no key',
    files: () => sealed(insert(calls, 30, { type: 'key.rotated', previous: K1.vkey, next: 'mine+00+x', keyId: 'x' })),
    keys: [K1],
    found: ['key_unreadable', 'file_unexpected'],
    verdict: 'invalid',
  },
  {
    name: 'revokes a key that the log never had',
    files: () => sealed(revoke(calls, 30, K3, 20)),
    keys: [K1],
    found: ['revocation_wrong', 'key_file_extra'],
    verdict: 'invalid',
  },
  {
    name: 'removes the object of a key',
    files: change(ROTATED, (files) => files.delete(keyFile(K2, 'json'))),
    keys: [K1],
    found: ['key_file_missing'],
    verdict: 'invalid',
  },
  {
    name: 'puts another key into the PEM file',
    files: change(ROTATED, (files) => files.set(keyFile(K2, 'pem'), files.get(keyFile(K1, 'pem')) ?? new Uint8Array())),
    keys: [K1],
    found: ['key_file_differs'],
    verdict: 'invalid',
  },
  {
    name: 'adds the objects of a key that the log does not name',
    files: change(SINGLE, (files) => {
      files.set(keyFile(K2, 'json'), Buffer.from('{"entry":"30"}'));
      files.set(keyFile(K2, 'pem'), ROTATED.get(keyFile(K2, 'pem')) ?? new Uint8Array());
    }),
    keys: [K1],
    found: ['key_file_extra'],
    verdict: 'invalid',
  },
  {
    name: 'adds a revocation that no entry states',
    files: change(ROTATED, (files) => files.set(keyFile(K1, 'revoked.json'), Buffer.from('not JSON'))),
    keys: [K1],
    found: ['key_file_extra'],
    verdict: 'invalid',
  },
  {
    name: 'copies while the key is being rotated',
    files: change(SINGLE, (files) => {
      files.set(keyFile(K2, 'json'), Buffer.from('{"entry":"9000"}'));
      files.set(keyFile(K2, 'pem'), ROTATED.get(keyFile(K2, 'pem')) ?? new Uint8Array());
    }),
    keys: [K1],
    found: ['key_file_early'],
    verdict: 'valid',
  },
];

export const KEY_ATTACKS: readonly KeyAttack[] = [...HONEST, ...ATTACKS];
