// DSSE envelopes: the specification's own encoding, sigstore's primitives as a second reader, and every deviation refused.

import { createPrivateKey, sign } from 'node:crypto';
import { dsse, crypto as sigstore } from '@sigstore/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DsseFault,
  formatEnvelope,
  IN_TOTO_TYPE,
  openEnvelope,
  preAuthEncoding,
  STATEMENT_TYPE,
  statementPayload,
} from '../../../lambdas/core/ledger/dsse.ts';
import type { Result } from '../../../lambdas/core/result.ts';
import { logKey } from '../../support/sealed-log.ts';

const DER = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 1)]);
const privateKey = createPrivateKey({ key: DER, format: 'der', type: 'pkcs8' });
const { verifier } = logKey(1);

interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly [{ readonly sig: string }];
}

const PAYLOAD = statementPayload({
  _type: STATEMENT_TYPE,
  subject: [{ name: 'session', digest: { sha256: 'ab'.repeat(32) } }],
  predicateType: 'https://countersign.example/session/v1',
  predicate: { count: '3' },
});

const signed = (payload: string): Uint8Array => sign(null, Buffer.from(preAuthEncoding(payload), 'utf8'), privateKey);
const enveloped = (payload = PAYLOAD): string => formatEnvelope(payload, verifier.keyId, signed(payload));
const open = (text: string): Result<string, DsseFault> => openEnvelope(Buffer.from(text, 'utf8'), verifier);
const reasonOf = (result: Result<string, DsseFault>): string => (result.ok ? 'ok' : result.error.reason);
const changed = (change: (envelope: Record<string, unknown>) => unknown): string => {
  const envelope = JSON.parse(enveloped()) as Record<string, unknown>;
  return JSON.stringify(change(envelope));
};

describe('preAuthEncoding', () => {
  it('is what the specification shows, lengths in bytes', () => {
    expect(preAuthEncoding('hé')).toBe('DSSEv1 28 application/vnd.in-toto+json 3 hé');
  });

  it('is what sigstore computes', () => {
    expect(Buffer.from(preAuthEncoding(PAYLOAD), 'utf8')).toEqual(
      dsse.preAuthEncoding(IN_TOTO_TYPE, Buffer.from(PAYLOAD, 'utf8')),
    );
  });

  it('refuses what KMS would not sign as it is, and takes one byte less', () => {
    const room = 4096 - preAuthEncoding('x'.repeat(4000)).length + 4000;
    expect(() => preAuthEncoding('x'.repeat(room + 1))).toThrow(RangeError);
    expect(preAuthEncoding('x'.repeat(room))).toHaveLength(4096);
  });
});

describe('openEnvelope', () => {
  it('gives back the payload of a signed envelope', () => {
    expect(open(enveloped())).toEqual({ ok: true, value: PAYLOAD });
  });

  it("verifies with sigstore's own primitives", () => {
    const { payload, payloadType, signatures } = JSON.parse(enveloped()) as Envelope;
    const data = dsse.preAuthEncoding(payloadType, Buffer.from(payload, 'base64'));
    const signature = Buffer.from(signatures[0].sig, 'base64');
    expect(sigstore.verify(data, verifier.publicKey, signature)).toBe(true);
    expect(sigstore.verify(Buffer.concat([data, Buffer.from(' ')]), verifier.publicKey, signature)).toBe(false);
  });

  it('takes one good signature among others', () => {
    const both = changed((envelope) => ({
      ...envelope,
      signatures: [{ keyid: 'x', sig: Buffer.alloc(64).toString('base64') }, ...(envelope['signatures'] as unknown[])],
    }));
    expect(reasonOf(open(both))).toBe('ok');
  });

  it.each<[string, string, string]>([
    ['no JSON', 'nothing', 'envelope_malformed'],
    ['a list', '[]', 'envelope_malformed'],
    ['null', 'null', 'envelope_malformed'],
    ['too long', `${' '.repeat(16 * 1024)}${enveloped()}`, 'envelope_malformed'],
    ['another type', changed((envelope) => ({ ...envelope, payloadType: 'text/plain' })), 'envelope_malformed'],
    [
      'base64 with a newline',
      changed((envelope) => ({ ...envelope, payload: `${String(envelope['payload'])}\n` })),
      'envelope_malformed',
    ],
    ['no payload', changed(({ payload: _payload, ...rest }) => rest), 'envelope_malformed'],
    ['a payload that is not UTF-8', changed((envelope) => ({ ...envelope, payload: '/w==' })), 'envelope_malformed'],
    [
      'a payload over the limit',
      changed((envelope) => ({ ...envelope, payload: Buffer.alloc(4033, 65).toString('base64') })),
      'envelope_malformed',
    ],
    ['signatures that are no list', changed((envelope) => ({ ...envelope, signatures: {} })), 'envelope_malformed'],
    ['a signature without sig', changed((envelope) => ({ ...envelope, signatures: [{}] })), 'envelope_malformed'],
    ['a signature that is text', changed((envelope) => ({ ...envelope, signatures: ['x'] })), 'envelope_malformed'],
    [
      'five signatures',
      changed((envelope) => ({ ...envelope, signatures: Array(5).fill((envelope['signatures'] as unknown[])[0]) })),
      'envelope_malformed',
    ],
    ['no signature', changed((envelope) => ({ ...envelope, signatures: [] })), 'envelope_unsigned'],
    ['another payload', changed((envelope) => ({ ...envelope, payload: 'e30=' })), 'envelope_signature'],
    [
      'a short signature',
      changed((envelope) => ({ ...envelope, signatures: [{ keyid: '', sig: 'AAAA' }] })),
      'envelope_signature',
    ],
  ])('refuses %s', (_, text, reason) => {
    expect(reasonOf(open(text))).toBe(reason);
  });

  it('refuses the signature of another key', () => {
    const other = openEnvelope(Buffer.from(enveloped(), 'utf8'), logKey(2).verifier);
    expect(reasonOf(other)).toBe('envelope_signature');
  });

  it('refuses any one bit flipped, unless the bytes still say the same', () => {
    const bytes = Buffer.from(enveloped(), 'utf8');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        const result = openEnvelope(flipped, verifier);
        // What remains is the hint of the key id, and the name of that member.
        if (result.ok) expect(result.value).toBe(PAYLOAD);
      }),
    );
  });
});
