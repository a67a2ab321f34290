import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  actorRecord,
  callRecord,
  clientInfo,
  denialRecord,
  requestRecord,
  sha256,
} from '../../../lambdas/core/ledger/records.ts';
import type { ClientMessage } from '../../../lambdas/core/mcp/message.ts';
import { aPrincipal, aRequest, CLIENT_INFO_KEY } from '../../support/builders.ts';

const LEGACY = { era: 'legacy', protocolVersion: '2025-11-25' } as const;
const request = (method: string, params = {}, id: string | number = 1): ClientMessage => ({
  kind: 'request',
  id,
  method,
  params,
});
const record = (message: ClientMessage | null, over = {}) => callRecord(aRequest(over), LEGACY, message);

describe('sha256', () => {
  it('names its algorithm', () => {
    expect(sha256('a')).toBe(`sha256:${createHash('sha256').update('a').digest('hex')}`);
    expect(sha256(Buffer.from('a'))).toBe(sha256('a'));
  });
});

describe('actorRecord', () => {
  it('says who acted, with what the token said of the sign-in', () => {
    expect(actorRecord(aPrincipal({ authTime: 7 }))).toEqual({
      iss: 'https://login.bank.example',
      sub: 'ana',
      kind: 'person',
      name: 'Ana Analyst',
      client: 'ide',
      groups: ['analysts'],
      jti: 'jti-1',
      authTime: '7',
      acr: 'mfa',
      amr: ['pwd', 'otp'],
    });
    expect(actorRecord(aPrincipal({ authTime: null })).authTime).toBeNull();
  });
});

describe('requestRecord', () => {
  it('says where the request came from', () => {
    expect(requestRecord(aRequest())).toEqual({ apigw: 'apigw-1', ip: '192.0.2.1' });
  });
});

describe('callRecord', () => {
  it('says what was called', () => {
    expect(record(request('tools/call', { name: 'wire_transfer' }))).toEqual({
      server: 'core-banking',
      http: 'POST',
      era: 'legacy',
      protocol: '2025-11-25',
      kind: 'request',
      method: 'tools/call',
      subject: 'wire_transfer',
      rpcId: '1',
    });
  });

  it('has no protocol version where none was said', () => {
    expect(callRecord(aRequest(), { era: 'legacy', protocolVersion: null }, null).protocol).toBeNull();
  });

  it.each([
    ['GET', 'stream'],
    ['DELETE', 'terminate'],
  ] as const)('calls a %s %s', (httpMethod, kind) => {
    expect(record(null, { httpMethod })).toMatchObject({ kind, method: null, subject: null, rpcId: null });
  });

  it('gives a notification no id and a response no method', () => {
    expect(record({ kind: 'notification', method: 'notifications/cancelled', params: {} })).toMatchObject({
      kind: 'notification',
      method: 'notifications/cancelled',
      rpcId: null,
    });
    expect(record({ kind: 'response', id: 7, outcome: 'result' })).toMatchObject({
      kind: 'response',
      method: null,
      subject: null,
      rpcId: '7',
    });
  });

  it.each([
    ['tools/call', { name: 'a tool with spaces' }, '‹name 18›'],
    ['prompts/get', { name: 'summary' }, 'summary'],
    ['resources/read', { uri: 'bank://accounts/4111' }, 'bank://accounts/‹5›'],
    ['tools/list', {}, null],
  ])('shows of the subject of %s %j only %s', (method, params, subject) => {
    expect(record(request(method, params)).subject).toBe(subject);
  });

  it.each([
    [0, '0'],
    [-99_999, '-99999'],
    [100_000, '‹number›'],
    ['req-7', '"req-7"'],
    ['019a7d10-0000-7000-8000-000000000001', '"019a7d10-0000-7000-8000-000000000001"'],
    ['a b', '‹string 3›'],
    ['a'.repeat(64), `"${'a'.repeat(64)}"`],
    ['a'.repeat(65), '‹string 65›'],
  ])('shows the id %j as %s', (id, shown) => {
    expect(record(request('ping', {}, id)).rpcId).toBe(shown);
  });
});

