import { createHash, createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { compactDecrypt } from 'jose';
import { describe, expect, it } from 'vitest';
import { sealContent } from '../../lambdas/adapters/jwe-sealer.ts';

const secret = (fill: number) => createSecretKey(new Uint8Array(32).fill(fill));
const KEY = { kid: 'sha256:aa', sealing: secret(1), committing: secret(2) };
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

describe('sealContent', () => {
  it('seals any bytes so that the key, and only the key, opens them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (plaintext) => {
        const { jwe, bytes: size } = sealContent(KEY, plaintext);
        const opened = await compactDecrypt(jwe, KEY.sealing);
        expect(Buffer.compare(opened.plaintext, plaintext)).toBe(0);
        expect(opened.protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', kid: KEY.kid });
        expect(size).toBe(plaintext.length);
        await expect(compactDecrypt(jwe, KEY.committing)).rejects.toThrow();
      }),
      { numRuns: 30 },
    );
  });

  it('names the ciphertext by its digest and commits to the plaintext under the other key', () => {
    const { jwe, ct, pt } = sealContent(KEY, bytes('körper'));
    expect(ct).toBe(`sha256:${createHash('sha256').update(jwe).digest('hex')}`);
    expect(pt).toBe(`hmac-sha256:${createHmac('sha256', KEY.committing).update('körper').digest('hex')}`);
  });

  it('never seals twice alike, and commits alike to the same bytes only', () => {
    const [one, two, other] = ['a', 'a', 'b'].map((text) => sealContent(KEY, bytes(text)));
    expect(one?.jwe).not.toBe(two?.jwe);
    expect(one?.pt).toBe(two?.pt);
    expect(one?.pt).not.toBe(other?.pt);
  });

  it('names the key that opens it, protected against change', async () => {
    const { jwe } = sealContent({ ...KEY, kid: 'sha256:bb' }, bytes('a'));
    const [header = '', ...rest] = jwe.split('.');
    const claimed = JSON.parse(Buffer.from(header, 'base64url').toString());
    expect(claimed.kid).toBe('sha256:bb');
    const forged = Buffer.from(JSON.stringify({ ...claimed, kid: KEY.kid })).toString('base64url');
    await expect(compactDecrypt([forged, ...rest].join('.'), KEY.sealing)).rejects.toThrow();
  });
});
