import { afterEach, describe, expect, it, vi } from 'vitest';
import { ENV } from '../../lambdas/contract.ts';
import { EnvError, readEnv, region, responseTransfer, taskRoot } from '../../lambdas/env.ts';

afterEach(() => vi.unstubAllEnvs());

describe('readEnv', () => {
  it('reads the named variables and no others', () => {
    vi.stubEnv('LEDGER_TABLE', 'ledger');
    vi.stubEnv('SESSIONS_TABLE', 'sessions');
    expect(readEnv([ENV.ledgerTable])).toEqual({ LEDGER_TABLE: 'ledger' });
  });

  it('names every variable that is missing or empty at once', () => {
    vi.stubEnv('LEDGER_TABLE', 'ledger');
    vi.stubEnv('SESSIONS_TABLE', '');
    vi.stubEnv('PUBLIC_URL', undefined);
    const read = () => readEnv([ENV.ledgerTable, ENV.sessionsTable, ENV.publicUrl]);
    expect(read).toThrow(EnvError);
    expect(read).toThrow(/missing: SESSIONS_TABLE, PUBLIC_URL\./);
  });
});

describe('taskRoot', () => {
  it('is where Lambda put the bundle, else the working folder', () => {
    vi.stubEnv('LAMBDA_TASK_ROOT', '/var/task');
    expect(taskRoot()).toBe('/var/task');
    vi.stubEnv('LAMBDA_TASK_ROOT', undefined);
    expect(taskRoot()).toBe(process.cwd());
  });
});

describe('region', () => {
  it('is what the Lambda runtime says', () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    expect(region()).toBe('eu-west-1');
    vi.stubEnv('AWS_REGION', undefined);
    expect(region()).toBe('unknown');
  });
});

describe('responseTransfer', () => {
  it.each(['stream', 'buffered'])('takes %s', (value) => {
    vi.stubEnv('RESPONSE_TRANSFER', value);
    expect(responseTransfer()).toBe(value);
  });

  it.each([undefined, '', 'STREAM', 'streamed'])('does not guess what %j means', (value) => {
    vi.stubEnv('RESPONSE_TRANSFER', value);
    expect(responseTransfer).toThrow(expect.objectContaining({ code: 'ENV_INCOMPLETE' }));
  });
});
