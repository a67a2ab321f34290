// What a manifest says, that it fits what KMS signs, and that others' tools read it.

import { dsse, crypto as sigstore } from '@sigstore/core';
import { describe, expect, it } from 'vitest';
import { preAuthEncoding } from '../../../lambdas/core/ledger/dsse.ts';
import {
  MANIFEST_TYPE,
  manifestDifferences,
  manifestPayload,
  manifestSubject,
} from '../../../lambdas/core/ledger/manifest.ts';
import { leafHashOf, rootOf } from '../../../lambdas/core/ledger/merkle.ts';
import type { SessionTotals } from '../../../lambdas/core/ledger/session-summary.ts';
import { sealedLog } from '../../support/sealed-log.ts';

const SID = '019a7d10-0000-7000-8000-000000000001';
const ORIGIN = 'mcp.bank.example/countersign';
const TOTALS: SessionTotals = {
  principal: { iss: 'https://login.bank.example', sub: 'ana', client: 'ide' },
  server: 'core-banking',
  openedAt: '2026-11-22T10:00:00.000Z',
  closedAt: '2026-11-22T10:30:00.000Z',
  why: 'idle',
  ...{ first: 12, last: 40, count: 9, root: Buffer.alloc(32, 0xab) },
  ...{ intents: 4, unknown: 1, gaps: 1, approvals: 0, masked: 7 },
  outcomes: new Map([
    ['tool_error', 1],
    ['result', 2],
  ]),
};

describe('manifestPayload', () => {
  it('is an in-toto statement about the session, in canonical form', () => {
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      predicate: {
        approvals: '0',
        calls: { counted: '5', gaps: '1', outcomes: { result: '2', tool_error: '1' }, unknown: '1' },
        entries: { count: '9', first: '12', last: '40' },
        log: ORIGIN,
        masked: '7',
        principal: { client: 'ide', iss: 'https://login.bank.example', sub: 'ana' },
        session: {
          closedAt: '2026-11-22T10:30:00.000Z',
          openedAt: '2026-11-22T10:00:00.000Z',
          server: 'core-banking',
          sid: SID,
          why: 'idle',
        },
      },
      predicateType: MANIFEST_TYPE,
      subject: [{ digest: { sha256: 'ab'.repeat(32) }, name: `session/${SID}` }],
    };
    expect(manifestPayload(ORIGIN, SID, TOTALS)).toBe(JSON.stringify(statement));
  });

  it.each(['x'.repeat(100_000), '\u0001'.repeat(500), '𝄞'.repeat(400), '"'.repeat(599)])(
    'fits what KMS signs whatever a token says of itself',
    (text) => {
      const principal = { iss: text, sub: text, client: text };
      const outcomes = new Map(
        ['result', 'tool_error', 'rpc_error', 'accepted', 'stream', 'failed'].map((status) => [status, 999_999_999]),
      );
      const payload = manifestPayload('o'.repeat(200), SID, { ...TOTALS, principal, server: text, outcomes });
      expect(() => preAuthEncoding(payload)).not.toThrow();
      expect(payload).toMatch(/"sub":"sha256:[0-9a-f]{64}"/);
    },
  );
});

describe('manifestSubject', () => {
  it('is the session of a statement of ours, and of no other', () => {
    const payload = manifestPayload(ORIGIN, SID, TOTALS);
    expect(manifestSubject(payload)).toBe(SID);
    for (const other of [
      payload.replace(MANIFEST_TYPE, 'https://slsa.dev/provenance/v1'),
      payload.replace('session/019a', '019a'),
      payload.replace('"subject":[{', '"subject":[{},{'),
      'hello',
      'null',
      '[]',
    ]) {
      expect(manifestSubject(other)).toBeUndefined();
    }
  });
});

describe('manifestDifferences', () => {
  it('names each field that differs, a few at the most', () => {
    const other = { ...TOTALS, count: 10, principal: { ...TOTALS.principal, sub: 'bea' } };
    expect(manifestDifferences(manifestPayload(ORIGIN, SID, other), manifestPayload(ORIGIN, SID, TOTALS))).toEqual([
      'predicate.entries.count is "10", the entries say "9"',
      'predicate.principal.sub is "bea", the entries say "ana"',
    ]);
    expect(manifestDifferences('{}', manifestPayload(ORIGIN, SID, TOTALS))).toHaveLength(4);
  });
});

describe('the manifest of a sealed session', () => {
  const log = sealedLog({ sessions: 2, callsPerSession: 12 }, 40);
  const [name = '', bytes = new Uint8Array()] = [...log.files].find(([file]) => file.startsWith('manifest/')) ?? [];
  const { payload, payloadType, signatures } = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly [{ readonly sig: string }];
  };
  const statement = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as {
    readonly subject: readonly [{ readonly digest: { readonly sha256: string } }];
    readonly predicate: { readonly entries: { readonly first: string; readonly last: string; readonly count: string } };
  };

  it("verifies with sigstore's own primitives, as an in-toto statement", () => {
    const data = dsse.preAuthEncoding(payloadType, Buffer.from(payload, 'base64'));
    expect(payloadType).toBe('application/vnd.in-toto+json');
    expect(sigstore.verify(data, log.key.verifier.publicKey, Buffer.from(signatures[0].sig, 'base64'))).toBe(true);
  });

  it('commits to the entries of the session: first, last, count and RFC 6962 root', () => {
    const sid = name.slice('manifest/'.length, -'.dsse.json'.length);
    const own = log.entries
      .map(({ entry, line }, index) => ({ entry, line, index }))
      .filter(({ entry }) => 'sid' in entry && entry.sid === sid);
    const root = Buffer.from(rootOf(own.map(({ line }) => leafHashOf(line)))).toString('hex');
    expect(statement.subject[0].digest.sha256).toBe(root);
    expect(statement.predicate.entries).toEqual({
      first: String(own[0]?.index),
      last: String(own.at(-1)?.index),
      count: String(own.length),
    });
  });
});
