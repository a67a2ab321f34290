// Check digits. Pure.

/** ISO/IEC 7812-1 annex B. */
export const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  let doubles = false;
  for (let at = digits.length - 1; at >= 0; at -= 1) {
    const digit = digits.charCodeAt(at) - 0x30;
    const doubled = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += doubles ? doubled : digit;
    doubles = !doubles;
  }
  return sum % 10 === 0;
};

const ABA_WEIGHTS = [3, 7, 1];

/** ABA routing transit number: nine digits, weighted 3-7-1, of a Federal Reserve district or another assigned range. */
export const passesAba = (digits: string): boolean => {
  if (!/^(?:0[1-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)\d{7}$/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < 9; at += 1) sum += (digits.charCodeAt(at) - 0x30) * (ABA_WEIGHTS[at % 3] ?? 0);
  return sum % 10 === 0;
};

/** ISO 7064 MOD 97-10 over an IBAN in electronic format. */
export const passesMod97 = (iban: string): boolean => {
  let remainder = 0;
  for (let index = 0; index < iban.length; index += 1) {
    const code = iban.charCodeAt((index + 4) % iban.length);
    if (code >= 0x30 && code <= 0x39) remainder = (remainder * 10 + code - 0x30) % 97;
    else remainder = (remainder * 100 + (code | 0x20) - 0x57) % 97;
  }
  return remainder === 1;
};
