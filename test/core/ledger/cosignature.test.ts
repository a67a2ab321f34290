// Cosignatures, made and refused; test/verify/go.test.ts has them checked by an implementation that is not ours.

import { describe, expect, it } from 'vitest';
import { formatCosignerKey, parseCosignerKey, verifyCosignature } from '../../../lambdas/core/ledger/cosignature.ts';
import { type Note, parseNote, parseVerifierKey, rawPublicKey, verifyNote } from '../../../lambdas/core/ledger/note.ts';
import { checkpointOf, logKey, witnessKey } from '../../support/sealed-log.ts';

// A witness of the public network, from the tests of transparency-dev/formats.
const REMORA = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2';

const key = logKey();
const witness = witnessKey(7, 'witness.example/w1');
const SECONDS = 1_795_341_602;
const cosigned = witness.cosign(checkpointOf(key, { size: 5, root: new Uint8Array(32) }), SECONDS);

const noteOf = (bytes: Uint8Array): Note => {
  const note = parseNote(bytes);
  if (!note.ok) throw new Error(note.error.reason);
  return note.value;
};
const change = (at: number, to: (signature: Buffer) => Uint8Array): Note => {
  const note = noteOf(cosigned);
  const signatures = note.signatures.map((line, n) =>
    n === at ? { ...line, signature: to(Buffer.from(line.signature)) } : line,
  );
  return { ...note, signatures };
};

describe('parseCosignerKey', () => {
  it('reads the key of a public witness', () => {
    const parsed = parseCosignerKey(REMORA);
    if (!parsed.ok) throw new Error(parsed.error.reason);
    expect(parsed.value).toMatchObject({ kind: 'cosigner', name: 'remora.n621.de', keyId: 'da77ade7' });
    const raw = rawPublicKey(parsed.value.publicKey.export({ format: 'der', type: 'spki' }));
    expect(formatCosignerKey('remora.n621.de', raw ?? new Uint8Array())).toBe(REMORA);
  });

  it('refuses the key of a log, as a log refuses the key of a witness', () => {
    expect(parseCosignerKey(key.vkey)).toMatchObject({ ok: false, error: { reason: 'key_malformed' } });
    expect(parseVerifierKey(REMORA)).toMatchObject({ ok: false, error: { reason: 'key_malformed' } });
  });

  it.each([
    ['another key id', REMORA.replace('da77ade7', 'da77ade8')],
    ['another name', REMORA.replace('remora', 'nemora')],
    ['an ML-DSA-44 key', REMORA.replace('+BOvN', '+BuvN')],
  ])('refuses %s', (_, vkey) => {
    expect(parseCosignerKey(vkey).ok).toBe(false);
  });
});

describe('verifyCosignature', () => {
  it('gives the time, and leaves the log’s own signature as good as it was', () => {
    const note = noteOf(cosigned);
    expect(verifyCosignature(note, witness.cosigner)).toEqual({ ok: true, value: SECONDS });
    expect(verifyNote(note, key.verifier).ok).toBe(true);
  });

  it('gives the earliest of several times', () => {
    const twice = noteOf(witness.cosign(cosigned, SECONDS - 100));
    expect(verifyCosignature(twice, witness.cosigner)).toEqual({ ok: true, value: SECONDS - 100 });
  });

  it('does not find one by another witness, nor by one of the same name', () => {
    const note = noteOf(cosigned);
    for (const other of [witnessKey(7, 'witness.example/w2'), witnessKey(8, 'witness.example/w1')]) {
      expect(verifyCosignature(note, other.cosigner)).toMatchObject({ error: { reason: 'cosignature_missing' } });
    }
  });

  it.each([
    ['another time', (signature: Buffer) => signature.fill(1, 7, 8)],
    ['no time', (signature: Buffer) => signature.fill(0, 0, 8)],
    ['a time beyond the year 9999', (signature: Buffer) => signature.fill(0x7f, 0, 8)],
    ['another signature', (signature: Buffer) => signature.fill(9, 70)],
    ['a signature cut off', (signature: Buffer) => signature.subarray(0, 71)],
    ['a byte too many', (signature: Buffer) => Buffer.concat([signature, Buffer.of(0)])],
  ])('refuses %s', (_, to) => {
    expect(verifyCosignature(change(1, to), witness.cosigner)).toMatchObject({
      error: { reason: 'cosignature_wrong' },
    });
  });

  it('refuses a cosignature of another text', () => {
    const text = noteOf(cosigned).text.replace('\n5\n', '\n6\n');
    const moved = verifyCosignature({ ...noteOf(cosigned), text }, witness.cosigner);
    expect(moved).toMatchObject({ error: { reason: 'cosignature_wrong' } });
  });

  it('refuses the note when one of two cosignatures of a witness is wrong', () => {
    const twice = noteOf(witness.cosign(cosigned, SECONDS + 1));
    const signatures = twice.signatures.map((line, at) =>
      at === 2 ? { ...line, signature: Buffer.from(line.signature).fill(3, 60) } : line,
    );
    expect(verifyCosignature({ ...twice, signatures }, witness.cosigner).ok).toBe(false);
  });
});
