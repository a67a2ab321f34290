// Attacks on whole objects: removed, renamed, replaced by something that is no object of a log.

import { gzipSync } from 'node:zlib';
import { checkpointName, segmentName } from '../../lambdas/core/ledger/log-layout.ts';
import { leafHashOf, rootOf } from '../../lambdas/core/ledger/merkle.ts';
import { packLines } from '../../lambdas/core/ledger/packing.ts';
import { MAX_OBJECT_BYTES } from '../../lambdas/core/ledger/verify/unpack.ts';
import { checkpointOf, type FileMap } from '../support/sealed-log.ts';
import { type Attack, attack, bytesAt, nameAt, namesOf, rename, repack } from './attack.ts';

const removals: readonly Attack[] = [
  attack('drops the last entry', ['checkpoint_beyond_log'], (files) =>
    repack(files, -1, (lines) => lines.slice(0, -1)),
  ),
  attack('drops the last segment', ['checkpoint_beyond_log'], (files) => files.delete(nameAt(files, 'seg/', -1))),
  attack(
    'drops the last checkpoint',
    ['tail_unsigned'],
    (files) => files.delete(nameAt(files, 'ckpt/', -1)),
    'unchecked',
  ),
  attack(
    'drops every checkpoint',
    ['checkpoint_none', 'tail_unsigned'],
    (files) => removeAll(files, 'ckpt/'),
    'unchecked',
  ),
  attack('drops every segment', ['log_missing', 'checkpoint_beyond_log'], (files) => removeAll(files, 'seg/')),
  attack('drops everything', ['log_missing', 'checkpoint_none'], (files) => files.clear(), 'unchecked'),
  attack('removes the first segment', ['segment_missing', 'genesis_missing'], (files) =>
    files.delete(nameAt(files, 'seg/', 0)),
  ),
  attack('removes a segment', ['segment_missing'], (files) => files.delete(nameAt(files, 'seg/', 9))),
  attack('removes bodies of one segment', ['body_missing'], (files) => files.delete(nameAt(files, 'bodies/', 9))),
  attack('removes a body object', ['body_missing'], (files) => files.delete(nameAt(files, 'body/', 9))),
  attack(
    'removes all bodies',
    ['bodies_absent'],
    (files) => {
      removeAll(files, 'bodies/');
      removeAll(files, 'body/');
    },
    'valid',
  ),
];

const removeAll = (files: FileMap, prefix: string): void => {
  for (const name of namesOf(files, prefix)) files.delete(name);
};

const HEX_64 = 'ab'.repeat(32);

const names: readonly Attack[] = [
  attack('renames a segment to another start', ['segment_missing'], (files) =>
    rename(files, nameAt(files, 'seg/', 4), segmentName(999_999)),
  ),
  attack('swaps the names of two segments', ['checkpoint_root', 'order_backwards', 'session_not_opened'], (files) => {
    const [first, second] = [nameAt(files, 'seg/', 0), nameAt(files, 'seg/', 15)];
    const bytes = files.get(first) ?? new Uint8Array();
    rename(files, second, first);
    files.set(second, bytes);
  }),
  attack('renames a segment out of the log', ['file_unexpected', 'segment_missing'], (files) =>
    rename(files, nameAt(files, 'seg/', 4), 'seg/old.jsonl.gz'),
  ),
  attack('renames a checkpoint', ['checkpoint_name'], (files) =>
    rename(files, nameAt(files, 'ckpt/', 4), checkpointName(1300)),
  ),
  attack('renames bodies', ['body_missing', 'body_damaged'], (files) => {
    const name = nameAt(files, 'bodies/', 4);
    rename(files, name, name.replace(/-[0-9a-f]{64}/, `-${HEX_64}`));
    rename(files, nameAt(files, 'bodies/', 6), 'bodies/0000000000000001-'.concat(HEX_64, '.jsonl.gz'));
  }),
  attack('renames a body object', ['body_missing', 'body_damaged'], (files) =>
    rename(files, nameAt(files, 'body/', 4), `body/${HEX_64}`),
  ),
  attack(
    'adds bodies that nobody names',
    ['body_unreferenced'],
    (files) => files.set('body/'.concat(EMPTY_DIGEST), new Uint8Array()),
    'valid',
  ),
  attack('adds a stray file', ['file_unknown'], (files) => files.set('README.txt', Buffer.from('hello')), 'valid'),
  attack('adds a stray file in a folder of the log', ['file_unexpected'], (files) =>
    files.set('seg/README.txt', Buffer.from('hello')),
  ),
  attack('names a segment beyond safe integers', ['file_unexpected'], (files) =>
    files.set('seg/9999999999999999.jsonl.gz', packLines(['{}'])),
  ),
  attack('names a segment at the last safe integer', ['segment_missing'], (files) =>
    files.set(segmentName(Number.MAX_SAFE_INTEGER), packLines(['{}'])),
  ),
  attack('names a checkpoint with 17 digits', ['file_unexpected'], (files) =>
    files.set('ckpt/00000000000000250.note', bytesAt(files, 'ckpt/', 0)),
  ),
];

