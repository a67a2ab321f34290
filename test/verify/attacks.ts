// Attacks of someone who holds the files (and in some, a key): every line names what the verifier must call it.

import { gzipSync } from 'node:zlib';
import { checkpointName, segmentName } from '../../lambdas/core/ledger/log-layout.ts';
import { leafHashOf, rootOf } from '../../lambdas/core/ledger/merkle.ts';
import { packLines } from '../../lambdas/core/ledger/packing.ts';
import { MAX_OBJECT_BYTES } from '../../lambdas/core/ledger/verify/unpack.ts';
import type { SealedEntry } from '../support/sealed-entries.ts';
import { checkpointOf, type FileMap, logKey, type SealedLog } from '../support/sealed-log.ts';
import {
  type Attack,
  altered,
  at,
  attack,
  bytesAt,
  find,
  flip,
  linesOf,
  nameAt,
  namesOf,
  rename,
  repack,
  resegment,
  resign,
  splice,
} from './attack.ts';

export const ANOTHER_KEY = logKey(2);

const flips: readonly Attack[] = [
  attack('flips a bit in a segment', ['segment_packing'], (files) => flip(files, nameAt(files, 'seg/', 7))),
  attack('flips a bit in a checkpoint’s size', ['checkpoint_signature'], (files) =>
    flip(files, nameAt(files, 'ckpt/', 3), 0.17),
  ),
  attack('flips a bit in a checkpoint’s root', ['checkpoint_signature'], (files) =>
    flip(files, nameAt(files, 'ckpt/', 3), 0.3),
  ),
  attack('flips a bit in a checkpoint’s signature', ['checkpoint_signature'], (files) =>
    flip(files, nameAt(files, 'ckpt/', 3), 0.8),
  ),
  attack('flips a bit in bodies', ['body_damaged'], (files) => flip(files, nameAt(files, 'bodies/', 4))),
  attack('flips a bit in a body object', ['body_damaged'], (files) => flip(files, nameAt(files, 'body/', 4))),
];

const isCall = (entry: Readonly<Record<string, unknown>>): boolean => entry['seq'] === '20';
const intentAt = ({ entries }: SealedLog): number => find(entries, 'call.intent', isCall);
const without = ({ entries }: SealedLog, index: number): readonly SealedEntry[] => entries.toSpliced(index, 1);
const edited = (log: SealedLog): readonly SealedEntry[] =>
  splice(
    log.entries,
    intentAt(log),
    altered(at(log.entries, intentAt(log)), { req: { apigw: 'x', ip: '198.51.100.1' } }),
  );

