// `countersign keys`: what is done with content keys.

import { CliError } from './cli-error.ts';
import { unwrapKeys } from './keys-unwrap.ts';
import { write } from './text.ts';

const HELP = `Usage: countersign keys unwrap <session>… --reason TEXT --out FILE [--local | --stack NAME]
       countersign keys unwrap --all --reason TEXT --out FILE [--local | --stack NAME]

unwrap: has KMS unwrap the data keys of sessions, with your own AWS credentials, and writes them to a file with which
countersign verify --content-keys opens the recorded bodies. That you did, when and why is an entry of the log
(evidence.read) before the first key is unwrapped.`;

export const keys = async ([action, ...args]: readonly string[]): Promise<number> => {
  if (action === 'unwrap') return await unwrapKeys(args);
  if (action === undefined || action === '--help' || action === '-h') {
    write(HELP);
    return action === undefined ? 2 : 0;
  }
  throw new CliError(`No action "${action}" on keys; there is unwrap`);
};
