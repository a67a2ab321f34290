// Attacks by whoever holds the log's key, or keeps its files: what witnesses saw gives them away. And what witnesses
// themselves may get wrong.

import { cosignatureName, numberOf } from '../../lambdas/core/ledger/log-layout.ts';
import { leafHashOf, rootOf } from '../../lambdas/core/ledger/merkle.ts';
import {
  checkpointOf,
  type FileMap,
  logKey,
  type SealedLog,
  sealedLog,
  type WitnessKey,
  witnessKey,
} from '../support/sealed-log.ts';
import { type Attack, altered, at, bytesAt, find, flip, nameAt, namesOf, rename, resign, splice } from './attack.ts';

const [AUDIT, REGULATOR, AUDITOR] = [
  witnessKey(11, 'witness.bank.example/audit'),
  witnessKey(12, 'witness.regulator.example'),
  witnessKey(13, 'witness.auditor.example/w1'),
] as const;
const STRANGER = witnessKey(14, 'witness.stranger.example');
const IMPOSTOR = witnessKey(15, AUDIT.cosigner.name);

/** A cosigned checkpoint whose last signature claims to be by another key. */
const withKeyId = (note: Uint8Array, keyId: string): string => {
  const lines = Buffer.from(note).toString('utf8').trimEnd().split('\n');
  const [dash, name, encoded = ''] = (lines.pop() ?? '').split(' ');
  const signature = Buffer.concat([Buffer.from(keyId, 'hex'), Buffer.from(encoded, 'base64').subarray(4)]);
  return `${[...lines, [dash, name, signature.toString('base64')].join(' ')].join('\n')}\n`;
};

/** Entries are 30 seconds apart, and 20 minutes go by from one checkpoint to the next. */
export const WITNESSED: SealedLog = sealedLog({ sessions: 4, callsPerSession: 24, stepMs: 30_000 }, 40, logKey(), [
  AUDIT,
  REGULATOR,
  AUDITOR,
]);

/** Two of three. */
export const POLICY = `log ${WITNESSED.key.vkey}
witness audit ${AUDIT.vkey}
witness regulator ${REGULATOR.vkey}
witness auditor ${AUDITOR.vkey}
group two-of-three 2 audit regulator auditor
quorum two-of-three
`;

export interface WitnessAttack extends Attack {
  /** @default two of three */
  readonly policy?: string;
}

const attack = (
  name: string,
  found: Attack['found'],
  apply: (files: FileMap, log: SealedLog) => unknown,
  over: Partial<WitnessAttack> = {},
): WitnessAttack => ({
  name,
  found,
  apply: (files, log) => {
    apply(files, log);
    return undefined;
  },
  ...over,
});

const cosignaturesOf = (files: FileMap): readonly [string, Uint8Array][] =>
  [...files].filter(([name]) => name.startsWith('cosig/'));

const edited = ({ entries }: SealedLog) => {
  const index = find(entries, 'call.intent', ({ seq }) => seq === '3');
  return splice(entries, index, altered(at(entries, index), { req: { apigw: 'x', ip: '198.51.100.1' } }));
};

const removeCosignatures = (files: FileMap, which: (name: string) => boolean): void => {
  for (const name of namesOf(files, 'cosig/')) if (which(name)) files.delete(name);
};

const sizesOf = (files: FileMap): readonly number[] => namesOf(files, 'ckpt/').map((name) => numberOf(name) ?? 0);
const sizeAt = (files: FileMap, place: number): number => sizesOf(files).at(place) ?? 0;
const isBy = (witness: WitnessKey) => (name: string) => name.includes(witness.cosigner.keyId);
const isAfter = (size: number) => (name: string) => name > cosignatureName(size, 'ffffffff');

/** Lets a witness say another time about checkpoint number `place`: minutes after its true one. */
const shift = (files: FileMap, witness: WitnessKey, place: number, minutes: number): void => {
  const size = sizeAt(files, place);
  const note = bytesAt(files, 'ckpt/', place);
  const last = at(WITNESSED.entries, size - 1).entry.ts;
  const seconds = Math.floor(Date.parse(last) / 1000) + 2 + minutes * 60;
  files.set(cosignatureName(size, witness.cosigner.keyId), witness.cosign(note, seconds));
};

