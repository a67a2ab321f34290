import { describe, expect, it } from 'vitest';
import { classify, classifyHeader, LEGACY_VERSIONS, MODERN_VERSIONS } from '../../../lambdas/core/mcp/era.ts';
import { type ClientMessage, parseMessage } from '../../../lambdas/core/mcp/message.ts';
import { aMessage, VERSION_KEY } from '../../support/builders.ts';
import { accepted, refused, verdict } from '../../support/result.ts';

const MODERN = '2026-07-28';
const message = (method: string, params: object = {}): ClientMessage =>
  accepted(parseMessage(aMessage(method, params)));
const notification = (params: object): ClientMessage =>
  accepted(parseMessage(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params })));
const response = accepted(parseMessage('{"jsonrpc":"2.0","id":1,"result":{}}'));
const envelope = (version: unknown, more: object = {}) => ({ ...more, _meta: { [VERSION_KEY]: version } });

const version = (value: string) => ({ 'mcp-protocol-version': value });
const call = (headers: Record<string, string>, name = 'wire', wire: object = envelope(MODERN, { name })) =>
  classify({ ...version(MODERN), 'mcp-method': 'tools/call', ...headers }, message('tools/call', wire));

describe('classify', () => {
  describe('by header and envelope', () => {
    // header, envelope, verdict
    it.each([
      [undefined, undefined, 'legacy', null],
      ['2025-11-25', undefined, 'legacy', '2025-11-25'],
      ['nonsense', undefined, 'legacy', 'nonsense'],
      [undefined, '2025-11-25', 'legacy', null],
      ['2025-06-18', '2025-11-25', 'legacy', '2025-06-18'],
      [undefined, 'DRAFT-2026', 'legacy', null],
      [undefined, 20260728, 'legacy', null],
      [MODERN, undefined, 'modern', MODERN],
      [` ${MODERN}\t`, undefined, 'modern', MODERN],
      [MODERN, MODERN, 'modern', MODERN],
    ])('header %s with envelope %s is %s', (header, claimed, era, protocolVersion) => {
      const headers = header === undefined ? {} : { ...version(header), 'mcp-method': 'tools/list' };
      const params = claimed === undefined ? {} : envelope(claimed);
      expect(accepted(classify(headers, message('tools/list', params)))).toEqual({ era, protocolVersion });
    });

    it.each([
      ['2026-07-29', undefined, '2026-07-29'],
      ['2027-01-01', '2027-01-01', '2027-01-01'],
      [undefined, '9999-99-99', '9999-99-99'],
    ])('refuses the unknown modern revision of header %s with envelope %s', (header, claimed, requested) => {
      const headers = header === undefined ? {} : version(header);
      const params = claimed === undefined ? {} : envelope(claimed);
      const refusal = refused(classify(headers, message('tools/list', params)));
      expect(refusal).toEqual({ reason: 'unsupported_version', requested, supported: [MODERN] });
    });

    it.each([
      ['2025-11-25', MODERN],
      ['nonsense', MODERN],
      ['', MODERN],
      ['2026-07-29', MODERN],
      [`\u00a0${MODERN}`, MODERN],
      [MODERN, '2026-07-29'],
      [MODERN, '2025-11-25'],
      [MODERN, 'DRAFT-2026'],
    ])('refuses header %j against envelope %s', (header, claimed) => {
      const headers = { ...version(header), 'mcp-method': 'tools/list' };
      const refusal = refused(classify(headers, message('tools/list', envelope(claimed))));
      expect(refusal).toEqual({
        reason: 'header_mismatch',
        header: 'MCP-Protocol-Version',
        sent: header,
        body: claimed,
      });
    });

    it.each([[{ _meta: null }], [{ _meta: [] }], [{ _meta: {} }]])('sees no envelope in %j', (params) => {
      expect(accepted(classify({}, message('ping', params)))).toEqual({ era: 'legacy', protocolVersion: null });
    });

    it('knows each legacy revision by its header', () => {
      for (const known of LEGACY_VERSIONS)
        expect(accepted(classify(version(known), message('ping')))).toEqual({ era: 'legacy', protocolVersion: known });
    });
  });

  describe('of initialize', () => {
    it('is legacy and asks for the version in its parameters', () => {
      const initialize = message('initialize', { protocolVersion: '2025-11-25' });
      expect(accepted(classify({}, initialize))).toEqual({ era: 'legacy', protocolVersion: '2025-11-25' });
      expect(verdict(classify(version('2025-11-25'), initialize))).toBe('accepted');
    });

    it('is legacy without a version that is text', () => {
      const initialize = message('initialize', { protocolVersion: 1 });
      expect(accepted(classify({}, initialize))).toEqual({ era: 'legacy', protocolVersion: null });
    });

    it('stays legacy when it offers a modern version, since the upstream negotiates', () => {
      expect(accepted(classify({}, message('initialize', { protocolVersion: MODERN }))).era).toBe('legacy');
    });

    it.each([MODERN, '2026-12-01'])('is refused under the modern header %s', (header) => {
      const refusal = refused(classify(version(header), message('initialize', { protocolVersion: '2025-11-25' })));
      expect(refusal).toMatchObject({ reason: 'header_mismatch', header: 'MCP-Protocol-Version', sent: header });
    });

    it('is a modern request when it carries the modern envelope', () => {
      const headers = { ...version(MODERN), 'mcp-method': 'initialize' };
      expect(accepted(classify(headers, message('initialize', envelope(MODERN)))).era).toBe('modern');
    });
  });

  describe('of the mirrored headers', () => {
    it('takes a request whose headers say what its body says', () => {
      expect(accepted(call({ 'mcp-name': 'wire' }))).toEqual({ era: 'modern', protocolVersion: MODERN });
      expect(verdict(call({ 'mcp-method': ' tools/call ', 'mcp-name': '\twire ' }))).toBe('accepted');
    });

    it.each([
      ['MCP-Protocol-Version', { 'mcp-method': 'tools/call', 'mcp-name': 'wire' }, null, MODERN],
      ['Mcp-Method', { ...version(MODERN), 'mcp-name': 'wire' }, null, 'tools/call'],
      ['Mcp-Name', { ...version(MODERN), 'mcp-method': 'tools/call' }, null, 'wire'],
      [
        'Mcp-Method',
        { ...version(MODERN), 'mcp-method': 'tools/list', 'mcp-name': 'wire' },
        'tools/list',
        'tools/call',
      ],
      [
        'Mcp-Method',
        { ...version(MODERN), 'mcp-method': 'Tools/call', 'mcp-name': 'wire' },
        'Tools/call',
        'tools/call',
      ],
      ['Mcp-Name', { ...version(MODERN), 'mcp-method': 'tools/call', 'mcp-name': 'read' }, 'read', 'wire'],
      ['Mcp-Name', { ...version(MODERN), 'mcp-method': 'tools/call', 'mcp-name': '' }, '', 'wire'],
      ['Mcp-Name', { ...version(MODERN), 'mcp-method': 'tools/call', 'mcp-name': '\u00a0wire' }, '\u00a0wire', 'wire'],
    ])('refuses by %s the headers %j', (header, headers, sent, body) => {
      const refusal = refused(classify(headers, message('tools/call', envelope(MODERN, { name: 'wire' }))));
      expect(refusal).toEqual({ reason: 'header_mismatch', header, sent, body });
    });

    it.each([
      ['resources/read', { uri: 'bank://a' }],
      ['tasks/cancel', { taskId: 't' }],
      ['prompts/get', { name: 'p' }],
    ])('asks for Mcp-Name on %s', (method, params) => {
      const headers = { ...version(MODERN), 'mcp-method': method };
      const read = message(method, envelope(MODERN, params));
      expect(refused(classify(headers, read))).toMatchObject({ header: 'Mcp-Name', sent: null });
      expect(verdict(classify({ ...headers, 'mcp-name': Object.values(params)[0] }, read))).toBe('accepted');
    });

    it('asks for no Mcp-Name where there is nothing to name', () => {
      expect(
        verdict(classify({ ...version(MODERN), 'mcp-method': 'tools/list' }, message('tools/list', envelope(MODERN)))),
      ).toBe('accepted');
      expect(verdict(call({}, '', envelope(MODERN, {})))).toBe('accepted');
    });

    const base64 = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;
    it.each([
      ['überweisung', base64('überweisung')],
      ['送金', base64('送金')],
      [' padded ', base64(' padded ')],
      ['=?base64?eA==?=', base64('=?base64?eA==?=')],
      ['=?base64?', '=?base64?'],
      ['', '=?base64??='],
    ])('reads the name %j from %s', (name, sent) => {
      expect(verdict(call({ 'mcp-name': sent }, name))).toBe('accepted');
    });

    it.each([
      ['another name', 'wire', base64('read')],
      ['no padding', 'x', '=?base64?eA?='],
      ['characters outside the alphabet', 'x', '=?base64?e A==?='],
      ['the URL alphabet', '>>>', '=?base64?Pj4-?='],
      ['bits after the end', 'x', '=?base64?eB==?='],
      ['bytes that are not UTF-8', '\ufffd', '=?base64?/w==?='],
      ['an upper-case marker', 'x', '=?BASE64?eA==?='],
    ])('refuses the base64 form with %s', (_what, name, sent) => {
      expect(refused(call({ 'mcp-name': sent }, name))).toMatchObject({ header: 'Mcp-Name', sent });
    });

    it('leaves legacy requests alone', () => {
      const headers = { 'mcp-method': 'tools/list', 'mcp-name': 'read' };
      expect(verdict(classify(headers, message('tools/call', { name: 'wire' })))).toBe('accepted');
    });
  });

  describe('of a modern header without its envelope', () => {
    const bare = (headers: Record<string, string>) =>
      verdict(classify({ ...version(MODERN), ...headers }, message('tools/call', { name: 'wire' })));

    it('goes on, for the upstream to ask for the envelope', () => {
      expect(bare({})).toBe('accepted');
      expect(bare({ 'mcp-method': 'tools/call', 'mcp-name': 'wire' })).toBe('accepted');
    });

    it('is refused when a mirrored header says something else', () => {
      expect(bare({ 'mcp-method': 'tools/list' })).toBe('header_mismatch');
      expect(bare({ 'mcp-name': 'read' })).toBe('header_mismatch');
    });
  });

  describe('of notifications and responses', () => {
    it('asks a notification for no headers', () => {
      expect(accepted(classify({}, notification(envelope(MODERN)))).era).toBe('modern');
    });

    it('still refuses a notification whose Mcp-Method says something else', () => {
      const sent = (method: string) => verdict(classify({ 'mcp-method': method }, notification(envelope(MODERN))));
      expect(sent('tools/call')).toBe('header_mismatch');
      expect(sent('notifications/cancelled')).toBe('accepted');
    });

    it('classifies a response by its header alone', () => {
      expect(accepted(classify({}, response)).era).toBe('legacy');
      expect(accepted(classify(version(MODERN), response)).era).toBe('modern');
    });
  });
});

describe('classifyHeader', () => {
  it('takes no header and a legacy one for the legacy era', () => {
    expect(accepted(classifyHeader(undefined))).toEqual({ era: 'legacy', protocolVersion: null });
    expect(accepted(classifyHeader('2025-11-25'))).toEqual({ era: 'legacy', protocolVersion: '2025-11-25' });
  });

  it('takes every revision that it says it supports', () => {
    for (const known of MODERN_VERSIONS) expect(accepted(classifyHeader(known)).era).toBe('modern');
  });

  it('is not fooled by white space', () => {
    expect(accepted(classifyHeader(' 2026-07-28 ')).era).toBe('modern');
  });

  it('refuses a revision that it does not know', () => {
    expect(refused(classifyHeader('2026-08-01'))).toMatchObject({ reason: 'unsupported_version' });
  });
});
