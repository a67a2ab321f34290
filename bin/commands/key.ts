// `countersign key`: the public key that a log's checkpoints are verified with. To be filed by the bank when the log
// begins, apart from the log: a key that comes with the copy it is to check proves nothing.

import { KMSClient } from '@aws-sdk/client-kms';
import { makeSigner } from '../../lambdas/adapters/kms-signer.ts';
import { formatVerifierKey, rawPublicKey } from '../../lambdas/core/ledger/note.ts';
import { CliError } from './cli-error.ts';
import { type Choice, findCheckpointKey, INSTALLATION_HELP, parseCommand, reading } from './installation.ts';
import { write } from './text.ts';

const HELP = `Usage: countersign key [--local | --stack NAME]

Prints the verifier key (C2SP signed-note) of the log, as KMS gives it.

${INSTALLATION_HELP}`;

export const key = async (args: readonly string[]): Promise<number> => {
  const { values } = parseCommand(args, {});
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  write(await verifierKey(values));
  return 0;
};

/** The verifier key of an installation's log, as KMS gives it. */
export const verifierKey = async (choice: Choice = {}): Promise<string> => {
  const { keyId, origin } = await findCheckpointKey(choice);
  const publicKey = rawPublicKey(await reading(makeSigner(new KMSClient(), keyId).publicKey()));
  if (publicKey === undefined) throw new CliError(`${keyId} is not an Ed25519 key`);
  return formatVerifierKey(origin, publicKey);
};
