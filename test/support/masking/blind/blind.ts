// The blind split: styles and negatives that were written by somebody who had read no detector, and not tuned on before the
// first run was written down.

import type { DetectorId } from '../../../../lambdas/core/masking/detectors/catalog.ts';
import { ABA, ACCOUNT, BIC, CARD, IBAN } from './bank-styles.ts';
import { ADDRESS, BIRTHDATE, EMAIL, LICENCE, PASSPORT, PHONE } from './person-styles.ts';
import { ENTROPY, IP, JWT, KEY, PASSWORD, TOKEN } from './secret-styles.ts';
import { EIN, ITIN, SSN } from './tax-styles.ts';

export const BLIND_STYLES: Readonly<Record<DetectorId, readonly string[]>> = {
  card: CARD,
  iban: IBAN,
  aba: ABA,
  ssn: SSN,
  itin: ITIN,
  ein: EIN,
  account: ACCOUNT,
  bic: BIC,
  phone: PHONE,
  email: EMAIL,
  address: ADDRESS,
  birthdate: BIRTHDATE,
  passport: PASSPORT,
  licence: LICENCE,
  ip: IP,
  key: KEY,
  jwt: JWT,
  token: TOKEN,
  password: PASSWORD,
  entropy: ENTROPY,
};