const edits: readonly Attack[] = [
  attack('edits an entry', ['checkpoint_root', 'outcome_other_intent'], (files, log) =>
    resegment(files, log, edited(log)),
  ),
  attack(
    'edits an entry and signs all checkpoints with another key',
    ['checkpoint_other_key', 'tail_unsigned'],
    (files, log) => resign(files, log, edited(log), ANOTHER_KEY),
  ),
  attack('makes the whole log anew under another key', ['genesis_other_key', 'checkpoint_other_key'], (files, log) => {
    const genesis = altered(at(log.entries, 0), { checkpointKey: ANOTHER_KEY.vkey });
    resign(files, log, splice(edited(log), 0, genesis), ANOTHER_KEY);
  }),
  attack('inserts an entry into a segment', ['segment_overlap'], (files) =>
    repack(files, 5, (lines) => lines.toSpliced(100, 0, linesOf(files, nameAt(files, 'seg/', 1))[3] ?? '')),
  ),
  attack('inserts an entry and moves the rest up', ['checkpoint_root', 'tail_unsigned'], (files, log) => {
    const extra = altered(at(log.entries, 2000), { id: '019a7d10-0000-7000-8000-ffffffffffff' });
    resegment(files, log, log.entries.toSpliced(2001, 0, extra));
  }),
  attack('deletes an entry from a segment', ['segment_missing', 'sessions_stopped', 'checkpoint_unreached'], (files) =>
    repack(files, 5, (lines) => lines.toSpliced(100, 1)),
  ),
  attack(
    'deletes an entry and moves the rest down',
    ['checkpoint_root', 'checkpoint_beyond_log', 'outcome_without_intent'],
    (files, log) => resegment(files, log, without(log, intentAt(log))),
  ),
  attack('changes the order of two entries', ['order_in_segment', 'checkpoint_root'], (files) =>
    repack(files, 5, (lines) => lines.toSpliced(100, 2, lines[101] ?? '', lines[100] ?? '')),
  ),
  attack('duplicates an entry', ['entry_twice', 'checkpoint_root'], (files, log) =>
    resegment(files, log, log.entries.toSpliced(3000, 0, at(log.entries, 3000))),
  ),
  attack('swaps the sessions of two entries', ['checkpoint_root', 'actor_changed', 'call_id_changed'], (files, log) => {
    const first = intentAt(log);
    const second = find(log.entries, 'call.intent', (entry) => isCall(entry) && entry['sid'] !== sidAt(log, first));
    const swap = (index: number, other: number) => altered(at(log.entries, index), { sid: sidAt(log, other) });
    const once = splice(log.entries, first, swap(first, second));
    resegment(files, log, splice(once, second, swap(second, first)));
  }),
  attack('swaps the places of two sessions’ entries', ['order_in_segment', 'checkpoint_root'], (files, log) => {
    const [first, second] = [intentAt(log), intentAt(log) + 2];
    const once = splice(log.entries, first, at(log.entries, second));
    resegment(files, log, splice(once, second, at(log.entries, first)));
  }),
  attack('removes a whole session', ['checkpoint_root', 'checkpoint_beyond_log'], (files, log) => {
    const sid = sidAt(log, intentAt(log));
    resegment(
      files,
      log,
      log.entries.filter(({ entry }) => !('sid' in entry) || entry.sid !== sid),
    );
  }),
  attack(
    'dates an entry back by ten minutes',
    ['order_in_segment', 'order_backwards', 'checkpoint_root'],
    (files, log) =>
      resegment(
        files,
        log,
        splice(log.entries, 3000, altered(at(log.entries, 3000), { ts: '2026-11-22T09:50:00.000Z' })),
      ),
  ),
];

const sidAt = ({ entries }: SealedLog, index: number): string => {
  const { entry } = at(entries, index);
  return 'sid' in entry ? entry.sid : '';
};

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

const kept: readonly Attack[] = [
  {
    name: 'rolls the log back to an older, validly signed state',
    found: ['kept_truncated'],
    apply: (files) => {
      const newest = bytesAt(files, 'ckpt/', -1);
      for (const prefix of ['seg/', 'ckpt/', 'bodies/']) files.delete(nameAt(files, prefix, -1));
      return newest;
    },
  },
  {
    name: 'forks the log with the same key',
    found: ['kept_fork'],
    apply: (files, log) => {
      const before = bytesAt(files, 'ckpt/', -3);
      resign(files, log, edited(log));
      return before;
    },
  },
  attack('shows a checkpoint of a fork among those of this history', ['checkpoint_fork'], (files, log) => {
    const fork = edited(log).slice(0, 4000);
    files.set(
      checkpointName(4000),
      checkpointOf(log.key, { size: 4000, root: rootOf(fork.map(({ line }) => leafHashOf(line))) }),
    );
  }),
  {
    name: 'rewrites history without the key',
    found: ['kept_rewritten', 'checkpoint_root'],
    apply: (files, log) => {
      const before = bytesAt(files, 'ckpt/', -3);
      resegment(files, log, edited(log));
      return before;
    },
  },
  {
    name: 'removes a segment before the kept checkpoint',
    found: ['kept_unreached', 'segment_missing'],
    apply: (files) => {
      files.delete(nameAt(files, 'seg/', 3));
      return bytesAt(files, 'ckpt/', -3);
    },
  },
  {
    name: 'hands the auditor another key than at the last visit',
    found: ['kept_other_key'],
    apply: (_files, { entries }) => {
      const root = rootOf(entries.slice(0, 250).map(({ line }) => leafHashOf(line)));
      return checkpointOf(ANOTHER_KEY, { size: 250, root });
    },
  },
  {
    name: 'damages the kept checkpoint',
    found: ['kept_signature'],
    apply: (files) => {
      const damaged = new Map([['kept', bytesAt(files, 'ckpt/', 2)]]);
      flip(damaged, 'kept', 0.8);
      return damaged.get('kept');
    },
  },
  {
    name: 'keeps something else',
    found: ['kept_malformed'],
    verdict: 'unchecked',
    apply: () => Buffer.from('hello\n'),
  },
];

export const ATTACKS: readonly Attack[] = [...flips, ...edits, ...removals, ...names, ...packings, ...kept];
