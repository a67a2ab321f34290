// Time that the gateway adds to one call inside its process: everything from admitting the request to the last byte of
// the reply, with an upstream that answers at once. Once with a ledger that costs nothing, once with the loopback AWS.

import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { loadCedar } from '../lambdas/adapters/cedar.ts';
import { newId, systemClock } from '../lambdas/adapters/clock.ts';
import { makeRecords, type Records } from '../lambdas/adapters/dynamo-records.ts';
import { sealingContent } from '../lambdas/adapters/jwe-sealer.ts';
import { type ContentKeys, makeContentKeys } from '../lambdas/adapters/kms-content-keys.ts';
import type { Upstream } from '../lambdas/adapters/upstream-http.ts';
import { kidOf, splitDataKey } from '../lambdas/core/ledger/content-keys.ts';
import type { McpRequest } from '../lambdas/core/mcp/http.ts';
import { makePolicy } from '../lambdas/core/policy/policy.ts';
import { ok } from '../lambdas/core/result.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import { makeMasking } from '../lambdas/mcp/masking.ts';
import { makeMcp } from '../lambdas/mcp/mcp.ts';
import { ENGINE_FILE } from '../lib/policy/compile.ts';
import { startLocalAws } from '../local/aws/server.ts';
import { awsEnvironment, LOCAL_REGION } from '../local/gateway.ts';
import { readLaptopConfig } from '../local/laptop-config.ts';
import { fixedPorts } from '../local/ports.ts';
import { provision } from '../local/provision.ts';
import { NO_APPROVALS } from '../test/support/no-approvals.ts';
import { type Measurement, percentile } from './report.ts';

const WARM_UP = 500;

/** A ledger and keys that cost nothing. */
export const freeRecords: Records = {
  touch: (sid, owner, now, limits) =>
    Promise.resolve({
      ok: true,
      session: {
        ...owner,
        sid,
        status: 'open',
        seq: 1,
        openedAt: now,
        lastSeenAt: now,
        endsAt: now + limits.maxSeconds,
        upstreamSession: null,
        ended: null,
      },
    }),
  findWindow: () => Promise.resolve(undefined),
  findConfig: () => Promise.resolve(undefined),
  commit: () => Promise.resolve(),
  saveContentKey: () => Promise.resolve(),
};

export const freeKeys: ContentKeys = {
  generate: (sid) => {
    const wrapped = Buffer.from(sid);
    return Promise.resolve({
      kid: kidOf(wrapped),
      wrapped: wrapped.toString('base64'),
      ...splitDataKey(Buffer.alloc(32, 7)),
    });
  },
};

/** A 2 KB answer, at once. */
const answer = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  result: {
    content: [{ type: 'text', text: 'x'.repeat(1000) }],
    structuredContent: { rows: Array.from({ length: 20 }, (_, id) => ({ id, name: 'row' })) },
  },
});
/** An upstream that answers at once. */
export const saying = (type: string, ...chunks: readonly Uint8Array[]): Upstream => ({
  send: () => {
    const body = (async function* () {
      for (const chunk of chunks) yield await Promise.resolve(chunk);
    })();
    return Promise.resolve(ok({ status: 200, headers: { 'content-type': type }, body, cancel: () => undefined }));
  },
});

export const benchRequest = (config: GatewayConfig): McpRequest => ({
  httpMethod: 'POST',
  server: 'core-banking',
  headers: {
    'content-type': 'application/json',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'search_customers',
  },
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: {
      name: 'search_customers',
      arguments: { text: 'text '.padEnd(1500, 'x') },
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    },
  }),
  principal: {
    ...{
      issuer: config.identity.issuer,
      subject: 'bench',
      kind: 'person',
      name: 'Bench',
      groups: ['analysts'],
      client: 'bench',
    },
    ...{ scopes: ['mcp'], tokenId: null, authTime: null, acr: null, amr: [], expiresAt: 0 },
  },
  requestId: 'bench',
  run: null,
  sourceIp: '127.0.0.1',
  receivedAt: Date.now(),
  deadlineAt: Date.now() + 900_000,
});

interface Outside {
  readonly records: Records;
  readonly contentKeys: ContentKeys;
  readonly upstream: Upstream;
}

/** The whole column of the mcp function, with the configuration of the laptop. */
export const benchGateway = (
  { records, contentKeys, upstream }: Outside,
  adapt = (config: GatewayConfig) => config,
) => {
  const config = adapt(readLaptopConfig({ file: 'config/countersign.yaml', ports: fixedPorts() }));
  const policy = makePolicy(config, loadCedar(ENGINE_FILE, '/', config.policy, console.error));
  const mcp = makeMcp({
    policy,
    ...{ config, configDigest: `sha256:${'0'.repeat(64)}`, gateway: { fn: 'mcp', code: 'bench', region: 'bench' } },
    ...{ records, contentKeys, seal: sealingContent, upstream, clock: systemClock, newId },
    // Not reached: the calls measured are not strict.
    intentSigner: { keyId: 'bench', sign: () => Promise.reject(new Error('not strict')) },
    lockedIntents: { putOnce: () => Promise.reject(new Error('not strict')) },
    masking: makeMasking({
      config,
      readSecret: () => Promise.reject(new Error('no tokens')),
      detect: null,
      clock: systemClock,
    }),
    sealedUntil: () => Promise.reject(new Error('not strict')),
    ...NO_APPROVALS,
    bodies: { save: () => Promise.resolve() },
    credentials: { authorize: () => Promise.resolve({}) },
    diagnostics: { error: (message, cause) => console.error(message, cause) },
  });
  return { mcp, config };
};

const measure = async (
  name: string,
  calls: number,
  records: Records,
  contentKeys: ContentKeys,
  budgets: readonly number[] = [],
) => {
  const upstream = saying('application/json', Buffer.from(answer));
  const { mcp, config } = benchGateway({ records, contentKeys, upstream });
  const sent = benchRequest(config);
  const samples: number[] = [];
  for (let index = -WARM_UP; index < calls; index += 1) {
    const started = performance.now();
    const reply = await mcp(sent);
    if (reply.statusCode !== 200 || typeof reply.body === 'string') throw new Error(`answered ${reply.statusCode}`);
    await text(reply.body);
    if (index >= 0) samples.push(performance.now() - started);
  }
  const [p50, p99] = budgets;
  return [
    { name: `${name}, p50`, value: percentile(samples, 50), unit: 'ms', ...(p50 === undefined ? {} : { atMost: p50 }) },
    { name: `${name}, p99`, value: percentile(samples, 99), unit: 'ms', ...(p99 === undefined ? {} : { atMost: p99 }) },
  ] satisfies Measurement[];
};

export const benchPipeline = async (): Promise<Measurement[]> => {
  const free = await measure('added per call, ledger free of cost', 5000, freeRecords, freeKeys, [1, 5]);
  const aws = await startLocalAws({ port: 0, dataDir: null });
  Object.assign(process.env, awsEnvironment(aws.url));
  const resources = await provision({ endpoint: aws.url, region: LOCAL_REGION, secrets: {} });
  const tables = {
    ledger: resources.ledgerTable,
    sessions: resources.sessionsTable,
    approvals: resources.approvalsTable,
  };
  const records = makeRecords(new DynamoDBClient(), tables);
  const keys = makeContentKeys(new KMSClient(), resources.contentKeyId, 'bench.invalid/log');
  const local = await measure('added per call, ledger in the loopback AWS', 1000, records, keys);
  await aws.close();
  return [...free, ...local];
};
