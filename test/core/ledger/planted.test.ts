// Whatever a client puts where: no entry made of its request holds a card number, a social security number or a token.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../../lambdas/core/ledger/line.ts';
import { callRecord, clientInfo, denialRecord } from '../../../lambdas/core/ledger/records.ts';
import { outline } from '../../../lambdas/core/masking/outline.ts';
import { admit } from '../../../lambdas/core/mcp/admit.ts';
import type { McpRequest } from '../../../lambdas/core/mcp/http.ts';
import { sessionOwner, sessionRefusal } from '../../../lambdas/core/sessions/session.ts';
import {
  aConfig,
  aMessage,
  aPrincipal,
  aRequest,
  CLIENT_INFO_KEY,
  intentEntry,
  NOW,
  openEntry,
  VERSION_KEY,
} from '../../support/builders.ts';
import { policyOf } from '../../support/policy.ts';

const digits = (length: number) => fc.stringMatching(new RegExp(`^[1-9]\\d{${length - 1}}$`));
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const word = (length: number) =>
  fc
    .string({ unit: fc.constantFrom(...ALPHABET), minLength: length, maxLength: length })
    .filter((text) => /\d/.test(text));

const grouped = (text: string, sizes: readonly number[], separator: string): string =>
  sizes
    .map((size, index) => {
      const start = sizes.slice(0, index).reduce((sum, before) => sum + before, 0);
      return text.slice(start, start + size);
    })
    .join(separator);

const secret = fc.oneof(
  fc.tuple(digits(16), fc.constantFrom('', ' ', '-')).map(([pan, mark]) => grouped(pan, [4, 4, 4, 4], mark)),
  fc.tuple(digits(9), fc.constantFrom('', ' ', '-')).map(([ssn, mark]) => grouped(ssn, [3, 2, 4], mark)),
  word(36).map((token) => `ghp_${token}`),
  word(16).map((key) => `AKIA${key}7`),
  word(60).map((claims) => `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.${claims}.${claims}`),
);

const around = fc.constantFrom('', 'x', 'acct-', 'a.b/', ' ');
const planted = fc
  .tuple(around, secret, around)
  .map(([before, text, after]) => ({ secret: text, text: before + text + after }));

const modern = (method: string, params: object, more: McpRequest['headers'] = {}): Partial<McpRequest> => ({
  body: aMessage(method, { ...params, _meta: { [VERSION_KEY]: '2026-07-28' } }),
  headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...more },
});

