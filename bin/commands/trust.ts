// Whom a verification trusts: a log's key, or a policy that names the log and its witnesses. Node's own modules only.

import { readFile } from 'node:fs/promises';
import { parseVerifierKey, type Verifier } from '../../lambdas/core/ledger/note.ts';
import { parsePolicy, type TrustPolicy } from '../../lambdas/core/ledger/trust-policy.ts';
import { CliError } from './cli-error.ts';
import { readNamed } from './log-folder.ts';

export interface Trust {
  readonly verifier: Verifier;
  /** `null`: no witness is asked for. */
  readonly policy: TrustPolicy | null;
}

interface Given {
  readonly key?: string | undefined;
  readonly policy?: string | undefined;
}

export const loadTrust = async ({ key, policy: file }: Given): Promise<Trust> => {
  if (file !== undefined) {
    const policy = await loadPolicy(file);
    return { verifier: logOf(policy, key === undefined ? undefined : await loadKey(key)), policy };
  }
  if (key === undefined) throw new CliError('Give --policy <file>, or the public key of the log: --key <key or file>');
  return { verifier: await loadKey(key), policy: null };
};

export const loadPolicy = async (file: string): Promise<TrustPolicy> => {
  const policy = parsePolicy(await readNamed(file, '--policy'));
  if (policy.ok) return policy.value;
  const { line, detail } = policy.error;
  throw new CliError(`--policy ${file}, line ${line}: ${detail}`);
};

/** The log to verify: the only one of the policy, or the one of it that --key names. */
const logOf = ({ logs }: TrustPolicy, key: Verifier | undefined): Verifier => {
  if (key === undefined) {
    const [only, ...others] = logs;
    if (only !== undefined && others.length === 0) return only;
    throw new CliError(`The policy names ${logs.length} logs; say which one to verify: --key <key or file>`);
  }
  const isNamed = logs.length === 0 || logs.some(({ name, keyId }) => name === key.name && keyId === key.keyId);
  if (!isNamed) throw new CliError('--key is none of the logs that the policy names');
  return key;
};

const loadKey = async (given: string): Promise<Verifier> => {
  const text = await readFile(given, 'utf8').catch(() => given);
  const key = parseVerifierKey(text);
  if (key.ok) return key.value;
  const why = 'detail' in key.error ? key.error.detail : key.error.reason;
  throw new CliError(`--key is neither a verifier key nor a file that holds one: ${why}`);
};