describe('denialRecord', () => {
  it('keeps the gateway’s own words and configuration', () => {
    const facts = {
      detail: 'not JSON at position 13',
      groups: ['a group, with words'],
      hidden: true,
      difference: 'client',
    };
    expect(denialRecord({ reason: 'some_reason', ...facts })).toEqual({ reason: 'some_reason', ...facts });
  });

  it('writes numbers as text and keeps null', () => {
    expect(denialRecord({ reason: 'r', bytes: 1_234_567, sent: null } as never)).toEqual({
      reason: 'r',
      bytes: '1234567',
      sent: null,
    });
  });

  it.each([
    ['requested', '2027-01-01', '2027-01-01'],
    ['contentType', 'text/plain', 'text/plain'],
    ['origin', 'https://evil.example', 'https://evil.example'],
    ['origin', 'http://127.0.0.1:5173', 'http://127.0.0.1:5173'],
    ['claimed', '019a7d10-0000-7000-8000-000000000001', '019a7d10-0000-7000-8000-000000000001'],
    ['sent', 'customer://core/john.smith', 'customer://core/‹11›'],
    ['member', 'John Smith', '‹name 10›'],
    ['a fact nobody thought of', 'John Smith', '‹name 10›'],
  ])('shows of what the caller sent as %s %j only %j', (fact, sent, shown) => {
    expect(denialRecord({ reason: 'r', [fact]: sent } as never)[fact]).toBe(shown);
  });

  it('shows lists item by item, and no more than a few', () => {
    const got = ['mcp', 'two words', 'https://a.example/x', ...Array(50).fill('x')];
    const shown = denialRecord({ reason: 'r', got } as never)['got'] as string[];
    expect(shown.slice(0, 3)).toEqual(['mcp', '‹name 9›', 'https://a.example/‹2›']);
    expect(shown).toHaveLength(16);
  });

  it('shows no structure, and lets no fact take the place of the reason', () => {
    expect(denialRecord({ reason: 'r', fact: { a: 'SECRET' } } as never)).toEqual({ reason: 'r', fact: null });
  });
});

describe('clientInfo', () => {
  const info = { name: 'Visual Studio Code', version: '1.140.2', extra: 'x' };
  const shown = { name: 'Visual Studio Code', version: '1.140.2' };

  it('reads it from initialize, and from the modern envelope', () => {
    expect(clientInfo(request('initialize', { clientInfo: info }))).toEqual(shown);
    expect(clientInfo(request('tools/list', { _meta: { [CLIENT_INFO_KEY]: info } }))).toEqual(shown);
  });

  it.each([
    ['a GET', null],
    ['a response', { kind: 'response', id: 1, outcome: 'result' } as const],
    ['a request without it', request('tools/list')],
    ['an envelope that is no object', request('tools/list', { _meta: 'x' })],
    ['info that is no object', request('initialize', { clientInfo: 'x' })],
    ['the envelope of an initialize', request('initialize', { _meta: { [CLIENT_INFO_KEY]: info } })],
  ])('has none in %s', (_what, message) => {
    expect(clientInfo(message)).toBeNull();
  });

  it.each([
    [{}, { name: '', version: '' }],
    [
      { name: 7, version: null },
      { name: '', version: '' },
    ],
    [
      { name: 'n'.repeat(101), version: 'v'.repeat(51) },
      { name: '‹string 101›', version: '‹string 51›' },
    ],
    [
      { name: '\ud83d', version: 'a\nb' },
      { name: '‹string 1›', version: '‹string 3›' },
    ],
    [
      { name: 'Café 桌面', version: '2.0.0-beta+2' },
      { name: 'Café 桌面', version: '2.0.0-beta+2' },
    ],
  ])('shows of %j only %j', (said, expected) => {
    expect(clientInfo(request('initialize', { clientInfo: said }))).toEqual(expected);
  });
});
