// An identity provider that is asked for one word and writes another into the token, as Entra ID does.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let url: string;

beforeAll(async () => {
  stack = await startTestStack({ overlay: { identity: { announcedScopes: ['{resource}/mcp'] } } });
  url = stack.url('core-banking');
});
afterAll(() => stack.close());

const callWith = async (scope: string) =>
  call(url, {
    token: await stack.idp.mint({ resource: url, claims: { scope, client_id: 'ide' } }),
    ...modern('tools/list'),
  });

describe('a scope that is asked for as another word than the token carries', () => {
  it('is announced in the challenge and in the metadata, of this server', async () => {
    const { headers } = await call(url, modern('tools/list'));
    expect(headers.get('www-authenticate')).toContain(`scope="${url}/mcp"`);
    const address = /resource_metadata="([^"]+)"/.exec(headers.get('www-authenticate') ?? '')?.[1] ?? '';
    const metadata = (await (await fetch(address)).json()) as unknown;
    expect(metadata).toMatchObject({ resource: url, scopes_supported: [`${url}/mcp`] });
  });

  it('is checked as the token carries it', async () => {
    expect((await callWith('mcp')).status).toBe(200);
  });

  it('is not taken in its announced form, and the 403, which is the same for every server, names none', async () => {
    const answer = await callWith(`${url}/mcp`);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
  });
});
