// Attacks of someone who holds the files (and in some, a key): every one names what the verifier must call it.

import { checkpointName, manifestName } from '../../lambdas/core/ledger/log-layout.ts';
import { leafHashOf, rootOf } from '../../lambdas/core/ledger/merkle.ts';
import type { SealedEntry } from '../support/sealed-entries.ts';
import { checkpointOf, logKey, type SealedLog } from '../support/sealed-log.ts';
import {
  type Attack,
  altered,
  at,
  attack,
  bytesAt,
  find,
  flip,
  flipLetter,
  linesOf,
  nameAt,
  namesOf,
  repack,
  resegment,
  resign,
  splice,
} from './attack.ts';
import { FILE_ATTACKS } from './file-attacks.ts';
import { MANIFEST_ATTACKS } from './manifest-attacks.ts';
import { STRICT_ATTACKS } from './strict-attacks.ts';

const ANOTHER_KEY = logKey(2);

const flips: readonly Attack[] = [
  attack('flips a bit in a segment', ['segment_packing'], (files) => flip(files, nameAt(files, 'seg/', 7))),
  attack('flips a bit in a checkpoint’s size', ['checkpoint_signature'], (files) =>
    flip(files, nameAt(files, 'ckpt/', 3), 0.17),
  ),
  attack('flips a bit in a checkpoint’s root', ['checkpoint_signature'], (files) =>
    flipLetter(files, nameAt(files, 'ckpt/', 3), 0.3),
  ),
  attack('flips a bit in a checkpoint’s signature', ['checkpoint_signature'], (files) =>
    flipLetter(files, nameAt(files, 'ckpt/', 3), 0.8),
  ),
  attack('flips a bit in bodies', ['body_damaged'], (files) => flip(files, nameAt(files, 'bodies/', 4))),
  attack('flips a bit in a body object', ['body_damaged'], (files) => flip(files, nameAt(files, 'body/', 4))),
  attack('flips a bit in what the log says of its key', ['key_file_differs'], (files) =>
    flip(files, nameAt(files, 'keys/', 0)),
  ),
  attack('flips a bit in a public key', ['key_file_differs'], (files) => {
    const name = namesOf(files, 'keys/').find((one) => one.endsWith('.pem')) ?? '';
    flipLetter(files, name, 0.5);
  }),
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

const withoutSession = (log: SealedLog): readonly SealedEntry[] => {
  const sid = sidAt(log, intentAt(log));
  return log.entries.filter(({ entry }) => !('sid' in entry) || entry.sid !== sid);
};

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
  attack(
    'deletes an entry from a segment',
    ['segment_missing', 'sessions_stopped', 'approvals_stopped', 'checkpoint_unreached'],
    (files) => repack(files, 5, (lines) => lines.toSpliced(100, 1)),
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
  attack(
    'removes a whole session',
    ['checkpoint_root', 'checkpoint_beyond_log', 'manifest_unknown_session'],
    (files, log) => resegment(files, log, withoutSession(log)),
  ),
  attack('removes a whole session and its manifest', ['checkpoint_root', 'checkpoint_beyond_log'], (files, log) => {
    files.delete(manifestName(sidAt(log, intentAt(log))));
    resegment(files, log, withoutSession(log));
  }),
  attack(
    'removes a whole session, signs the rest and forgets its manifest',
    ['manifest_unknown_session'],
    (files, log) => {
      const name = manifestName(sidAt(log, intentAt(log)));
      const manifest = files.get(name) ?? new Uint8Array();
      resign(files, log, withoutSession(log));
      files.set(name, manifest);
    },
  ),
  attack(
    'dates an entry back by ten minutes',
    ['order_in_segment', 'order_backwards', 'checkpoint_root'],
    (files, log) =>
      resegment(
        files,
        log,
        splice(log.entries, 3010, altered(at(log.entries, 3010), { ts: '2026-11-22T09:50:00.000Z' })),
      ),
  ),
];

const sidAt = ({ entries }: SealedLog, index: number): string => {
  const { entry } = at(entries, index);
  return 'sid' in entry ? entry.sid : '';
};

const kept: readonly Attack[] = [
  {
    name: 'removes a whole session with its manifest and signs the rest',
    found: ['kept_fork'],
    apply: (files, log) => {
      const before = bytesAt(files, 'ckpt/', -3);
      resign(files, log, withoutSession(log));
      return before;
    },
  },
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
      flipLetter(damaged, 'kept', 0.8);
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

export const ATTACKS: readonly Attack[] = [
  ...[...flips, ...edits, ...FILE_ATTACKS, ...STRICT_ATTACKS],
  ...[...MANIFEST_ATTACKS, ...kept],
];
