// A day of the whole stack, compared with what its API Gateway logged: everything that a client can do leaves either an
// entry or a line that says that API Gateway answered alone.

import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSignatureTrail } from '../../lambdas/adapters/cloudtrail-signatures.ts';
import { makeAccessLog } from '../../lambdas/adapters/logs-access-log.ts';
import { makeEvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import { makeLogTimes } from '../../lambdas/adapters/s3-log-times.ts';
import { dayWindow } from '../../lambdas/core/ledger/reconcile/day-window.ts';
import { compareDay } from '../../lambdas/reconciler/compare-day.ts';
import { accessLine } from '../../local/api-gateway/access-log.ts';
import { call, initialize, modern, request } from '../support/mcp-call.ts';
import { waitUntilSealed } from '../support/sealed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  // Kept in memory; a deployment's API Gateway is an emulator's, and writes no access log.
  stack = await startTestStack({ dataDir: null });
});
afterAll(() => stack.close());

const useEverything = async (): Promise<void> => {
  const url = stack.url('core-banking');
  const token = await stack.tokenOf('ana');
  const opened = await call(url, { token, body: initialize() });
  const headers = {
    'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': '2025-11-25',
  };
  await call(url, { token, headers, body: request('tools/list') });
  await call(url, { token, ...modern('tools/call', { name: 'get_customer', arguments: { customerId: 'CUS-0001' } }) });
  await call(url, { token, headers, method: 'DELETE' });
  await call(url, { token, body: 'not JSON' });
  await call(url, { token: await stack.tokenOf('amir'), ...modern('tools/list') });
  await call(url, { body: request('ping') });
  await call(url, { token: 'forged', body: request('ping') });
  await call(`${stack.publicUrl}/no/such/path`, { token, body: request('ping') });
  await call(url, { token, method: 'PUT' });
  await fetch(`${stack.publicUrl}/.well-known/oauth-protected-resource`);
  await call(url, { token, body: request('tools/call', { text: 'x'.repeat(11 * 1024 * 1024) }) }).catch(
    () => undefined,
  );
};

const compareToday = async () => {
  await waitUntilSealed(stack);
  const s3 = new S3Client({ forcePathStyle: true });
  const ports = {
    log: makeEvidenceLog(s3, stack.resources.evidenceBucket),
    times: makeLogTimes(s3, stack.resources.evidenceBucket),
    accessLog: makeAccessLog(new CloudWatchLogsClient(), stack.resources.accessLogGroup),
    trail: makeSignatureTrail(new CloudTrailClient(), stack.resources.checkpointKeyIds),
  };
  const window = dayWindow(new Date().toISOString().slice(0, 10)) ?? expect.fail('a day');
  return compareDay(ports, window, { beat: () => undefined, lastTry: true });
};
const NONE = { count: 0, ids: [] };

describe('a day of the stack', () => {
  it('agrees with the log of its API Gateway, and each signature has its object', async () => {
    await useEverything();
    // Twelve requests, and two of each sign-in. The last lines are on their way.
    const agreeing = { missing: NONE, failed: NONE, invented: NONE, repeated: NONE, unreadable: 0 };
    await expect
      .poll(async () => (await compareToday()).requests, { timeout: 30_000, interval: 500 })
      .toMatchObject({ ok: true, result: { ...agreeing, logged: 16, alone: 6, entries: 10 } });
    expect((await compareToday()).signatures).toMatchObject({ ok: true, result: { unexplained: NONE } });
  }, 60_000);

  it('does not agree when API Gateway saw a request that no entry names', async () => {
    const logs = new CloudWatchLogsClient();
    const where = { logGroupName: stack.resources.accessLogGroup, logStreamName: 'unrecorded' };
    await logs.send(new CreateLogStreamCommand(where));
    const time = Date.now();
    const facts = {
      requestId: 'unrecorded',
      time: String(time),
      resourcePath: '/mcp/{server}',
      integrationStatus: '200',
      status: '200',
    };
    await logs.send(
      new PutLogEventsCommand({ ...where, logEvents: [{ timestamp: time, message: accessLine(facts) }] }),
    );
    expect((await compareToday()).requests).toMatchObject({ result: { missing: { count: 1, ids: ['unrecorded'] } } });
  });
});
