import { describe, expect, it } from 'vitest';
import { checkBody, checkOrigin } from '../../../lambdas/core/mcp/http.ts';
import { aConfig, aRequest } from '../../support/builders.ts';
import { refused, verdict } from '../../support/result.ts';

describe('checkOrigin', () => {
  const from = (origin: string, ...allowedOrigins: string[]) =>
    checkOrigin(aRequest({ headers: { origin } }), aConfig({ allowedOrigins }));

  it('takes a request that no browser page sent', () => {
    expect(verdict(checkOrigin(aRequest(), aConfig()))).toBe('accepted');
  });

  it('refuses every origin while none is allowed', () => {
    expect(refused(from('https://app.bank.example'))).toEqual({
      reason: 'origin_refused',
      origin: 'https://app.bank.example',
    });
  });

  it.each([
    ['https://app.bank.example', 'https://app.bank.example'],
    ['http://localhost:5173', 'http://localhost:*'],
    ['http://localhost:1', 'http://localhost:*'],
    ['http://127.0.0.1:65535', 'http://127.0.0.1:*'],
  ])('takes %s where %s is allowed', (origin, allowed) => {
    expect(verdict(from(origin, 'https://other.example', allowed))).toBe('accepted');
  });

  it.each([
    ['https://app.bank.example.evil.example', 'https://app.bank.example'],
    ['https://app.bank.example:8443', 'https://app.bank.example'],
    ['http://app.bank.example', 'https://app.bank.example'],
    ['https://APP.bank.example', 'https://app.bank.example'],
    ['https://app.bank.example, https://app.bank.example', 'https://app.bank.example'],
    ['http://localhost', 'http://localhost:*'],
    ['http://localhost:', 'http://localhost:*'],
    ['http://localhost:123456', 'http://localhost:*'],
    ['http://localhost:80@evil.example', 'http://localhost:*'],
    ['http://localhost:80/', 'http://localhost:*'],
    ['http://localhost:*', 'http://localhost:5173'],
    ['http://localhost.evil.example:80', 'http://localhost:*'],
    ['null', 'https://app.bank.example'],
    ['', 'https://app.bank.example'],
  ])('refuses %j where %s is allowed', (origin, allowed) => {
    expect(verdict(from(origin, allowed))).toBe('origin_refused');
  });
});

describe('checkBody', () => {
  const config = aConfig({ limits: { requestBytes: 10 } });
  const typed = (contentType: string | undefined, body = '{}') =>
    checkBody(aRequest({ headers: { 'content-type': contentType }, body }), config);

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON ;charset=UTF-8',
    'application/json; charset="UTF-8"',
    'application/json; Charset=Utf-8',
    'application/json;',
    'application/json; charset=utf-8; charset=utf-8',
  ])('takes the media type %s', (type) => {
    expect(verdict(typed(type))).toBe('accepted');
  });

  it.each([
    'charset=utf-7',
    'charset="UTF-7"',
    'charset=utf-16',
    'charset=utf-16le',
    'charset=utf-32',
    'charset=iso-8859-1',
    'charset=shift_jis',
    'charset=us-ascii',
    'charset=utf8',
    'charset=unicode-1-1-utf-8',
    'charset=utf-8 charset=utf-7',
    'charset=utf-8; charset=utf-7',
    'charset=utf-7; charset=utf-8',
    'charset = utf-8',
    "charset*=utf-8''utf-7",
    'charset=utf-8, application/json; charset=utf-7',
    'charset=',
    "charset='utf-8'",
    'profile=x',
    'version=1',
    'x',
  ])('refuses JSON with the parameter %s, in which the same bytes may be another text', (parameter) => {
    const contentType = 'application/json';
    expect(refused(typed(`${contentType}; ${parameter}`))).toEqual({ reason: 'unsupported_media_type', contentType });
  });

  it.each([
    [undefined, null],
    ['', null],
    [' ; charset=utf-8', null],
    ['text/plain', 'text/plain'],
    ['Text/Plain; charset=utf-8', 'text/plain'],
    ['application/json-seq', 'application/json-seq'],
    ['application/json, text/plain', 'application/json, text/plain'],
    ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
  ])('refuses the content type %j', (type, contentType) => {
    expect(refused(typed(type))).toEqual({ reason: 'unsupported_media_type', contentType });
  });

  it('takes a body of exactly the limit, counted in bytes', () => {
    expect(verdict(typed('application/json', 'x'.repeat(10)))).toBe('accepted');
    expect(verdict(typed('application/json', 'é'.repeat(5)))).toBe('accepted');
  });

  it.each(['x'.repeat(11), `x${'é'.repeat(5)}`])('refuses one byte more', (body) => {
    expect(refused(typed('application/json', body))).toEqual({ reason: 'request_too_large', bytes: 11, maxBytes: 10 });
  });
});
