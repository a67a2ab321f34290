// Attacks on strict calls: on their signed intents in the locked bucket, and on their entries before they were sealed,
// which the key that seals would sign without knowing.

import type { Intent } from '../../lambdas/core/ledger/entry.ts';
import { leafHash } from '../../lambdas/core/ledger/line.ts';
import { intentName } from '../../lambdas/core/ledger/log-layout.ts';
import { intentKeyName } from '../../lambdas/core/ledger/strict-intent.ts';
import { lockedIntent, ORIGIN, type SealedEntry } from '../support/sealed-entries.ts';
import { type FileMap, logKey, type SealedLog } from '../support/sealed-log.ts';
import { type Attack, altered, at, attack, find, flipLetter, nameAt, rename, resign, splice } from './attack.ts';

const ANOTHER_KEY = logKey(4, intentKeyName(ORIGIN));

/** The strict call of a session early in the log. */
const strictAt = ({ entries }: SealedLog): number => find(entries, 'call.intent', (entry) => entry['strict'] === true);
const strictOf = (log: SealedLog): Intent => at(log.entries, strictAt(log)).entry as Intent;
const fileOf = (log: SealedLog): string => intentName(strictOf(log).callId);

const isOfCall =
  ({ callId }: Intent) =>
  ({ entry }: SealedEntry): boolean =>
    'callId' in entry && entry.callId === callId;

/** Seals other entries with the right key; the locked bucket keeps all signed intents. */
const reseal = (files: FileMap, log: SealedLog, entries: readonly SealedEntry[]): void => {
  resign(files, log, entries);
  for (const { locked } of log.entries) if (locked !== undefined) files.set(locked.name, Buffer.from(locked.envelope));
};

const signAnew = (files: FileMap, log: SealedLog): void => {
  const { line } = at(log.entries, strictAt(log));
  const { name, envelope } = lockedIntent(ANOTHER_KEY, strictOf(log), leafHash(line));
  files.set(name, Buffer.from(envelope));
};

const registration = ({ entries }: SealedLog): number => find(entries, 'key.registered');

const objects: readonly Attack[] = [
  attack('damages a signed intent', ['strict_intent_signature'], (files, log) => flipLetter(files, fileOf(log), 0.3)),
  attack('cuts a signed intent off', ['strict_intent_malformed'], (files, log) =>
    files.set(fileOf(log), (files.get(fileOf(log)) ?? new Uint8Array()).subarray(0, 200)),
  ),
  attack('leaves a signed intent out of the copy', ['strict_intent_missing'], (files, log) =>
    files.delete(fileOf(log)),
  ),
  attack('swaps two signed intents', ['strict_intent_other'], (files, log) => {
    const second = nameAt(files, 'intent/', -1);
    const bytes = files.get(second) ?? new Uint8Array();
    rename(files, fileOf(log), second);
    files.set(fileOf(log), bytes);
  }),
  attack('signs an intent with another key', ['strict_intent_signature'], signAnew),
  attack('adds a signed intent of a call that has one', ['strict_intent_other'], (files, log) =>
    files.set(intentName('019a7d10-0000-7000-8000-ffffffffffff'), files.get(fileOf(log)) ?? new Uint8Array()),
  ),
  attack('adds an intent that is signed by nobody', ['strict_intent_malformed'], (files) =>
    files.set(intentName('019a7d10-0000-7000-8000-ffffffffffff'), Buffer.from('{}')),
  ),
  attack('adds a stray file among the signed intents', ['file_unexpected'], (files) =>
    files.set('intent/README.txt', Buffer.from('hello')),
  ),
];

const entries: readonly Attack[] = [
  attack('removes a strict call before it is sealed', ['strict_intent_without_entry', 'seq_missing'], (files, log) => {
    const isOf = isOfCall(strictOf(log));
    reseal(
      files,
      log,
      log.entries.filter((entry) => !isOf(entry)),
    );
  }),
  attack('removes a whole session before it is sealed', ['strict_intent_without_entry'], (files, log) => {
    const { sid } = strictOf(log);
    reseal(
      files,
      log,
      log.entries.filter(({ entry }) => !('sid' in entry) || entry.sid !== sid),
    );
  }),
  attack('changes a strict intent before it is sealed', ['strict_intent_other'], (files, log) => {
    const index = strictAt(log);
    const changed = altered(at(log.entries, index), { req: { apigw: 'x', ip: '198.51.100.1' } });
    reseal(files, log, splice(log.entries, index, changed));
  }),
  attack('makes a strict intent a plain one', ['strict_intent_without_entry'], (files, log) => {
    const index = strictAt(log);
    const plain = altered(at(log.entries, index), ({ strict: _strict, ...entry }) => entry);
    reseal(files, log, splice(log.entries, index, plain));
  }),
  attack('marks a plain intent as strict', ['strict_intent_missing'], (files, log) => {
    const index = find(log.entries, 'call.intent');
    reseal(files, log, splice(log.entries, index, altered(at(log.entries, index), { strict: true })));
  }),
  attack('removes the registration of the intent key', ['strict_intent_signature'], (files, log) =>
    reseal(files, log, log.entries.toSpliced(registration(log), 1)),
  ),
  attack('registers another key for it', ['strict_intent_signature'], (files, log) => {
    const other = altered(at(log.entries, registration(log)), { vkey: ANOTHER_KEY.vkey });
    reseal(files, log, splice(log.entries, registration(log), other));
  }),
  attack('registers the checkpoint key for it', ['intent_key_malformed', 'strict_intent_signature'], (files, log) => {
    const other = altered(at(log.entries, registration(log)), { vkey: log.key.vkey });
    reseal(files, log, splice(log.entries, registration(log), other));
  }),
  attack('removes a segment with strict calls', ['segment_missing', 'strict_intents_stopped'], (files) =>
    files.delete(nameAt(files, 'seg/', 3)),
  ),
];

/** What an honest log may show. */
const honest: readonly Attack[] = [
  attack(
    'nothing, and copies a log whose last strict intent is not sealed yet',
    ['strict_intent_unsealed'],
    (files, log) => {
      const index = log.entries.findLastIndex(({ locked }) => locked !== undefined);
      reseal(files, log, log.entries.slice(0, index));
    },
    'valid',
  ),
  attack(
    'nothing, and a gateway dies between a strict intent and its signed copy',
    ['strict_intent_unstored', 'outcome_unknown'],
    (files, log) => {
      const outcome = find(log.entries, 'call.outcome', (entry) => entry['callId'] === strictOf(log).callId);
      reseal(files, log, log.entries.toSpliced(outcome, 1));
      files.delete(fileOf(log));
    },
    'valid',
  ),
];

export const STRICT_ATTACKS: readonly Attack[] = [...objects, ...entries, ...honest];
