/**
 * Numbers that pass the checks a masking engine makes, and that nobody owns.
 * Each function names the range it draws from and why nobody can hold a number in it.
 */
import type { Random } from './random.ts';

/** Area numbers 800-899 were unassigned when areas were abolished in June 2011, so no adult holds one. */
export function makeSsn(random: Random): string {
  return `8${random.digits(2)}-${String(random.int(1, 99)).padStart(2, '0')}-${String(random.int(1, 9999)).padStart(4, '0')}`;
}

/** 555-0100 to 555-0199 is set aside for fiction in every North American area code. */
export function makePhone(random: Random, areaCode: string): string {
  return `+1 ${areaCode}-555-01${random.digits(2)}`;
}

export type CardBrand = 'Visa' | 'Mastercard' | 'American Express';

/** Prefixes payment processors publish for test cards; none of them is issued to a person. */
const TEST_CARD_PREFIXES: Readonly<Record<CardBrand, { readonly prefix: string; readonly length: number }>> = {
  Visa: { prefix: '411111', length: 16 },
  Mastercard: { prefix: '555555', length: 16 },
  'American Express': { prefix: '378282', length: 15 },
};

/** A Luhn-valid card number in the brand's published test range. */
export function makeCardNumber(random: Random, brand: CardBrand): string {
  const { prefix, length } = TEST_CARD_PREFIXES[brand];
  const body = prefix + random.digits(length - prefix.length - 1);
  return body + luhnCheckDigit(body);
}

/** The digit that makes `body` pass the Luhn check (ISO/IEC 7812-1, annex B). */
function luhnCheckDigit(body: string): string {
  const sum = [...body]
    .reverse()
    .map((digit, index) => (index % 2 === 0 ? Number(digit) * 2 : Number(digit)))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
  return String((10 - (sum % 10)) % 10);
}

/** A British IBAN of the demo bank: bank code MRDN belongs to no institution. */
export function makeBankIban(random: Random): { readonly iban: string; readonly accountNumber: string } {
  const accountNumber = random.digits(8);
  return { iban: makeIban('GB', `MRDN${random.digits(6)}${accountNumber}`), accountNumber };
}

/** A German IBAN for a counterparty; bank codes starting with 0 are not given out. */
export function makeForeignIban(random: Random): string {
  return makeIban('DE', `0${random.digits(17)}`);
}

function makeIban(country: string, bban: string): string {
  const check = 98 - remainder97(`${bban}${country}00`);
  return `${country}${String(check).padStart(2, '0')}${bban}`;
}

/** Whether `iban` has the form and the check digits of ISO 13616; blanks are allowed between groups. */
export function isValidIban(iban: string): boolean {
  const compact = iban.replaceAll(' ', '');
  return /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(compact) && remainder97(compact.slice(4) + compact.slice(0, 4)) === 1;
}

/** ISO 7064 MOD 97-10 over letters as 10…35. */
function remainder97(text: string): number {
  const digits = [...text].map((character) => Number.parseInt(character, 36)).join('');
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0);
}
