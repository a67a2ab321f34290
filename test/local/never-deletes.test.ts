// The loopback S3 refuses every delete and shortening that AWS would (test/contract/s3-lock.test.ts). This is the other
// half: nothing that the gateway, the sealer and the commands do ever asks for one, nor for a write that could replace.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ClientRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportLog } from '../../bin/commands/export.ts';
import { LOG_ORIGIN_VARIABLE } from '../../bin/commands/installation.ts';
import { key } from '../../bin/commands/key.ts';
import { resourceEnvironment } from '../../local/gateway.ts';
import type { Stack } from '../../local/stack.ts';
import { call, modern, request } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

interface S3Call {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly headers: Readonly<Record<string, unknown>>;
}

const CHANNEL = 'http.client.request.start';
const sent: S3Call[] = [];
let calls: readonly S3Call[] = [];
let stack: TestStack;
let folder: string;

/** Node tells of every request that it sends, whoever sends it. */
const record = (message: unknown): void => {
  const { request } = message as { readonly request: ClientRequest };
  const url = new URL(request.path, 'http://127.0.0.1');
  const query = [...url.searchParams.keys()];
  sent.push({ method: request.method, path: url.pathname, query, headers: request.getHeaders() });
};

/** Those for the two locked buckets. */
const isForEvidence = ({ path }: S3Call): boolean => {
  const { evidenceBucket, copiesBucket } = stack.resources;
  return [evidenceBucket, copiesBucket].includes(path.split('/')[1] ?? '');
};

/** `/bucket` or `/bucket/`: the bucket itself, no object of it. */
const isBucket = (path: string): boolean => /^\/[^/]+\/?$/.test(path);

const seen = (pattern: RegExp): readonly S3Call[] =>
  calls.filter(({ method, path }) => pattern.test(`${method} ${path}`));

/** On the laptop the sealer can be asked to run. */
const sealNow = async (running: TestStack): Promise<void> => {
  if ('sealer' in running) await (running as unknown as Stack).sealer.run();
};

beforeAll(async () => {
  // Before anything starts: the sealer seals its first entries when it starts.
  subscribe(CHANNEL, record);
  stack = await startTestStack();
  Object.assign(process.env, resourceEnvironment(stack.resources), { [LOG_ORIGIN_VARIABLE]: stack.config.log.origin });
  folder = await mkdtemp(join(tmpdir(), 'countersign-never-deletes-'));
  const token = await stack.tokenOf('ana');
  const url = stack.url('core-banking');
  // An ordinary call, a body of its own in the bucket, a refusal, and a second round on what is sealed.
  for (let round = 0; round < 2; round += 1) {
    await call(url, { token, ...modern('tools/list', {}) });
    const long = { name: 'search_customers', arguments: { text: 'x'.repeat(100_000) } };
    await call(url, { token, ...modern('tools/call', long) });
    await call(url, { body: request('ping') });
    await sealNow(stack);
  }
  await exportLog([join(folder, 'log')]);
  await exportLog([join(folder, 'copies'), '--copies']);
  await key([]);
  calls = sent.filter(isForEvidence);
});
afterAll(async () => {
  unsubscribe(CHANNEL, record);
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

describe('everything that asked S3 for something', () => {
  it('was seen: bodies, segments, checkpoints, keys, the second copy', () => {
    const { evidenceBucket, copiesBucket } = stack.resources;
    for (const prefix of ['body', 'bodies', 'seg', 'ckpt', 'keys']) {
      expect(seen(new RegExp(`^PUT /${evidenceBucket}/${prefix}/`)).length, prefix).toBeGreaterThan(0);
    }
    for (const prefix of ['ckpt', 'keys']) {
      expect(seen(new RegExp(`^PUT /${copiesBucket}/${prefix}/`)).length, prefix).toBeGreaterThan(0);
    }
    expect(seen(/^GET /).length).toBeGreaterThan(5);
  });

  it('never asked to delete', () => {
    expect(calls.filter(({ method, query }) => method === 'DELETE' || query.includes('delete'))).toEqual([]);
  });

  it('never asked to change a lock, a setting or anything that is there', () => {
    expect(calls.filter(({ method }) => !['GET', 'HEAD', 'PUT'].includes(method))).toEqual([]);
    const writes = calls.filter(({ method, path }) => method === 'PUT' && !isBucket(path));
    expect(writes.flatMap(({ query }) => query).filter((name) => name !== 'x-id')).toEqual([]);
    for (const { path, headers } of writes) expect(headers['if-none-match'], path).toBe('*');
  });

  it('changed a bucket only to make it, locked', () => {
    const settings = calls.filter(({ method, path }) => method !== 'GET' && method !== 'HEAD' && isBucket(path));
    expect(settings.map(({ method, query }) => `${method} ${query.join()}`)).toEqual(
      [1, 2].flatMap(() => ['PUT ', 'PUT object-lock']),
    );
  });

  it('never asked to pass over a lock, or for one shorter than the bucket’s', () => {
    const names = new Set(calls.filter(({ path }) => !isBucket(path)).flatMap(({ headers }) => Object.keys(headers)));
    expect([...names].filter((name) => /bypass|object-lock/.test(name))).toEqual([]);
  });
});