const forks: readonly WitnessAttack[] = [
  attack('forks the log with the same key', ['quorum_never'], (files, log) => resign(files, log, edited(log))),
  attack('forks the log and shows the cosignatures of the other history', ['cosignature_root'], (files, log) => {
    const seen = cosignaturesOf(files);
    resign(files, log, edited(log));
    for (const [name, bytes] of seen) files.set(name, bytes);
  }),
  attack('forks only the end of the log', ['cosignature_root'], (files, log) => {
    const seen = cosignaturesOf(files);
    const third = log.entries.length - 3;
    resign(files, log, splice(log.entries, third, altered(at(log.entries, third), { config: 'sha256:forked' })));
    for (const [name, bytes] of seen) files.set(name, bytes);
  }),
  attack('rolls the log back and forgets to hide what witnesses saw', ['cosignature_beyond_log'], (files) => {
    for (const prefix of ['seg/', 'ckpt/', 'bodies/']) files.delete(nameAt(files, prefix, -1));
  }),
  attack('removes a segment that witnesses saw', ['cosignature_unreached', 'segment_missing'], (files) =>
    files.delete(nameAt(files, 'seg/', 2)),
  ),
  attack('hides what all but one witness saw', ['quorum_never'], (files) =>
    removeCosignatures(files, (name) => !isBy(AUDIT)(name)),
  ),
  attack('goes on without witnesses for hours', ['quorum_late'], (files) =>
    removeCosignatures(files, isAfter(sizeAt(files, 0))),
  ),
  attack(
    'ends where the witnesses have not been yet',
    ['tail_unwitnessed'],
    (files) => removeCosignatures(files, isAfter(sizeAt(files, -3))),
    { verdict: 'valid' },
  ),
];

const files: readonly WitnessAttack[] = [
  attack('makes a cosigned checkpoint unreadable', ['cosignature_malformed'], (all) =>
    all.set(nameAt(all, 'cosig/', 3), Buffer.from('no\n')),
  ),
  attack('flips a bit in a cosignature', ['cosignature_signature'], (all) => flip(all, nameAt(all, 'cosig/', 3), 0.95)),
  attack('signs a cosignature with another key in the name of a witness', ['cosignature_signature'], (all) => {
    const size = sizeAt(all, 1);
    const forged = IMPOSTOR.cosign(bytesAt(all, 'ckpt/', 1), 1_795_341_602);
    const { keyId } = AUDIT.cosigner;
    // The id of the witness's key in front of the impostor's signature.
    all.set(cosignatureName(size, keyId), Buffer.from(withKeyId(forged, keyId)));
  }),
  attack('removes all cosignatures', ['quorum_never'], (all) => removeCosignatures(all, () => true)),
  attack('flips a bit in the log’s signature beside it', ['cosignature_signature'], (all) =>
    flip(all, nameAt(all, 'cosig/', 3), 0.55),
  ),
  attack('shows a cosignature of another log', ['cosignature_other_log'], (all, { key, entries }) => {
    const size = sizeAt(all, 1);
    const root = rootOf(entries.slice(0, size).map(({ line }) => leafHashOf(line)));
    const other = checkpointOf(key, { size, root }, 'mcp.other-bank.example/countersign');
    all.set(cosignatureName(size, AUDIT.cosigner.keyId), AUDIT.cosign(other, 1_795_341_602));
  }),
  attack('shows a cosignature of a checkpoint by another key', ['cosignature_other_log'], (all, { entries }) => {
    const size = sizeAt(all, 1);
    const root = rootOf(entries.slice(0, size).map(({ line }) => leafHashOf(line)));
    all.set(cosignatureName(size, AUDIT.cosigner.keyId), AUDIT.cosign(checkpointOf(logKey(2), { size, root }), 1));
  }),
  attack('moves a cosignature to another size', ['cosignature_name'], (all) =>
    rename(all, nameAt(all, 'cosig/', 3), cosignatureName(41, AUDIT.cosigner.keyId)),
  ),
  attack('lets one witness stand for another', ['cosignature_name'], (all) => {
    const size = sizeAt(all, 1);
    const note = all.get(cosignatureName(size, AUDIT.cosigner.keyId)) ?? new Uint8Array();
    all.set(cosignatureName(size, REGULATOR.cosigner.keyId), note);
  }),
  attack('renames a cosignature out of the log', ['file_unexpected'], (all) =>
    rename(all, nameAt(all, 'cosig/', 3), 'cosig/old.note'),
  ),
  attack(
    'adds a witness that nobody asked for',
    ['cosignature_unknown'],
    (all) => {
      const cosigned = STRANGER.cosign(bytesAt(all, 'ckpt/', 1), 1_795_341_602);
      all.set(cosignatureName(sizeAt(all, 1), STRANGER.cosigner.keyId), cosigned);
    },
    { verdict: 'valid' },
  ),
  attack('asks for no witness', ['quorum_none'], (all) => removeCosignatures(all, () => true), {
    policy: `log ${WITNESSED.key.vkey}\nquorum none\n`,
    verdict: 'valid',
  }),
];

const times: readonly WitnessAttack[] = [
  attack('dates entries after a witness has seen them', ['entry_postdated'], (all) => shift(all, AUDIT, 2, -10)),
  attack('has a witness that saw more before it saw less', ['cosignature_order'], (all) => shift(all, AUDIT, 2, 40)),
  attack(
    'dates entries back to before a witness saw the log without them',
    ['entry_sealed_late'],
    (all) => {
      for (const witness of [AUDIT, REGULATOR, AUDITOR]) shift(all, witness, 2, 15);
    },
    { verdict: 'valid' },
  ),
];

export const WITNESS_ATTACKS: readonly WitnessAttack[] = [...forks, ...files, ...times];
