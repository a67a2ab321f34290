import { describe, expect, it } from 'vitest';
import type { Intent } from '../../../lambdas/core/ledger/entry.ts';
import { canonicalJson } from '../../../lambdas/core/ledger/jcs.ts';
import {
  intentKeyName,
  intentPayload,
  readIntentPayload,
  strictIntentOf,
} from '../../../lambdas/core/ledger/strict-intent.ts';
import { intentEntry } from '../../support/builders.ts';

const LEAF = 'ab'.repeat(32);
const args = { bytes: '2', kid: 'sha256:1', ct: 'sha256:2', pt: 'hmac-sha256:3', at: 'inline', masked: {} } as const;
const ENTRY: Intent = intentEntry({ strict: true, args });
const PAYLOAD = intentPayload(strictIntentOf(ENTRY), LEAF);

type Loose = Record<string, unknown>;
const changed = (change: (statement: Loose & { predicate: Loose }) => unknown): string =>
  canonicalJson(change(JSON.parse(PAYLOAD) as Loose & { predicate: Loose }));

describe('intentPayload', () => {
  it('follows from the entry alone, and names who, what and under which configuration', () => {
    expect(JSON.parse(PAYLOAD)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: ENTRY.callId, digest: { sha256: LEAF } }],
      predicateType: 'https://countersign.example/call-intent/v1',
      predicate: {
        ...{ log: ENTRY.log, sid: ENTRY.sid, seq: '1', callId: ENTRY.callId, config: ENTRY.config, ts: ENTRY.ts },
        actor: { iss: ENTRY.actor.iss, sub: 'ana', client: 'ide' },
        ...{ server: 'core-banking', tool: 'get_balance', args: 'sha256:2' },
      },
    });
  });

  it('holds nothing of what was sent but a digest of its ciphertext', () => {
    const planted = intentEntry({ args: { ...args, masked: { amount: 'PLANTED' } }, decision: DECISION });
    expect(intentPayload(strictIntentOf(planted), LEAF)).not.toContain('PLANTED');
  });
  const DECISION = { effect: 'permit', reasons: ['PLANTED'], policy: 'PLANTED' } as const;
});

describe('readIntentPayload', () => {
  it('reads back what a payload says', () => {
    expect(readIntentPayload(PAYLOAD)).toEqual(strictIntentOf(ENTRY));
    const bare = strictIntentOf(intentEntry({ args: null, call: { ...ENTRY.call, subject: null } }));
    expect(readIntentPayload(intentPayload(bare, LEAF))).toEqual(bare);
  });

  it.each<[string, string]>([
    ['no JSON', 'x'],
    ['no object', '[]'],
    ['no predicate', changed(({ predicate: _predicate, ...rest }) => rest)],
    ['no actor', changed(({ predicate: { actor: _actor, ...predicate }, ...rest }) => ({ ...rest, predicate }))],
    ['no subject', changed((statement) => ({ ...statement, subject: [] }))],
    [
      'a subject of another call',
      changed((statement) => ({ ...statement, subject: [{ name: 'x', digest: { sha256: LEAF } }] })),
    ],
    ['two subjects', changed((statement) => ({ ...statement, subject: [...(statement['subject'] as unknown[]), {}] }))],
    ['a subject without digest', changed((statement) => ({ ...statement, subject: [{ name: ENTRY.callId }] }))],
    ['another predicate type', changed((statement) => ({ ...statement, predicateType: 'https://x.example' }))],
    ['a number for text', changed((statement) => ({ ...statement, predicate: { ...statement.predicate, seq: 1 } }))],
    ['a member more', changed((statement) => ({ ...statement, predicate: { ...statement.predicate, more: '' } }))],
    [
      'another order of members',
      PAYLOAD.replace('{"_type":"https://in-toto.io/Statement/v1",', '{').replace(
        /}$/,
        ',"_type":"https://in-toto.io/Statement/v1"}',
      ),
    ],
    ['half a surrogate pair', PAYLOAD.replace('"ide"', '"\\ud800"')],
  ])('refuses %s', (_what, payload) => {
    expect(readIntentPayload(payload)).toBeUndefined();
  });
});

describe('intentKeyName', () => {
  it('is a name of its own, so that no checkpoint verifies with the intent key', () => {
    expect(intentKeyName('mcp.bank.example/countersign')).toBe('mcp.bank.example/countersign/intent');
  });
});
