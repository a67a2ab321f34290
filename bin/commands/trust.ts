// Whom a verification trusts: a log's key, or a policy that names the log and its witnesses. Node's own modules only.

import { readFile } from 'node:fs/promises';
import { parseVerifierKey, type Verifier } from '../../lambdas/core/ledger/note.ts';
import { parsePolicy, type TrustPolicy } from '../../lambdas/core/ledger/trust-policy.ts';
import { CliError } from './cli-error.ts';
import { readNamed } from './log-folder.ts';

export interface Trust {
  /** Keys of the log to verify, all of one log; at least one. */
  readonly keys: readonly Verifier[];
  /** `null`: no witness is asked for. */
  readonly policy: TrustPolicy | null;
}

interface Given {
  readonly key?: readonly string[] | undefined;
  readonly policy?: string | undefined;
}

export const loadTrust = async ({ key = [], policy: file }: Given): Promise<Trust> => {
  const keys = (await Promise.all(key.map(loadKeys))).flat();
  const other = keys.find(({ name }) => name !== keys[0]?.name);
  if (other !== undefined) throw new CliError(`--key names keys of two logs: ${keys[0]?.name} and ${other.name}`);
  if (file !== undefined) {
    const policy = await loadPolicy(file);
    return { keys: logOf(policy, keys), policy };
  }
  if (keys.length === 0) throw new CliError('Give --policy <file>, or the public key of the log: --key <key or file>');
  return { keys, policy: null };
};

export const loadPolicy = async (file: string): Promise<TrustPolicy> => {
  const policy = parsePolicy(await readNamed(file, '--policy'));
  if (policy.ok) return policy.value;
  const { line, detail } = policy.error;
  throw new CliError(`--policy ${file}, line ${line}: ${detail}`);
};

/** The log to verify: the only one of the policy, with all keys that it lists, or the one that --key names. */
const logOf = ({ logs }: TrustPolicy, keys: readonly Verifier[]): readonly Verifier[] => {
  if (keys.length === 0) {
    const names = new Set(logs.map(({ name }) => name));
    if (names.size === 1) return logs;
    throw new CliError(`The policy names ${names.size} logs; say which one to verify: --key <key or file>`);
  }
  const isListed = (key: Verifier) => logs.some(({ name, keyId }) => name === key.name && keyId === key.keyId);
  if (logs.length > 0 && !keys.every(isListed)) throw new CliError('--key is none of the logs that the policy names');
  return keys;
};

/** Keys in a file, one in each line (`#` begins a remark), or the one that was given as text. */
const loadKeys = async (given: string): Promise<readonly Verifier[]> => {
  const text = await readFile(given, 'utf8').catch(() => given);
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const keys = lines.map((line) => parseVerifierKey(line));
  const wrong = keys.find((key) => !key.ok);
  if (keys.length > 0 && wrong === undefined) return keys.flatMap((key) => (key.ok ? [key.value] : []));
  const why = wrong?.ok !== false ? 'it is empty' : 'detail' in wrong.error ? wrong.error.detail : wrong.error.reason;
  throw new CliError(`--key is neither a verifier key nor a file that holds some: ${why}`);
};
