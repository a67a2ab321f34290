import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeWitnessClient } from '../../lambdas/adapters/witness-http.ts';
import type { WitnessEndpointConfig } from '../../lambdas/gateway-config.ts';
import { witnessKey } from '../support/sealed-log.ts';
import { listen } from './loopback.ts';

const { cosigner } = witnessKey(7, 'witness.example/w1');
const clientOf = (url: string, auth: WitnessEndpointConfig['auth'] = { kind: 'none' }) =>
  makeWitnessClient({ url, auth }, cosigner);
const BODY = 'old 0\n\nlog\n\u2014 a b\n';

afterEach(() => void vi.unstubAllEnvs());

describe('makeWitnessClient', () => {
  it.each(['', '/'])(
    'posts the body below the prefix, ending in %j or not, and hands back status and bytes',
    async (end) => {
      const server = await listen(
        (response) => void response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('5\n'),
      );
      const answer = await clientOf(`${server.url}/prefix${end}`).addCheckpoint(BODY);
      expect({ ...answer, body: Buffer.from(answer.body).toString() }).toEqual({ status: 409, body: '5\n' });
      expect(server.asked).toEqual([
        expect.objectContaining({ method: 'POST', url: '/prefix/add-checkpoint', body: BODY }),
      ]);
      expect(server.asked[0]?.headers).not.toHaveProperty('authorization');
    },
  );

  it('signs for the function URL of the Region that the function is in', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'session');
    const server = await listen((response) => void response.end());
    const auth = { kind: 'sigv4', function: 'arn:aws:lambda:eu-central-1:222233334444:function:witness' } as const;
    await clientOf(server.url, auth).addCheckpoint(BODY);
    const headers = server.asked[0]?.headers ?? {};
    expect(headers.authorization).toMatch(/Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/lambda\/aws4_request/);
    expect(headers['x-amz-security-token']).toBe('session');
    // That the signature is right, the tests of upstream credentials show: both sign by the same function.
    expect(String(headers.authorization)).toMatch(/Signature=[0-9a-f]{64}$/);
  });

  it('follows no redirect', async () => {
    const elsewhere = await listen((response) => void response.end('\u2014 x y\n'));
    const server = await listen((response) => void response.writeHead(307, { location: elsewhere.url }).end());
    await expect(clientOf(server.url).addCheckpoint(BODY)).rejects.toMatchObject({ code: 'WITNESS_UNAVAILABLE' });
    expect(elsewhere.asked).toEqual([]);
  });

  it('reads no more than 16 KiB', async () => {
    const server = await listen((response) => void response.end('x'.repeat(16_384)));
    expect((await clientOf(server.url).addCheckpoint(BODY)).body).toHaveLength(16_384);
    const longer = await listen((response) => void response.end('x'.repeat(16_385)));
    await expect(clientOf(longer.url).addCheckpoint(BODY)).rejects.toMatchObject({ code: 'WITNESS_UNAVAILABLE' });
  });

  it('gives up after three seconds, in the middle of an answer too', { timeout: 20_000 }, async () => {
    const silent = await listen(() => undefined);
    const stuck = await listen((response) => void response.writeHead(200).write('x'));
    const started = performance.now();
    const answers = await Promise.allSettled([silent, stuck].map(({ url }) => clientOf(url).addCheckpoint(BODY)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('says that nobody answers', async () => {
    const server = await listen((response) => void response.end());
    await server.close();
    await expect(clientOf(server.url).addCheckpoint(BODY)).rejects.toMatchObject({ code: 'WITNESS_UNAVAILABLE' });
  });
});
