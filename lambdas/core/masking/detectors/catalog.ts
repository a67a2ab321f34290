// Every detector by name: what a rule may turn on, and what an entry says found a value. A change of what a detector
// finds is a new version, so that an old entry still says by which rule it was masked. Pure.

import {
  ACCOUNT,
  BIC,
  BIRTH,
  EIN,
  LICENCE,
  PASSPORT,
  PASSWORD,
  PHONE,
  ROUTING,
  SECRET,
  SSN,
  TAX,
} from '../text/words.ts';

export interface DetectorFacts {
  readonly version: number;
  /** The context that a found value leaves behind: in a list, one label stands for all its values. */
  readonly context: number | null;
  /** Whether the last four characters may be shown: never of a secret. */
  readonly showsLastFour: boolean;
}

const personal = (context: number | null, version = 1): DetectorFacts => ({ version, context, showsLastFour: true });
const secret = (context: number | null, version = 1): DetectorFacts => ({ version, context, showsLastFour: false });

export const DETECTORS = {
  card: personal(null),
  iban: personal(null),
  aba: personal(ROUTING, 2),
  ssn: personal(SSN, 2),
  itin: personal(TAX, 2),
  ein: personal(EIN, 2),
  account: personal(ACCOUNT, 2),
  bic: personal(BIC, 2),
  phone: personal(PHONE, 2),
  email: personal(null),
  address: personal(null, 2),
  birthdate: personal(BIRTH, 2),
  passport: personal(PASSPORT, 2),
  licence: personal(LICENCE, 2),
  ip: personal(null),
  key: secret(null),
  jwt: secret(null),
  token: secret(null),
  password: secret(PASSWORD, 2),
  entropy: secret(SECRET, 2),
} as const satisfies Record<string, DetectorFacts>;

export type DetectorId = keyof typeof DETECTORS;

export const DETECTOR_IDS = Object.keys(DETECTORS) as [DetectorId, ...DetectorId[]];

export const isDetectorId = (name: string): name is DetectorId => Object.hasOwn(DETECTORS, name);

/** What a detector found, in the coordinates of the text it looked at. */
export interface Match {
  readonly id: DetectorId;
  readonly start: number;
  readonly end: number;
}
