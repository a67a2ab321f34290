// The detectors that a set of rules turns on, by the point at which the scanner asks them. Pure.

import { ACCOUNT, BIRTH, EIN, LICENCE, PASSPORT, PHONE, ROUTING, SSN, TAX } from '../text/words.ts';
import { findHouseNumber, findStreetPrefix, findStreetSuffix } from './address.ts';
import { findAccount, findBic, findIban } from './bank-accounts.ts';
import { findCard } from './card.ts';
import { DETECTORS, type DetectorId, isDetectorId } from './catalog.ts';
import { findEmail, findLabelledPhone, findPhone } from './contact.ts';
import {
  findBirthdate,
  findBirthdateBehindBrackets,
  findLetteredAccount,
  findLicence,
  findPassport,
} from './documents.ts';
import {
  findCommandPassword,
  findIdentifiedBy,
  findLabelledSecret,
  findPassWord,
  secretAt,
} from './labelled-secrets.ts';
import { findNamedBefore } from './named-after.ts';
import { findIpv4, findIpv6 } from './network.ts';
import type { DigitDetector, PointDetector, WordDetector } from './scan.ts';
import { findPrivateKey, findUrlPassword, findVendorToken } from './secrets.ts';
import {
  findAba,
  findEin,
  findHyphenatedSsn,
  findPlainEin,
  findPlainSsn,
  findPlainTaxId,
  findSpacedSsn,
} from './us-numbers.ts';

type Numbers = readonly (readonly [ids: readonly DetectorId[], detect: DigitDetector])[];

/** What a checksum or a shape of its own decides. */
const NUMBERS: Numbers = [
  [['card'], findCard],
  [['ip'], findIpv4],
  [['ssn', 'itin'], findHyphenatedSsn],
  [['phone'], findPhone],
  [['address'], findHouseNumber],
];

/** What only a word tells, by the context that it gives. */
const LABELLED: Readonly<Record<number, Numbers>> = {
  [SSN]: [
    [['ssn', 'itin'], findPlainSsn],
    [['ssn', 'itin'], findSpacedSsn],
  ],
  [TAX]: [
    [['ssn', 'itin', 'ein'], findPlainTaxId],
    [['ssn', 'itin'], findSpacedSsn],
    [['ein'], findEin],
  ],
  [EIN]: [
    [['ein'], findPlainEin],
    [['ein'], findEin],
  ],
  [ROUTING]: [[['aba'], findAba]],
  [ACCOUNT]: [[['account'], findAccount]],
  [PHONE]: [[['phone'], findLabelledPhone]],
  [BIRTH]: [[['birthdate'], findBirthdate]],
  [PASSPORT]: [
    [['passport'], (scan, groups) => findPassport(scan, groups.start)],
    [['birthdate'], findBirthdateBehindBrackets],
  ],
  [LICENCE]: [
    [['licence'], (scan, groups) => findLicence(scan, groups.start)],
    [['birthdate'], findBirthdateBehindBrackets],
  ],
};

/** Numbers with letters in them. */
const DOCUMENTS: readonly (readonly [context: number, id: DetectorId, detect: PointDetector])[] = [
  [PASSPORT, 'passport', findPassport],
  [LICENCE, 'licence', findLicence],
  [ACCOUNT, 'account', findLetteredAccount],
];

export class DetectorSet {
  readonly numbers: readonly DigitDetector[];
  /** Of numbers too short to be one: house numbers and ZIP codes. */
  readonly shortNumbers: readonly DigitDetector[];
  readonly vendorToken: PointDetector | undefined;
  readonly iban: WordDetector | undefined;
  readonly bic: WordDetector | undefined;
  readonly labelled: ReadonlyMap<number, readonly DigitDetector[]>;
  readonly documents: ReadonlyMap<number, PointDetector>;
  readonly labelledSecret: typeof findLabelledSecret | undefined;
  readonly secretAt: typeof secretAt | undefined;
  readonly passWord: WordDetector | undefined;
  readonly identifiedBy: WordDetector | undefined;
  readonly commandPassword: WordDetector | undefined;
  /** At the word that follows a value: what it names. */
  readonly namedBefore: typeof findNamedBefore | undefined;
  readonly streetSuffix: WordDetector | undefined;
  readonly streetPrefix: WordDetector | undefined;
  readonly privateKey: WordDetector | undefined;
  readonly email: PointDetector | undefined;
  readonly urlPassword: PointDetector | undefined;
  readonly ipv6: PointDetector | undefined;
  readonly #ids: ReadonlySet<DetectorId>;

  constructor(ids: ReadonlySet<DetectorId>) {
    const when = <T>(detect: T, ...of: readonly DetectorId[]): T | undefined =>
      of.some((id) => ids.has(id)) ? detect : undefined;
    this.#ids = ids;
    this.numbers = numbersOf(ids, NUMBERS);
    this.labelled = new Map(
      Object.entries(LABELLED).map(([context, numbers]) => [Number(context), numbersOf(ids, numbers)]),
    );
    this.documents = new Map(DOCUMENTS.filter(([, id]) => ids.has(id)).map(([context, , detect]) => [context, detect]));
    this.shortNumbers = ids.has('address') ? [findHouseNumber] : [];
    this.vendorToken = when(findVendorToken, 'token', 'jwt');
    this.iban = when(findIban, 'iban');
    this.bic = when(findBic, 'bic');
    this.labelledSecret = when(findLabelledSecret, 'password', 'entropy');
    this.secretAt = when(secretAt, 'password', 'entropy');
    this.passWord = when(findPassWord, 'password');
    this.identifiedBy = when(findIdentifiedBy, 'password');
    this.commandPassword = when(findCommandPassword, 'password');
    this.namedBefore = when(findNamedBefore, 'account', 'bic', 'birthdate', 'passport', 'licence', 'password');
    this.streetSuffix = when(findStreetSuffix, 'address');
    this.streetPrefix = when(findStreetPrefix, 'address');
    this.privateKey = when(findPrivateKey, 'key');
    this.email = when(findEmail, 'email');
    this.urlPassword = when(findUrlPassword, 'password');
    this.ipv6 = when(findIpv6, 'ip');
  }

  has(id: DetectorId): boolean {
    return this.#ids.has(id);
  }

  /** The context that a mask of this label leaves behind. */
  contextOf(label: string): number | null {
    return isDetectorId(label) ? DETECTORS[label].context : null;
  }
}

const numbersOf = (on: ReadonlySet<DetectorId>, numbers: Numbers): readonly DigitDetector[] =>
  numbers.filter(([of]) => of.some((id) => on.has(id))).map(([of, detect]) => only(on, of, detect));

/** A detector of several kinds, of which some are off, finds only the others. */
const only = (on: ReadonlySet<DetectorId>, of: readonly DetectorId[], detect: DigitDetector): DigitDetector => {
  if (of.every((id) => on.has(id))) return detect;
  return (scan, groups) => {
    const match = detect(scan, groups);
    return match !== undefined && on.has(match.id) ? match : undefined;
  };
};
