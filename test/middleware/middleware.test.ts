import middy from '@middy/core';
import { describe, expect, it, vi } from 'vitest';
import { errorBoundary } from '../../lambdas/middleware/error-boundary.ts';
import { securityHeaders } from '../../lambdas/middleware/security-headers.ts';

interface Event {
  readonly headers: Readonly<Record<string, string>>;
  readonly requestContext: { readonly requestId: string };
}
interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const EVENT: Event = { headers: { authorization: 'Bearer SECRET' }, requestContext: { requestId: 'r-1' } };
const FAULT = new Error('PLANTED detail');

const wrap = (handle: () => Reply) => {
  const report = vi.fn();
  const handler = middy<Event, Reply>()
    .use(securityHeaders())
    .use(errorBoundary(report))
    .handler(() => Promise.resolve().then(handle));
  const run = (): Promise<Reply> => handler(EVENT, {} as never);
  return { run, report };
};
const fails = (): Reply => {
  throw FAULT;
};

describe('errorBoundary', () => {
  it('answers a fault with -32603, status 500 and the request id, and nothing else', async () => {
    const answer = await wrap(fails).run();
    expect(answer.statusCode).toBe(500);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32603, message: 'Internal error', data: { requestId: 'r-1' } },
    });
    expect(JSON.stringify(answer)).not.toContain('PLANTED');
  });

  it('reports the fault and not the event', async () => {
    const { run, report } = wrap(fails);
    await run();
    expect(report.mock.calls).toEqual([['Unhandled fault', FAULT]]);
  });

  it('leaves an answer alone', async () => {
    const { run, report } = wrap(() => ({ statusCode: 404, headers: {}, body: 'b' }));
    expect(await run()).toMatchObject({ statusCode: 404, body: 'b' });
    expect(report).not.toHaveBeenCalled();
  });
});

describe('securityHeaders', () => {
  const EXPECTED = {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': expect.stringMatching(/^max-age=\d{8}/),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  };

  it('stand on every answer', async () => {
    const { run } = wrap(() => ({ statusCode: 200, headers: { 'content-type': 'text/plain' }, body: '' }));
    expect((await run()).headers).toEqual({ ...EXPECTED, 'content-type': 'text/plain' });
  });

  it('stand on the answer of a fault', async () => {
    expect((await wrap(fails).run()).headers).toMatchObject(EXPECTED);
  });

  it('give way to what the handler itself set', async () => {
    const { run } = wrap(() => ({ statusCode: 200, headers: { 'cache-control': 'public, max-age=300' }, body: '' }));
    expect((await run()).headers['cache-control']).toBe('public, max-age=300');
  });

  it.each([undefined, null])('leave a response of %s alone', (response) => {
    const request = { response };
    const { after } = securityHeaders<Event, Reply>();
    after?.(request as never);
    expect(request.response).toBe(response);
  });
});