const EMPTY_DIGEST = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const packings: readonly Attack[] = [
  attack('puts a gzip bomb in place of a segment', ['segment_too_large'], (files) =>
    files.set(nameAt(files, 'seg/', 4), gzipSync(Buffer.alloc(MAX_OBJECT_BYTES + 1), { level: 1 })),
  ),
  attack('puts a gzip bomb in place of bodies', ['body_damaged', 'body_packing'], (files) =>
    files.set(nameAt(files, 'bodies/', 4), gzipSync(Buffer.alloc(MAX_OBJECT_BYTES + 1), { level: 1 })),
  ),
  attack('puts a file in place that is larger than any object', ['file_too_large', 'segment_missing'], (files) =>
    files.set(nameAt(files, 'seg/', 4), new Uint8Array(MAX_OBJECT_BYTES + 1)),
  ),
  attack('appends a second gzip member', ['segment_packing'], (files) =>
    files.set(nameAt(files, 'seg/', 4), Buffer.concat([bytesAt(files, 'seg/', 4), packLines(['{}'])])),
  ),
  attack('appends bytes to a segment', ['segment_packing'], (files) =>
    files.set(nameAt(files, 'seg/', 4), Buffer.concat([bytesAt(files, 'seg/', 4), Buffer.alloc(9)])),
  ),
  attack('cuts a segment off', ['segment_packing'], (files) =>
    files.set(nameAt(files, 'seg/', 4), bytesAt(files, 'seg/', 4).subarray(0, 500)),
  ),
  attack('empties a segment', ['segment_packing'], (files) => files.set(nameAt(files, 'seg/', 4), new Uint8Array())),
  attack('packs nothing', ['segment_text'], (files) => files.set(nameAt(files, 'seg/', 4), gzipSync(''))),
  attack('packs bytes that are not UTF-8', ['segment_text'], (files) =>
    files.set(nameAt(files, 'seg/', 4), gzipSync(Buffer.from('ff0a', 'hex'))),
  ),
  attack('makes a checkpoint unreadable', ['checkpoint_malformed'], (files) =>
    files.set(nameAt(files, 'ckpt/', 4), Buffer.from('no\n')),
  ),
  attack('puts a checkpoint of another log in place', ['checkpoint_other_log'], (files, { key, entries }) => {
    const root = rootOf(entries.slice(0, 250).map(({ line }) => leafHashOf(line)));
    files.set(checkpointName(250), checkpointOf(key, { size: 250, root }, 'mcp.other-bank.example/countersign'));
  }),
  attack(
    'replaces a segment with an older one, validly signed',
    ['entry_twice', 'order_backwards', 'checkpoint_root'],
    (files) => files.set(nameAt(files, 'seg/', 12), bytesAt(files, 'seg/', 2)),
  ),
];

export const FILE_ATTACKS: readonly Attack[] = [...removals, ...names, ...packings];
