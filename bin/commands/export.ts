// `countersign export`: copies the sealed log into a folder or a zip file, for whoever verifies it without AWS. What is in
// the folder already is not copied again: objects of the log never change.

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { type EvidenceLog, makeEvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import { COPIED_PREFIXES } from '../../lambdas/contract.ts';
import { COPY_ORDER } from '../../lambdas/core/ledger/log-layout.ts';
import { CliError } from './cli-error.ts';
import { findCopiesBucket, findEvidenceBucket, INSTALLATION_HELP, parseCommand, reading } from './installation.ts';
import { dim, write } from './text.ts';
import { writeZip } from './zip-file.ts';

const HELP = `Usage: countersign export <folder> [--copies] [--local | --stack NAME]
       countersign export --zip FILE [--copies] [--local | --stack NAME]

Copies the sealed log (segments, checkpoints, manifests, ciphertexts) from the evidence bucket into a folder. Run again, it
adds what is new. Verify it anywhere, without AWS: countersign verify <folder or zip> --key <verifier key>

  --zip FILE      writes one zip file instead, which must not be there yet; the same log makes the same bytes
  --copies        takes the second copy instead: checkpoints and public keys, from a bucket that no deletable key encrypts.
                  Into a folder that was exported before, when the evidence bucket cannot be read any more
${INSTALLATION_HELP}`;

const COPIED_AT_ONCE = 8;

export const exportLog = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseCommand(args, { zip: { type: 'string' }, copies: { type: 'boolean' } });
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const [folder] = positionals;
  if (positionals.length > 1 || (folder === undefined) === (values.zip === undefined))
    throw new CliError('Name one folder, or one file with --zip: countersign export <folder>');
  const copies = values.copies === true;
  const bucket = await (copies ? findCopiesBucket(values) : findEvidenceBucket(values));
  const log = makeEvidenceLog(new S3Client(), bucket);
  const names = await reading(listAll(log, copies ? COPIED_PREFIXES : COPY_ORDER));
  if (values.zip !== undefined) {
    await writeZip(values.zip, names, (name) => readObject(log, name));
    write(`${names.length} objects written to ${values.zip}`);
  }
  if (folder !== undefined) await copyInto(folder, log, names);
  write(dim('The verifier key must come from elsewhere: the platform team printed it when the log began.'));
  return 0;
};

const copyInto = async (folder: string, log: EvidenceLog, names: readonly string[]): Promise<void> => {
  const missing = names.filter((name) => !existsSync(join(folder, name)));
  for (let at = 0; at < missing.length; at += COPIED_AT_ONCE) {
    await Promise.all(missing.slice(at, at + COPIED_AT_ONCE).map((name) => copy(log, name, folder)));
  }
  write(`${missing.length} of ${names.length} objects copied to ${folder}`);
};

const listAll = async (log: EvidenceLog, prefixes: readonly string[]): Promise<readonly string[]> => {
  const names: string[] = [];
  for (const prefix of prefixes) {
    for await (const name of log.listAfter(prefix, '')) names.push(name);
  }
  return names;
};

const readObject = async (log: EvidenceLog, name: string): Promise<Uint8Array> => {
  const bytes = await log.get(name);
  if (bytes === undefined) throw new CliError(`${name} is listed and cannot be read`);
  return bytes;
};

const copy = async (log: EvidenceLog, name: string, folder: string): Promise<void> => {
  const bytes = await readObject(log, name);
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes, { flag: 'wx' });
};
