// The only reader of process.env in the runtime. Read once at cold start; every missing name is reported at once.

import { ENV, type EnvName } from './contract.ts';

export class EnvError extends Error {
  readonly code = 'ENV_INCOMPLETE';
}

/** Reads the named variables; throws one error naming all that are missing or empty. */
export const readEnv = <Name extends EnvName>(names: readonly Name[]): Readonly<Record<Name, string>> => {
  const missing = names.filter((name) => (process.env[name] ?? '') === '');
  if (missing.length > 0) {
    throw new EnvError(
      `Environment variables missing: ${missing.join(', ')}. The CDK construct of this function sets them.`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, process.env[name]])) as Record<Name, string>;
};

/** Where the function's bundle and its configuration lie. */
export const taskRoot = (): string => process.env['LAMBDA_TASK_ROOT'] ?? process.cwd();

/** The Region this function runs in, as the Lambda runtime says. */
export const region = (): string => process.env['AWS_REGION'] ?? 'unknown';

/** How the mcp function must hand over its answers; anything but the two known words is an error. */
export const responseTransfer = (): 'stream' | 'buffered' => {
  const value = process.env[ENV.responseTransfer];
  if (value === 'stream' || value === 'buffered') return value;
  throw new EnvError(`${ENV.responseTransfer} is ${JSON.stringify(value)}, expected "stream" or "buffered"`);
};
