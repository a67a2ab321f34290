import { describe, expect, it } from 'vitest';
import { classifyResponse } from '../../../lambdas/core/upstreams/response.ts';

const classify = (status: number, type?: string) =>
  classifyResponse(status, type === undefined ? {} : { 'content-type': type });

const empty = (dropsBody = false) => ({ kind: 'empty', dropsBody });
const failure = (reason: string) => ({ kind: 'failure', failure: expect.objectContaining({ reason }) });
const [JSON_TYPE, EVENTS, HTML] = ['application/json', 'text/event-stream', 'text/html'];

describe('classifyResponse', () => {
  it.each([
    [200, JSON_TYPE, { kind: 'json' }],
    [200, 'Application/JSON; charset=utf-8', { kind: 'json' }],
    [202, JSON_TYPE, { kind: 'json' }],
    [400, JSON_TYPE, { kind: 'json' }],
    [404, JSON_TYPE, { kind: 'json' }],
    [500, JSON_TYPE, { kind: 'json' }],
    [200, EVENTS, { kind: 'events' }],
    [200, 'text/event-stream;charset=utf-8', { kind: 'events' }],
    [202, undefined, empty()],
    [202, HTML, empty()],
    [204, undefined, empty()],
    [200, undefined, { kind: 'json' }],
    [200, '', { kind: 'json' }],
    [200, ' ; charset=utf-8', { kind: 'json' }],
    [405, undefined, empty()],
    [405, HTML, empty(true)],
    [404, EVENTS, empty(true)],
    [400, 'text/plain', empty(true)],
    [200, HTML, failure('garbage')],
    [200, 'application/jsonl', failure('garbage')],
    [299, 'application/octet-stream', failure('garbage')],
    [301, undefined, failure('redirect')],
    [307, JSON_TYPE, failure('redirect')],
    [399, EVENTS, failure('redirect')],
    [401, JSON_TYPE, failure('auth_refused')],
    [403, undefined, failure('auth_refused')],
    [403, EVENTS, failure('auth_refused')],
    [500, undefined, failure('server_error')],
    [502, HTML, failure('server_error')],
    [503, EVENTS, failure('server_error')],
  ])('takes %s with %s for what it is', (status, type, kind) => {
    expect(classify(status, type)).toEqual(kind);
  });

  it('says which status it got', () => {
    expect(classify(403)).toEqual({ kind: 'failure', failure: { reason: 'auth_refused', status: 403 } });
    expect(classify(308)).toEqual({ kind: 'failure', failure: { reason: 'redirect', status: 308 } });
    expect(classify(599)).toEqual({ kind: 'failure', failure: { reason: 'server_error', status: 599 } });
  });
});
