// `countersign key`: the public keys that a log's checkpoints are verified with. To be filed by the bank when the log
// begins and at every rotation, apart from the log: a key that comes with the copy it is to check proves nothing.

import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { makeSigner } from '../../lambdas/adapters/kms-signer.ts';
import { makeEvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import { formatCosignerKey } from '../../lambdas/core/ledger/cosignature.ts';
import { KEY_PREFIX } from '../../lambdas/core/ledger/log-layout.ts';
import { formatVerifierKey, rawPublicKey } from '../../lambdas/core/ledger/note.ts';
import { formatPolicy } from '../../lambdas/core/ledger/trust-policy.ts';
import { CliError } from './cli-error.ts';
import {
  type Choice,
  findCheckpointKeys,
  findEvidenceBucket,
  findWitnesses,
  findWitnessKey,
  INSTALLATION_HELP,
  parseCommand,
  reading,
} from './installation.ts';
import { plain, write } from './text.ts';

const HELP = `Usage: countersign key [--policy | --witness] [--local | --stack NAME] [--json]

Prints the verifier keys (C2SP signed-note) of the log, as KMS gives them, the one that is to sign first; each under a
remark that says for which entries it was in force. The output is a file that countersign verify --key takes. To check
a log one key is enough from which the others were endorsed: file the output when the log begins, and after a rotation.

  --policy        prints a policy file for countersign verify instead: the log's key, and every witness that the
                  configuration names, all of them asked for. Compare the keys with the witnesses' operators
  --witness       prints the verifier key of a witness, with --stack naming the witness's stack
${INSTALLATION_HELP}`;

export const key = async (args: readonly string[]): Promise<number> => {
  const { values } = parseCommand(args, { policy: { type: 'boolean' }, witness: { type: 'boolean' } });
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  if (values.policy === true && values.witness === true) throw new CliError('Give --policy or --witness, not both');
  if (values.witness === true) write(await witnessKey(values));
  else if (values.policy === true) write((await logPolicy(values)).trimEnd());
  else await printKeys(values);
  return 0;
};

const printKeys = async (values: Choice & { readonly json?: boolean | undefined }): Promise<void> => {
  const keys = await loadKeys(values);
  if (values.json === true) for (const one of keys) write(JSON.stringify(one));
  else for (const one of keys) write(`# ${plain(remarkOf(one))}\n${one.key ?? '# KMS does not give its public key'}`);
};

/** A policy with every key of an installation's log that KMS gives, asking for every witness of its configuration. */
export const logPolicy = async (choice: Choice = {}): Promise<string> => {
  const { keyIds, origin } = await findCheckpointKeys(choice);
  const keys = await Promise.all(keyIds.map((keyId) => publicKeyOf(origin, keyId)));
  return formatPolicy(
    keys.filter((vkey) => vkey !== undefined),
    await findWitnesses(choice),
  );
};

const witnessKey = async (choice: Choice): Promise<string> => {
  const { keyId, name } = await findWitnessKey(choice);
  const raw = await rawKeyOf(keyId);
  if (raw === undefined) throw new CliError(`KMS does not give the public key of ${keyId}`);
  return formatCosignerKey(name, raw);
};

/** The verifier key that is to sign an installation's log, as KMS gives it. */
export const verifierKey = async (choice: Choice = {}): Promise<string> => {
  const { keyIds, origin } = await findCheckpointKeys(choice);
  const keyId = keyIds.at(-1) ?? '';
  const found = await publicKeyOf(origin, keyId);
  if (found === undefined) throw new CliError(`KMS does not give the public key of ${keyId}`);
  return found;
};

interface RecordedKey {
  readonly keyId: string;
  readonly generation: number;
  /** As KMS gives it; `null` when it was deleted there. */
  readonly key: string | null;
  /** Index of the entry that put it in force; `null` when the log does not name it yet. */
  readonly since: string | null;
  readonly revoked: { readonly entry: string; readonly upTo: string; readonly reason: string } | null;
}

const loadKeys = async (choice: Choice): Promise<readonly RecordedKey[]> => {
  const { keyIds, origin } = await findCheckpointKeys(choice);
  const recorded = await reading(loadRecords(await findEvidenceBucket(choice)));
  const keys = await Promise.all(
    keyIds.map(async (keyId, index) => {
      const found = (await publicKeyOf(origin, keyId)) ?? null;
      const record = recorded.find((one) => one['keyId'] === keyId);
      const revoked = recorded.find((one) => one['upTo'] !== undefined && one['key'] === record?.['key']);
      return {
        keyId,
        generation: index + 1,
        key: found,
        since: record?.['entry'] ?? null,
        revoked: revokedOf(revoked),
      };
    }),
  );
  return keys.reverse();
};

type KeyObject = Readonly<Record<string, string>>;

const revokedOf = (object: KeyObject | undefined): RecordedKey['revoked'] =>
  object === undefined
    ? null
    : { entry: object['entry'] ?? '', upTo: object['upTo'] ?? '', reason: object['reason'] ?? '' };

const loadRecords = async (bucket: string): Promise<readonly KeyObject[]> => {
  const log = makeEvidenceLog(new S3Client(), bucket);
  const records: KeyObject[] = [];
  for await (const name of log.listAfter(KEY_PREFIX, KEY_PREFIX)) {
    if (!name.endsWith('.json')) continue;
    records.push(JSON.parse(Buffer.from((await log.get(name)) ?? '').toString('utf8')) as KeyObject);
  }
  return records;
};

const publicKeyOf = async (origin: string, keyId: string): Promise<string | undefined> => {
  const raw = await rawKeyOf(keyId);
  return raw === undefined ? undefined : formatVerifierKey(origin, raw);
};

/** The 32 bytes of a key, as KMS gives them; `undefined` when it is gone there. */
const rawKeyOf = async (keyId: string): Promise<Uint8Array | undefined> => {
  const spki = await reading(makeSigner(new KMSClient(), keyId).publicKey()).catch((cause: unknown) => {
    // Deleted or disabled: the log and the bank's filing have its public half.
    if (cause instanceof Error && /^(?:NotFound|KMSInvalidState|Disabled)Exception$/.test(cause.name)) return undefined;
    throw cause;
  });
  const raw = spki === undefined ? undefined : rawPublicKey(spki);
  if (spki !== undefined && raw === undefined) throw new CliError(`${keyId} is not an Ed25519 key`);
  return raw;
};

const remarkOf = ({ generation, keyId, since, revoked }: RecordedKey): string => {
  const force = since === null ? 'not in the log yet' : `in force from entry ${since} on`;
  const doubt =
    revoked === null
      ? ''
      : `; REVOKED at entry ${revoked.entry}, believed up to ${revoked.upTo} entries: ${revoked.reason}`;
  return `generation ${generation}, ${force}${doubt}, ${keyId}`;
};
