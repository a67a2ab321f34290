// What runs is what was decided on and recorded, and what the client gets is what was recorded, byte for byte.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambdas/core/ledger/entry.ts';
import { hiddenInUtf7, leniently } from '../support/lenient-reader.ts';
import { call, modern, request } from '../support/mcp-call.ts';
import { type MisbehavingStack, startMisbehavingStack } from '../support/misbehaving-stack.ts';

let { upstream, stack, ledger, token, close } = {} as MisbehavingStack;

beforeAll(async () => {
  ({ upstream, stack, ledger, token, close } = await startMisbehavingStack());
});
afterAll(() => close());

const entries = async () => (await ledger.all()).map(({ entry }) => entry);
const lastDenial = async () => (await entries()).findLast((entry) => entry.type === 'call.denied')?.denial;

/** Reads as `tools/list` in UTF-8, and as `tools/call` of `transfer_funds` in UTF-7. */
const listing = () => {
  const hidden = hiddenInUtf7('"},"method":"tools/call","params":{"name":"transfer_funds');
  return modern('tools/list', { note: hidden });
};
const sendListing = (contentType: string) => {
  const { body, headers } = listing();
  return call(stack.url('lenient'), { token, body, headers: { ...headers, 'content-type': contentType } });
};

describe('a body in another charset', () => {
  it('is another call to a server that reads it by that charset', () => {
    const text = JSON.stringify(listing().body);
    expect(leniently('application/json; charset=utf-8', text)).toEqual({ method: 'tools/list', name: null });
    expect(leniently('application/json; charset=utf-7', text)).toEqual({
      method: 'tools/call',
      name: 'transfer_funds',
    });
  });

  it.each(['utf-7', '"UTF-7"', 'utf-16', 'iso-8859-1', 'utf-8; charset=utf-7', 'utf-8; x=charset=utf-7'])(
    'does not reach the server: %s',
    async (charset) => {
      const before = upstream.seen('lenient').length;
      const answer = await sendListing(`application/json; charset=${charset}`);
      expect([answer.status, answer.message?.error?.code]).toEqual([415, -31415]);
      expect(await lastDenial()).toMatchObject({ reason: 'unsupported_media_type', contentType: 'application/json' });
      expect(upstream.seen('lenient')).toHaveLength(before);
    },
  );

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'is UTF-8 to the server too, and said to be in the gateway’s words: %s',
    async (contentType) => {
      const answer = await sendListing(contentType);
      expect(answer.message?.result).toEqual({ method: 'tools/list', name: null });
      expect(upstream.seen('lenient').at(-1)?.headers['content-type']).toBe('application/json');
      expect((await entries()).findLast((entry) => entry.type === 'call.intent')?.call).toMatchObject({
        method: 'tools/list',
        subject: null,
      });
    },
  );
});

describe('a member spelt otherwise', () => {
  const send = (body: unknown) => call(stack.url('lenient'), { token, body });

  it.each([
    ['Method', { ...request('tools/list'), Method: 'tools/call' }],
    ['PARAMS', { ...request('tools/call', { name: 'list' }), PARAMS: { name: 'transfer_funds' } }],
    ['paramſ', { ...request('tools/call', { name: 'list' }), paramſ: { name: 'transfer_funds' } }],
    ['Name', request('tools/call', { name: 'list', Name: 'transfer_funds' })],
    ['result beside method', { ...request('tools/list'), result: {} }],
  ])('does not reach the server: %s', async (_what, body) => {
    const before = upstream.seen('lenient').length;
    expect((await send(body)).status).toBe(400);
    expect(await lastDenial()).toMatchObject({ reason: 'invalid_message' });
    expect(upstream.seen('lenient')).toHaveLength(before);
  });

  it('reaches the server untouched where it is data', async () => {
    const body = request('tools/call', { name: 'list', arguments: { Name: 'a', METHOD: 'b', paramſ: 'c' } });
    const answer = await send({ ...body, Trace: 1 });
    expect(answer.message?.result).toEqual({ method: 'tools/call', name: 'list' });
    expect(upstream.seen('lenient').at(-1)?.body).toBe(JSON.stringify({ ...body, Trace: 1 }));
  });
});

describe('a JSON answer', () => {
  const outcomeOf = async (callId: string | null) => {
    const item = (await ledger.all()).find(({ entry }) => entry.type === 'call.outcome' && entry.callId === callId);
    if (item === undefined) throw new Error(`no outcome of call ${callId}`);
    return { entry: item.entry as Outcome, body: item.body };
  };

  it.each([16_383, 16_384, 16_385, 16_388, 16_389, 32_773, 100_000])(
    'of %i units, with characters across every cut, arrives as it was recorded',
    async (units) => {
      const answer = await call(stack.url('sized'), {
        token,
        ...modern('tools/call', { name: 'a', arguments: { units } }),
      });
      expect([answer.status, answer.text.length]).toEqual([200, units]);
      expect(answer.text.isWellFormed() && !answer.text.includes('\ufffd')).toBe(true);
      const { entry, body } = await outcomeOf(answer.headers.get('x-countersign-call'));
      expect(await ledger.open(entry.sid, entry.result.content!, body)).toBe(answer.text);
      expect(entry.result).toMatchObject({ status: 'result', bytes: String(Buffer.byteLength(answer.text)) });
    },
  );

  it('that is not UTF-8 is withheld', async () => {
    const answer = await call(stack.url('latin-1'), { token, ...modern('tools/list') });
    expect([answer.status, answer.message?.error?.code]).toEqual([502, -31519]);
    expect(answer.text).not.toContain('SECRET');
    expect((await outcomeOf(answer.headers.get('x-countersign-call'))).entry.result).toMatchObject({ content: null });
  });
});

describe('a forged token', () => {
  it('leaves nothing in the ledger that may be data or a secret', async () => {
    const claims = {
      iss: 'https://4111111111111111.evil.example/4111111111111111',
      sub: '4111 1111 1111 1111',
      aud: ['https://mcp.example?pan=4111111111111111', 'my password is hunter2'],
      client_id: '4111-1111-1111-1111',
      azp: 'forged-client',
    };
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = `${part({ alg: 'RS256', kid: 'x' })}.${part(claims)}.${Buffer.from('no').toString('base64url')}`;
    const answer = await call(stack.url('echo'), { token: forged, body: request('ping') });
    expect(answer.status).toBe(401);
    const denied = (await entries()).findLast((entry) => entry.type === 'auth.denied');
    expect(denied).toMatchObject({ unverified: { azp: 'forged-client', client_id: '‹name 19›' } });
    expect(JSON.stringify(denied?.type === 'auth.denied' && denied.unverified)).not.toMatch(/4111|hunter2/);
    // Ciphertext and digests hold any four digits by chance.
    expect(await ledger.dump()).not.toMatch(/(?:4111[ -]?){4}|hunter2/);
  });
});
