// Cookies that the browser keeps and cannot read or change: JWE (RFC 7516), `dir` + A256GCM, under a key of the console's
// own. Each kind of cookie is sealed for its purpose, so that one cannot stand in for the other.

import { EncryptJWT, jwtDecrypt } from 'jose';

type CookiePurpose = 'session' | 'sign-in';

export interface SealedCookies {
  seal(purpose: CookiePurpose, claims: Readonly<Record<string, unknown>>, seconds: number): Promise<string>;
  /** `undefined` for what was not sealed here, for another purpose, or too long ago. */
  open(purpose: CookiePurpose, text: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

/** `key`: 32 bytes. */
export const makeSealedCookies = (key: () => Promise<Uint8Array>): SealedCookies => ({
  seal: async (purpose, claims, seconds) =>
    new EncryptJWT({ ...claims })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(purpose)
      .setIssuedAt()
      .setExpirationTime(`${seconds}s`)
      .encrypt(await key()),
  open: async (purpose, text) => {
    const secret = await key();
    try {
      const { payload } = await jwtDecrypt(text, secret, {
        audience: purpose,
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return payload;
    } catch {
      return undefined;
    }
  },
});
