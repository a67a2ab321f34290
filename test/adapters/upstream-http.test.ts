import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { makeUpstream, type UpstreamRequest, type UpstreamResponse } from '../../lambdas/adapters/upstream-http.ts';
import { accepted, refused } from '../support/result.ts';
import { json, listen } from './loopback.ts';

const send = (url: string, over: Partial<UpstreamRequest> = {}) =>
  makeUpstream().send({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer s' },
    body: '{"a":"ü"}',
    headersSeconds: 5,
    signal: new AbortController().signal,
    ...over,
  });

const bodyOf = ({ body }: UpstreamResponse) => text(Readable.from(body ?? []));

describe('makeUpstream', () => {
  it('sends method, headers and body as they are, and hands back status, headers and bytes', async () => {
    const server = await listen((response) => void response.writeHead(404, { 'x-a': '1, 2' }).end('körper'));
    const response = accepted(await send(`${server.url}/mcp?x=1`));
    expect(server.asked).toEqual([
      expect.objectContaining({
        method: 'POST',
        url: '/mcp?x=1',
        body: '{"a":"ü"}',
        headers: expect.objectContaining({ authorization: 'Bearer s', 'content-type': 'application/json' }),
      }),
    ]);
    expect(response).toMatchObject({ status: 404, headers: { 'x-a': '1, 2' } });
    expect(await bodyOf(response)).toBe('körper');
  });

  it.each(['GET', 'DELETE'] as const)('sends a %s without a body', async (method) => {
    const server = await listen((response) => void response.writeHead(204).end());
    expect(accepted(await send(server.url, { method, body: null }))).toMatchObject({ status: 204, body: null });
    expect(server.asked[0]).toMatchObject({ method, body: '' });
  });

  it('hands a redirect back and sends the credential nowhere else', async () => {
    const elsewhere = await listen((response) => void response.end());
    const server = await listen((response) => void response.writeHead(302, { location: elsewhere.url }).end());
    expect(accepted(await send(server.url)).status).toBe(302);
    expect(elsewhere.asked).toEqual([]);
  });

  it('is not kept waiting for the body once the headers are there', async () => {
    const server = await listen((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      setTimeout(() => response.end('data: 2\n\n'), 300);
    });
    const response = accepted(await send(server.url, { headersSeconds: 0.15 }));
    expect(await bodyOf(response)).toBe('data: 1\n\ndata: 2\n\n');
  });

  it('gives up when the headers do not come in time', async () => {
    const server = await listen(() => undefined);
    expect(refused(await send(server.url, { headersSeconds: 0.1 }))).toEqual({
      reason: 'headers_timeout',
      seconds: 0.1,
    });
  });

  it('says that nobody listens, by code and never by address', async () => {
    const server = await listen((response) => json(response, {}));
    await server.close();
    const failure = refused(await send(`${server.url}/?token=PLANTED`));
    expect(failure).toEqual({ reason: 'unreachable', detail: 'ECONNREFUSED' });
  });

  it('says that a name does not resolve or a header cannot be sent', async () => {
    expect(refused(await send('http://no-such-host.invalid/'))).toMatchObject({ reason: 'unreachable' });
    const failure = refused(await send('http://127.0.0.1:9/', { headers: { a: 'SECRET\nx' } }));
    expect(failure).toEqual({ reason: 'unreachable', detail: 'network error' });
  });

  it('does not say that the call was not made when the connection broke after it was', async () => {
    const server = await listen((response) => response.destroy());
    const failure = refused(await send(server.url));
    expect(server.asked).toHaveLength(1);
    expect(failure.reason).not.toBe('unreachable');
  });

  describe('when our side ends the exchange', () => {
    const abortedWith = async (reason: unknown) => {
      const abort = new AbortController();
      const server = await listen(() => abort.abort(reason));
      return refused(await send(server.url, { signal: abort.signal }));
    };

    it('fails with the failure that was given as reason', async () => {
      expect(await abortedWith({ reason: 'stream_limit', seconds: 9 })).toEqual({ reason: 'stream_limit', seconds: 9 });
    });

    it.each([undefined, null, 'late', {}, { reason: 7 }])(
      'takes the reason %j for a client that left',
      async (reason) => {
        expect(await abortedWith(reason)).toEqual({ reason: 'client_closed' });
      },
    );

    it('ends the body too', async () => {
      const server = await listen((response) => void response.writeHead(200).write('data: 1\n\n'));
      const abort = new AbortController();
      const response = accepted(await send(server.url, { signal: abort.signal }));
      abort.abort({ reason: 'client_closed' });
      await expect(bodyOf(response)).rejects.toBeDefined();
    });
  });
});