/** Every place in which a client's own text can stand. */
const PLACES: Readonly<Record<string, (text: string) => Partial<McpRequest>>> = {
  'the server': (server) => ({ server }),
  'the origin': (origin) => ({ headers: { origin } }),
  'the origin’s host': (text) => ({ headers: { origin: `https://${text}` } }),
  'the origin’s user': (text) => ({ headers: { origin: `https://${text}@host.example` } }),
  'the content type': (text) => ({ headers: { 'content-type': text } }),
  'a parameter of the content type': (text) => ({ headers: { 'content-type': `text/plain; a=${text}` } }),
  'the protocol header': (text) => ({ headers: { 'mcp-protocol-version': text } }),
  'the protocol header, beside an envelope': (text) => modern('ping', {}, { 'mcp-protocol-version': text }),
  'the envelope’s version': (text) => ({
    ...modern('ping', {}),
    body: aMessage('ping', { _meta: { [VERSION_KEY]: text } }),
  }),
  'Mcp-Method': (text) => modern('ping', {}, { 'mcp-method': text }),
  'Mcp-Name': (text) => modern('tools/call', { name: 'wire' }, { 'mcp-name': text }),
  'the tool, beside another Mcp-Name': (name) => modern('tools/call', { name }, { 'mcp-name': 'wire' }),
  'a task': (taskId) => ({ body: aMessage('tasks/get', { taskId }) }),
  'the method': (method) => ({ body: aMessage(method) }),
  'the tool': (name) => ({ body: aMessage('tools/call', { name }) }),
  'a URI': (uri) => ({ body: aMessage('resources/read', { uri }) }),
  'the path of a URI': (text) => ({ body: aMessage('resources/read', { uri: `bank://accounts/${text}` }) }),
  'the authority of a URI': (text) => ({ body: aMessage('resources/read', { uri: `bank://${text}/` }) }),
  'the user of a URI': (text) => ({ body: aMessage('resources/read', { uri: `https://${text}@host.example/` }) }),
  'the scheme of a URI': (text) => ({ body: aMessage('resources/read', { uri: `a${text.toLowerCase()}://x` }) }),
  'an argument': (text) => ({ body: aMessage('tools/call', { name: 'a', arguments: { account: text } }) }),
  'the name of an argument': (text) => ({ body: aMessage('tools/call', { name: 'a', arguments: { [text]: 1 } }) }),
  'the id': (id) => ({ body: JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' }) }),
  'a numeric id': (text) => ({
    body: `{"jsonrpc":"2.0","id":${text.replaceAll(/\D/g, '').slice(0, 16)},"method":"ping"}`,
  }),
  'the id of a response': (id) => ({ body: JSON.stringify({ jsonrpc: '2.0', id, result: {} }) }),
  'broken JSON': (text) => ({ body: `${text}{` }),
  'JSON that speaks of a position': (text) => ({ body: `at position ${text}` }),
  'a name that appears twice': (text) => ({ body: `{${JSON.stringify(text)}:1,${JSON.stringify(text)}:2}` }),
  'the name of the client': (name) => ({ body: aMessage('initialize', { clientInfo: { name, version: name } }) }),
  'the name of the client, modern': (name) => ({
    body: aMessage('ping', { _meta: { [CLIENT_INFO_KEY]: { name, version: name } } }),
  }),
  'a session id': (text) => ({ headers: { 'mcp-session-id': text } }),
};

const POLICY = policyOf(aConfig());

/** Lines of all entries that a request can leave. */
const linesOf = (request: McpRequest): string => {
  const entries: unknown[] = [];
  const admitted = admit(request, aConfig(), POLICY);
  const known = admitted.ok ? admitted.value : admitted.error;
  if (!admitted.ok) entries.push({ ...openEntry(), denial: denialRecord(admitted.error.refusal) });
  if (known.classification !== null) {
    const { message, classification } = known;
    const masked = message === null || message.kind === 'response' ? null : outline(message.params);
    entries.push({ ...intentEntry(), call: callRecord(request, classification, message), args: { masked } });
    entries.push({ ...openEntry(), clientInfo: clientInfo(message) });
  }
  const claimed = request.headers['mcp-session-id'];
  if (claimed !== undefined) {
    const owner = sessionOwner(aPrincipal(), request.server);
    const refusal = sessionRefusal(undefined, claimed, owner, NOW, aConfig().sessions);
    entries.push({ ...openEntry(), denial: denialRecord(refusal ?? { reason: 'none' }) });
  }
  return entries.map((entry) => toWalEntry(entry as Entry).line).join('\n');
};

describe('a secret planted in', () => {
  it.each(Object.entries(PLACES))('%s stands in no entry', (_place, plant) => {
    fc.assert(
      fc.property(planted, ({ secret: text, text: whole }) => {
        const lines = linesOf(aRequest(plant(whole)));
        expect(lines).not.toBe('');
        expect(lines).not.toContain(text);
        expect(lines.toLowerCase()).not.toContain(text.toLowerCase());
        if (/^\d{9,}$/.test(text)) expect(lines).not.toContain(text.slice(0, 9));
      }),
      { numRuns: 60 },
    );
  });

  it('nothing: the places are where a harmless text is shown', () => {
    const shown = Object.values(PLACES).filter((plant) => linesOf(aRequest(plant('harmless'))).includes('harmless'));
    expect(shown.length).toBeGreaterThan(12);
  });
});
