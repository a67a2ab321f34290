// Made-up values that are valid of their kind: nobody's numbers. Check digits are computed here, apart from the code under
// test.

import type { DetectorId } from '../../../lambdas/core/masking/detectors/catalog.ts';
import type { Random } from './random.ts';

const luhnDigit = (digits: string): string => {
  let sum = 0;
  [...digits].reverse().forEach((char, index) => {
    const digit = Number(char) * (index % 2 === 0 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  });
  return String((10 - (sum % 10)) % 10);
};

const grouped = (text: string, sizes: readonly number[], gap: string): string => {
  const parts: string[] = [];
  let at = 0;
  for (const size of sizes) {
    parts.push(text.slice(at, at + size));
    at += size;
  }
  return parts.filter((part) => part !== '').join(gap);
};

const card = (random: Random): string => {
  const [prefix, length] = random.pick([
    ['4', 16],
    ['4', 16],
    ['51', 16],
    ['55', 16],
    ['2221', 16],
    ['2720', 16],
    ['34', 15],
    ['37', 15],
    ['6011', 16],
    ['65', 16],
    ['3528', 16],
    ['36', 14],
    ['62212', 16],
  ] as const);
  const body = prefix + random.digits(length - prefix.length - 1);
  const number = body + luhnDigit(body);
  const sizes = length === 15 ? [4, 6, 5] : length === 14 ? [4, 6, 4] : [4, 4, 4, 4];
  return random.pick([
    number,
    number,
    grouped(number, sizes, ' '),
    grouped(number, sizes, ' '),
    grouped(number, sizes, '-'),
    grouped(number, sizes, '.'),
  ]);
};

const IBAN_FORMS = {
  DE: '18n',
  FR: '10n11c2n',
  GB: '4a14n',
  NL: '4a10n',
  ES: '20n',
  IT: '1a10n12c',
  BE: '12n',
  AT: '16n',
  PL: '24n',
} as const;

/** With national check digits where ibantools asks for them: those countries are left to their valid examples. */
const IBAN_EXAMPLES = [
  'FR1420041010050500013M02606',
  'ES9121000418450200051332',
  'IT60X0542811101000000123456',
  'BE68539007547034',
  'PL61109010140000071219812874',
  'NO9386011117947',
  'CH9300762011623852957',
  'SE4550000000058398257466',
  'DK5000400440116243',
  'FI2112345600000785',
  'PT50000201231234567890154',
  'IE29AIBK93115212345678',
];

const ibanOf = (country: 'DE' | 'GB' | 'NL' | 'AT', random: Random): string => {
  const bban = IBAN_FORMS[country].replace(/(\d+)([na])/g, (_, count: string, kind: string) =>
    kind === 'n' ? random.digits(Number(count)) : random.letters(Number(count)),
  );
  const numeric = [...`${bban}${country}00`].map((char) => Number.parseInt(char, 36)).join('');
  return `${country}${String(98n - (BigInt(numeric) % 97n)).padStart(2, '0')}${bban}`;
};

const iban = (random: Random): string => {
  const number =
    random.next() < 0.3 ? random.pick(IBAN_EXAMPLES) : ibanOf(random.pick(['DE', 'DE', 'GB', 'AT'] as const), random);
  return random.pick([number, number, grouped(number, Array(9).fill(4), ' '), grouped(number, Array(9).fill(4), '-')]);
};

const aba = (random: Random): string => {
  const body = random.pick(['01', '02', '03', '06', '07', '11', '12', '21', '26', '31', '32']) + random.digits(6);
  const sum = [...body].reduce((total, char, index) => total + Number(char) * [3, 7, 1][index % 3]!, 0);
  return body + String((10 - (sum % 10)) % 10);
};

const ssnDigits = (random: Random): string => {
  let area = random.between(1, 899);
  if (area === 666) area = 665;
  return `${String(area).padStart(3, '0')}${String(random.between(1, 99)).padStart(2, '0')}${String(random.between(1, 9999)).padStart(4, '0')}`;
};

const withGap = (digits: string, gap: string): string => grouped(digits, [3, 2, 4], gap);
const ssn = (random: Random): string => {
  const digits = ssnDigits(random);
  return random.pick([withGap(digits, '-'), withGap(digits, '-'), withGap(digits, ' '), digits, digits]);
};
const itin = (random: Random): string => {
  const digits = `9${random.digits(2)}${random.pick(['50', '65', '70', '78', '88', '90', '92', '94', '99'])}${random.digits(4)}`;
  return random.pick([withGap(digits, '-'), digits]);
};
const ein = (random: Random): string =>
  `${random.pick(['12', '27', '36', '45', '52', '61', '77', '82', '94'])}-${random.between(1000000, 9999999)}`;

const account = (random: Random): string => {
  const digits = String(random.between(1, 9)) + random.digits(random.between(7, 11));
  return random.pick([digits, digits, digits, grouped(digits, [4, 4, 4], ' '), grouped(digits, [3, 12], '-')]);
};

const bic = (random: Random): string =>
  random.letters(4) +
  random.pick(['DE', 'FR', 'GB', 'US', 'NL', 'ES', 'IT', 'CH']) +
  random.letters(2, 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789') +
  random.pick(['', '', 'XXX', '500']);

const npa = (random: Random) => random.pick(['212', '415', '303', '617', '702', '808', '907', '512']);
const nxx = (random: Random) => String(random.between(2, 9)) + random.digits(2);
const phone = (random: Random): string => {
  const [area, exchange, line] = [npa(random), nxx(random), random.digits(4)];
  return random.pick([
    `(${area}) ${exchange}-${line}`,
    `${area}-${exchange}-${line}`,
    `${area}.${exchange}.${line}`,
    `+1 ${area} ${exchange} ${line}`,
    `+1${area}${exchange}${line}`,
    `1-${area}-${exchange}-${line}`,
    `+44 20 7946 0${random.digits(3)}`,
    `+49 30 901820${random.digits(2)}`,
    `+33 1 44 ${random.digits(2)} ${random.digits(2)} ${random.digits(2)}`,
  ]);
};

const FIRST = ['mara', 'jonas', 'aiko', 'tarek', 'ines', 'pavel', 'lucia', 'noor', 'emil', 'freya'];
const LAST = ['oakfield', 'brandt', 'nakata', 'haddad', 'moreau', 'novak', 'rossini', 'visser', 'lindqvist', 'okoro'];
const email = (random: Random): string =>
  `${random.pick(FIRST)}${random.pick(['.', '_', '', '+bank.'])}${random.pick(LAST)}${random.pick(['', random.digits(2)])}@${random.pick(['example.com', 'mail.example.org', 'sample-bank.example', 'post.example.net'])}`;

const TREES = ['Maple', 'Old Mill', 'Juniper', 'Cedar Ridge', 'Harbor', 'Lincoln', 'Prospect', 'Chestnut Hill'];
const address = (random: Random): string => {
  const us = `${random.between(1, 9999)} ${random.pick(['', '', 'N. ', 'W '])}${random.pick(TREES)} ${random.pick(['Street', 'St', 'Avenue', 'Ave', 'Road', 'Rd', 'Lane', 'Drive', 'Blvd', 'Court', 'Parkway'])}`;
  const eu = random.pick([
    `${random.pick(['Hauptstraße', 'Lindenweg', 'Gartenstrasse', 'Mozartgasse', 'Rathausplatz', 'Schulstr.'])} ${random.between(1, 199)}`,
    `${random.between(1, 199)} rue ${random.pick(['de la Paix', 'des Lilas', 'du Moulin', 'Victor Hugo'])}`,
    `Via ${random.pick(['Roma', 'Garibaldi', 'Dante Alighieri'])} ${random.between(1, 99)}`,
    `Calle ${random.pick(['Mayor', 'de Alcalá', 'del Sol'])} ${random.between(1, 99)}`,
  ]);
  return random.next() < 0.6 ? us : eu;
};

const MONTHS = ['January', 'March', 'April', 'June', 'August', 'October', 'December'];
const birthdate = (random: Random): string => {
  const [year, month, day] = [random.between(1935, 2006), random.between(1, 12), random.between(1, 28)];
  const [mm, dd] = [String(month).padStart(2, '0'), String(day).padStart(2, '0')];
  return random.pick([
    `${year}-${mm}-${dd}`,
    `${mm}/${dd}/${year}`,
    `${dd}.${mm}.${year}`,
    `${random.pick(MONTHS)} ${day}, ${year}`,
    `${day} ${random.pick(MONTHS)} ${year}`,
    `${year}${mm}${dd}`,
  ]);
};

const passport = (random: Random): string =>
  random.pick([
    random.letters(1) + random.digits(8),
    random.digits(9),
    random.letters(2) + random.digits(7),
    `C01X${random.digits(2)}${random.letters(1)}${random.digits(2)}`,
  ]);

const licence = (random: Random): string =>
  random.pick([
    random.letters(1) + random.digits(7),
    `${random.letters(1)}${random.digits(3)}-${random.digits(4)}-${random.digits(4)}`,
    random.digits(8),
    random.letters(1) + random.digits(12),
    `${random.letters(5)}${random.digits(6)}${random.letters(2)}${random.digits(1)}${random.letters(2)}`,
  ]);

const ip = (random: Random): string =>
  random.next() < 0.75
    ? `${random.between(11, 223)}.${random.between(0, 255)}.${random.between(0, 255)}.${random.between(1, 254)}`.replace(
        /^127\./,
        '128.',
      )
    : random.pick([
        `2001:db8:${random.digits(4)}::${random.digits(4)}`,
        `2001:0db8:85a3:0000:0000:8a2e:0370:${random.digits(4)}`,
        `fe80::1ff:fe23:4567:${random.digits(4)}`,
      ]);

const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const HEX = '0123456789abcdef';
const token = (random: Random): string =>
  random.pick([
    () => `AKIA${random.letters(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
    () => `ghp_${random.letters(36, ALNUM)}`,
    () => `github_pat_${random.letters(22, ALNUM)}_${random.letters(59, ALNUM)}`,
    () => `xoxb-${random.digits(12)}-${random.digits(12)}-${random.letters(24, ALNUM)}`,
    () => `sk_live_${random.letters(24, ALNUM)}`,
    () => `AIza${random.letters(35, ALNUM)}`,
    () => `npm_${random.letters(36, ALNUM)}`,
    () => `glpat-${random.letters(20, ALNUM)}`,
    () => `sk-ant-api03-${random.letters(93, ALNUM)}AA`,
    () => `sk-proj-${random.letters(48, ALNUM)}`,
    () => `SG.${random.letters(22, ALNUM)}.${random.letters(43, ALNUM)}`,
    () => `shpat_${random.letters(32, HEX)}`,
    () => `dop_v1_${random.letters(64, HEX)}`,
    () => `hvs.${random.letters(24, ALNUM)}`,
    () => `AccountKey=${random.letters(86, ALNUM)}==`,
  ])();

const b64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (random: Random): string =>
  `${b64url({ alg: 'RS256', typ: 'JWT' })}.${b64url({ sub: random.digits(6), iat: random.between(1_700_000_000, 1_800_000_000) })}.${random.letters(86, ALNUM)}`;

const key = (random: Random): string => {
  const kind = random.pick([
    'RSA PRIVATE KEY',
    'PRIVATE KEY',
    'EC PRIVATE KEY',
    'OPENSSH PRIVATE KEY',
    'ENCRYPTED PRIVATE KEY',
  ]);
  const lines = Array.from({ length: random.between(3, 12) }, () => random.letters(64, `${ALNUM}+/`));
  return `-----BEGIN ${kind}-----\n${lines.join('\n')}\n-----END ${kind}-----`;
};

const password = (random: Random): string =>
  random.pick(['Tr0ub', 'c0rrect', 'Winter', 'pa$$', 'hunter', 'Zebra']) +
  random.pick(['!', '#', '-', '_', '']) +
  random.digits(random.between(2, 4)) +
  random.pick(['', 'xY', '?z']);

const entropy = (random: Random): string => random.letters(random.between(24, 40), ALNUM).replace(/^.{3}/, 'a1B');

export const VALUES: Readonly<Record<DetectorId, (random: Random) => string>> = {
  card,
  iban,
  aba,
  ssn,
  itin,
  ein,
  account,
  bic,
  phone,
  email,
  address,
  birthdate,
  passport,
  licence,
  ip,
  key,
  jwt,
  token,
  password,
  entropy,
};
