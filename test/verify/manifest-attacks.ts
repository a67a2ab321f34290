// Attacks on the manifests of sessions: by someone who holds the files, and by someone who holds the key.

import { openEnvelope } from '../../lambdas/core/ledger/dsse.ts';
import { canonicalJson } from '../../lambdas/core/ledger/jcs.ts';
import { manifestName } from '../../lambdas/core/ledger/log-layout.ts';
import { idOf, type SealedEntry } from '../support/sealed-entries.ts';
import { type FileMap, logKey, type SealedLog } from '../support/sealed-log.ts';
import { type Attack, altered, at, attack, bytesAt, find, nameAt, rename, resign } from './attack.ts';

const FIRST = 'manifest/';

const textAt = (files: FileMap, which: number): string => Buffer.from(bytesAt(files, FIRST, which)).toString('utf8');

/** Changes the text of a manifest's envelope. */
const rewrite = (files: FileMap, change: (text: string) => string): void => {
  files.set(nameAt(files, FIRST, 3), Buffer.from(change(textAt(files, 3)), 'utf8'));
};

type Loose = { [name: string]: Loose } & { [name: string]: unknown };

/** Signs another statement in the place of one. */
const lie = (files: FileMap, log: SealedLog, change: (statement: Loose) => void, key = log.key): void => {
  const opened = openEnvelope(bytesAt(files, FIRST, 3), log.key.verifier);
  const statement = JSON.parse(opened.ok ? opened.value : '') as Loose;
  change(statement);
  files.set(nameAt(files, FIRST, 3), key.envelope(canonicalJson(statement)));
};

const files: readonly Attack[] = [
  attack('removes a manifest', ['manifest_missing'], (copy) => copy.delete(nameAt(copy, FIRST, 3))),
  attack('removes all manifests', ['manifest_missing'], (copy) => {
    for (const name of [...copy.keys()].filter((one) => one.startsWith(FIRST))) copy.delete(name);
  }),
  attack('flips a bit in what a manifest says', ['manifest_signature'], (copy) =>
    rewrite(copy, (text) => text.replace('eyJfdHlwZSI6', 'eyJfdHlwZSI7')),
  ),
  attack('flips a bit in a manifest’s signature', ['manifest_signature'], (copy) =>
    rewrite(copy, (text) => text.replace(/"sig":"(.)/, (_, first: string) => `"sig":"${first === 'A' ? 'B' : 'A'}`)),
  ),
  attack('changes the key id in a manifest', ['manifest_malformed'], (copy) =>
    rewrite(copy, (text) => text.replace(/"keyid":"./, '"keyid":"g')),
  ),
  attack('adds a member beside what is signed', ['manifest_malformed'], (copy) =>
    rewrite(copy, (text) => text.replace('{"payload"', '{"note":"all is well","payload"')),
  ),
  attack('writes a manifest with a space', ['manifest_malformed'], (copy) =>
    rewrite(copy, (text) => text.replace(',', ', ')),
  ),
  attack('puts something else in the place of a manifest', ['manifest_malformed'], (copy) =>
    rewrite(copy, () => 'hello'),
  ),
  attack('swaps two manifests', ['manifest_other_session'], (copy) => {
    const [one, other] = [nameAt(copy, FIRST, 3), nameAt(copy, FIRST, 9)];
    const bytes = copy.get(one) ?? new Uint8Array();
    rename(copy, other, one);
    copy.set(other, bytes);
  }),
  attack('renames a manifest', ['manifest_other_session', 'manifest_missing'], (copy) =>
    rename(copy, nameAt(copy, FIRST, 3), manifestName(idOf(0xfffff))),
  ),
  attack('renames a manifest out of the log', ['file_unexpected', 'manifest_missing'], (copy) =>
    rename(copy, nameAt(copy, FIRST, 3), 'manifest/old.dsse.json'),
  ),
  attack('removes a segment, and with it what manifests are about', ['manifests_stopped'], (copy) =>
    copy.delete(nameAt(copy, 'seg/', 9)),
  ),
];

/** The log goes on with a call of a session whose manifest is written; the manifest stays. */
const afterManifest = (copy: FileMap, log: SealedLog): void => {
  const kept = new Map([...copy].filter(([name]) => name.startsWith(FIRST)));
  const intent = at(log.entries, find(log.entries, 'call.intent'));
  const { ts } = at(log.entries, -1).entry;
  const late: SealedEntry = { ...altered(intent, { seq: '50', args: null, ts, id: idOf(0xffffffff) }), body: null };
  resign(copy, log, [...log.entries, late]);
  for (const [name, bytes] of kept) copy.set(name, bytes);
};

const lies: readonly Attack[] = [
  attack('signs a manifest with another key', ['manifest_signature'], (copy, log) =>
    lie(copy, log, () => undefined, logKey(2)),
  ),
  attack('signs a manifest of another person', ['manifest_mismatch'], (copy, log) =>
    lie(copy, log, ({ predicate }) => {
      (predicate?.['principal'] as Loose)['sub'] = 'mallory' as never;
    }),
  ),
  attack('signs a manifest that counts fewer calls', ['manifest_mismatch'], (copy, log) =>
    lie(copy, log, ({ predicate }) => {
      (predicate?.['calls'] as Loose)['counted'] = '48' as never;
    }),
  ),
  attack('signs a manifest of another root', ['manifest_mismatch'], (copy, log) =>
    lie(copy, log, (statement) => {
      statement['subject'] = [
        { ...(statement['subject'] as unknown as Loose[])[0], digest: { sha256: 'ab' } },
      ] as never;
    }),
  ),
  attack('signs a manifest that says more', ['manifest_mismatch'], (copy, log) =>
    lie(copy, log, ({ predicate }) => {
      (predicate as Loose)['verdict'] = 'all is well' as never;
    }),
  ),
  attack('signs a statement of another kind as a manifest', ['manifest_malformed'], (copy, log) =>
    lie(copy, log, (statement) => {
      statement['predicateType'] = 'https://slsa.dev/provenance/v1' as never;
    }),
  ),
  attack('signs a manifest of a session that was never recorded', ['manifest_unknown_session'], (copy, log) => {
    const sid = idOf(0xfffff);
    lie(copy, log, (statement) => {
      statement['subject'] = [{ name: `session/${sid}`, digest: { sha256: 'ab' } }] as never;
    });
    rename(copy, nameAt(copy, FIRST, 3), manifestName(sid));
  }),
  attack('adds a call to a session that has its manifest', ['manifest_mismatch', 'call_after_close'], afterManifest),
];

export const MANIFEST_ATTACKS: readonly Attack[] = [...files, ...lies];
