/** Decimal money as whole cents: amounts travel as strings and are never floating-point numbers. */

export const DECIMAL_AMOUNT = /^\d{1,12}(\.\d{1,2})?$/;

/** Cents of a decimal string such as `1250.5`; negative amounts carry a leading minus. */
export function toCents(amount: string): number {
  const negative = amount.startsWith('-');
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.');
  const cents = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  return negative ? -cents : cents;
}

/** The decimal string of `cents`, always with two places. */
export function fromCents(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
