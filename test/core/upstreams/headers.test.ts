import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientResponseHeaders, upstreamRequestHeaders } from '../../../lambdas/core/upstreams/headers.ts';
import { anyText } from '../any-text.ts';

describe('upstreamRequestHeaders', () => {
  const forward = (
    headers: Record<string, string | undefined>,
    session: string | null = null,
    era: 'legacy' | 'modern' = 'modern',
  ) => upstreamRequestHeaders(headers, era, session);

  it('forwards what the protocol needs and asks for no content coding', () => {
    const headers = {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'last-event-id': '7',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': '=?base64?eA==?=',
      'mcp-param-region': 'eu',
      "mcp-param-a.b_c~d'e|f": '1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'a=b',
    };
    expect(forward(headers)).toEqual({ ...headers, 'accept-encoding': 'identity' });
  });

  it('forwards the mirrors of the body only where they are checked against it', () => {
    const mirrors = { 'mcp-method': 'tools/call', 'mcp-name': 'x', 'mcp-param-region': 'eu' };
    const checked = { accept: '*/*', 'mcp-protocol-version': '2025-11-25' };
    expect(forward({ ...mirrors, ...checked }, null, 'legacy')).toEqual({ ...checked, 'accept-encoding': 'identity' });
    expect(forward({ ...mirrors, ...checked }, null, 'modern')).toMatchObject({ ...mirrors, ...checked });
  });

  it.each([
    'application/json; charset=utf-8',
    'application/json; charset=utf-7',
    'Application/JSON',
    'application/json; boundary="',
    'text/plain',
    '',
  ])('names the content type in its own words, whatever the client said: %j', (type) => {
    expect(forward({ 'content-type': type })['content-type']).toBe('application/json');
    expect(forward({ 'content-type': type }, null, 'legacy')['content-type']).toBe('application/json');
  });

  it('names no content type where there was none', () => {
    expect(forward({ 'content-type': undefined })).toEqual({ 'accept-encoding': 'identity' });
  });

  it.each([
    'authorization',
    'cookie',
    'proxy-authorization',
    'mcp-session-id',
    'host',
    'origin',
    'x-api-key',
    'x-forwarded-for',
    'x-amz-security-token',
    'content-length',
    'transfer-encoding',
    'accept-encoding',
    'baggage',
    'mcp-params',
    'mcp-param',
    'mcp-param-',
    'x-mcp-param-a',
    '__proto__',
  ])('never forwards %s', (name) => {
    expect(forward(Object.fromEntries([[name, 'SECRET']]))).toEqual({ 'accept-encoding': 'identity' });
  });

  it('puts the upstream’s own session id in the place of the client’s', () => {
    expect(forward({ 'mcp-session-id': 'ours' }, 'theirs')).toMatchObject({ 'mcp-session-id': 'theirs' });
  });

  it.each(['a\r\nauthorization: Bearer x', 'a\nb', 'a\rb', 'a\0b', 'a\x7f', '€'])('drops a value like %j', (value) => {
    expect(forward({ 'mcp-param-a': value, accept: undefined })).toEqual({ 'accept-encoding': 'identity' });
  });

  it.each(['mcp-param-a\r\nx', 'mcp-param-a: b', 'mcp-param-a b', 'mcp-param-é', 'mcp-param-A', 'mcp-param-a\n'])(
    'drops a name like %j',
    (name) => {
      expect(forward({ [name]: 'v' })).toEqual({ 'accept-encoding': 'identity' });
    },
  );

  it('makes only headers that fetch takes, and only from the list', () => {
    const name = fc.oneof(
      fc.constantFrom('accept', 'cookie'),
      anyText.map((text) => `mcp-param-${text}`),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.dictionary(name, anyText), (headers) => {
        const forwarded = forward(headers);
        expect(() => new Headers(forwarded)).not.toThrow();
        const unexpected = Object.keys(forwarded).filter((one) => !/^(accept|accept-encoding|mcp-param-.+)$/.test(one));
        expect(unexpected).toEqual([]);
      }),
    );
  });
});

describe('clientResponseHeaders', () => {
  it('passes on what the client needs', () => {
    const headers = {
      'content-type': 'application/json',
      'retry-after': '2',
      allow: 'POST',
      'mcp-protocol-version': '2025-11-25',
    };
    expect(clientResponseHeaders(headers)).toEqual(headers);
  });

  it.each([
    'set-cookie',
    'www-authenticate',
    'mcp-session-id',
    'location',
    'server',
    'access-control-allow-origin',
    'content-encoding',
    'x-countersign-call',
    'strict-transport-security',
    'cache-control',
    '__proto__',
  ])('never passes on %s', (name) => {
    expect(clientResponseHeaders(Object.fromEntries([[name, 'SECRET']]))).toEqual({});
  });

  it('leaves out what is not there', () => {
    expect(clientResponseHeaders({ allow: undefined })).toEqual({});
  });
});
