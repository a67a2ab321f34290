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

const personal = (context: number | null): DetectorFacts => ({ version: 1, context, showsLastFour: true });
const secret = (context: number | null): DetectorFacts => ({ version: 1, context, showsLastFour: false });

export const DETECTORS = {
  card: personal(null),
  iban: personal(null),
  aba: personal(ROUTING),
  ssn: personal(SSN),
  itin: personal(TAX),
  ein: personal(EIN),
  account: personal(ACCOUNT),
  bic: personal(BIC),
  phone: personal(PHONE),
  email: personal(null),
  address: personal(null),
  birthdate: personal(BIRTH),
  passport: personal(PASSPORT),
  licence: personal(LICENCE),
  ip: personal(null),
  key: secret(null),
  jwt: secret(null),
  token: secret(null),
  password: secret(PASSWORD),
  entropy: secret(SECRET),
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
