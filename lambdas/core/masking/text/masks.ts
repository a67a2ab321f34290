// How a removed value looks in what is shown: ‹ssn›, ‹card …1111›, ‹account ~bcdfghjkmnpqrtvwbcdfghjk›. One grammar, so
// that what is masked already is known again and left alone, and nothing but a mask reads as one. Pure.

import { isPlaceholder } from '../placeholders.ts';

/** Tokens are written in consonants: no digits that a detector could take for a number, no words. */
export const TOKEN_ALPHABET = 'bcdfghjkmnpqrtvw';
export const TOKEN_LENGTH = 24;

const OPEN = '‹';
const CLOSE = '›';
export const OPEN_CODE = OPEN.charCodeAt(0);

const MASK = /‹([a-z][a-z-]{0,31})(?: …[A-Za-z0-9]{1,4}| ~[bcdfghjkmnpqrtvw]{24})?(?: #[1-9]\d{0,6})?›/y;
const URI_MASK = /^masked-[a-z-]{1,32}$/;

export const isLabel = (label: string): boolean => /^[a-z][a-z-]{0,31}$/.test(label);

/** Made once for each label, of which rules have a few: a message may have a million of them. */
const redactions = new Map<string, string>();

export const redacted = (label: string): string => {
  const known = redactions.get(label);
  if (known !== undefined) return known;
  const made = `${OPEN}${label}${CLOSE}`;
  redactions.set(label, made);
  return made;
};

/** Keeps the last four letters or digits, when at least as many again stay hidden. */
export const lastFour = (label: string, value: string): string => {
  const alnum = value.replace(/[^A-Za-z0-9]/g, '');
  return alnum.length < 8 ? redacted(label) : `${OPEN}${label} …${alnum.slice(-4)}${CLOSE}`;
};

export const tokenised = (label: string, token: string): string => `${OPEN}${label} ~${token}${CLOSE}`;

/** A mask among others like it, where names have to differ. */
export const numbered = (mask: string, ordinal: number): string =>
  ordinal === 1 ? mask : `${mask.slice(0, -1)} #${ordinal}${CLOSE}`;

/** In a URI, where ‹ and › may not stand. */
export const uriMask = (label: string): string => `masked-${label}`;

/** The mask that begins at `at`, which stands on ‹; `undefined` when it only looks like one. */
export const maskAt = (text: string, at: number): { readonly label: string; readonly end: number } | undefined => {
  MASK.lastIndex = at;
  const label = MASK.exec(text)?.[1];
  return label === undefined ? undefined : { label, end: MASK.lastIndex };
};

/** Whether a whole value is already masked, or has nothing to mask. */
export const isMasked = (value: string): boolean =>
  value.trim() === '' ||
  isPlaceholder(value) ||
  URI_MASK.test(value) ||
  maskAt(value, 0)?.end === value.length ||
  isBlank(value);

/** Placeholders of text/… keep the shape of a value with every digit 0 and every letter X. */
const isBlank = (value: string): boolean => /^[0X]*[^A-Za-z1-9]*$/.test(value) || /^[^A-WYZa-z1-9]*$/.test(value);
