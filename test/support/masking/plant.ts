// Secrets planted in messages: written in many ways, at any place. The decoding here is the test's own, so that the masker
// is not measured by itself.

import fc from 'fast-check';
import { Random } from './random.ts';
import { VALUES } from './values.ts';

/** Values that are known without a word beside them. */
const KINDS = ['card', 'iban', 'email', 'token', 'jwt'] as const;

export const secret: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...KINDS), fc.nat())
  .map(([kind, seed]) => VALUES[kind](new Random(seed)));

export const cardNumber: fc.Arbitrary<string> = fc.nat().map((seed) => VALUES.card(new Random(seed)));

type Encoding = (secret: string) => string;

const mapDigits = (zero: number) => (text: string) =>
  text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  plain: (text) => text,
  fullWidth: (text) => text.replace(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
  arabic: mapDigits(0x660),
  mathematical: mapDigits(0x1d7ce),
  zeroWidth: (text) => [...text].join('\u200b'),
  noBreak: (text) => text.replaceAll(' ', '\u00a0').replaceAll('-', '\u2011'),
  percent: (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  halfPercent: (text) => encodeURIComponent(text),
  entities: (text) => [...text].map((char) => `&#${char.charCodeAt(0)};`).join(''),
  hexEntities: (text) => [...text].map((char) => `&#x${char.charCodeAt(0).toString(16)};`).join(''),
  unicodeEscapes: (text) => [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  base64: (text) => Buffer.from(`see ${text} here`).toString('base64'),
  base64Url: (text) => Buffer.from(text).toString('base64url'),
  json: (text) => JSON.stringify({ inner: [text, 1] }),
  twiceJson: (text) => JSON.stringify(JSON.stringify({ inner: text })),
};

export const encoding = fc.constantFrom(...Object.keys(ENCODINGS));
export const encode = (name: string, text: string): string => ENCODINGS[name]?.(text) ?? text;

/** Everything that a reader could make of a text, by the test's own decoders. */
const readings = (text: string, depth = 0): string[] => {
  if (depth > 4) return [];
  const own = text.normalize('NFKC').replace(/[\u00ad\u200b-\u200f\u2060-\u206f\ufeff]/g, '');
  const decoded = [
    text
      .replace(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))),
    text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8')),
    text.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    ...(text.match(/[A-Za-z0-9+/_-]{11,}={0,2}/g) ?? []).map((token) => Buffer.from(token, 'base64').toString('utf8')),
  ].filter((each) => each !== text);
  return [mapToAscii(own), ...decoded.flatMap((each) => readings(each, depth + 1)), ...jsonReadings(text, depth)];
};

const mapToAscii = (text: string): string =>
  text.replace(/\p{Nd}/gu, (digit) => {
    for (let code = digit.codePointAt(0) ?? 0, back = 0; back < 10; back += 1)
      if (!/\p{Nd}/u.test(String.fromCodePoint(code - back - 1))) return String(back);
    return digit;
  });

const jsonReadings = (text: string, depth: number): string[] => {
  try {
    return stringsIn(JSON.parse(text)).flatMap((each) => readings(each, depth + 1));
  } catch {
    return [];
  }
};

/** Names, texts and numbers of a value. */
const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, each]) => [name, ...stringsIn(each)]);
  return [];
};

const letters = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '').toUpperCase();

/** Whether a secret can be read in any part of a message. */
export const leaks = (json: string, planted: string): boolean =>
  stringsIn(JSON.parse(json)).some((text) =>
    readings(text).some((reading) => letters(reading).includes(letters(planted))),
  );
