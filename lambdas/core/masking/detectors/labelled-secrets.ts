// Secrets that only their label gives away: what follows "password:", and random-looking text after "secret" or "API
// key". Pure.

import { PASSWORD } from '../text/words.ts';
import type { Match } from './catalog.ts';
import { ahead, type Scan } from './scan.ts';
import { findVendorToken } from './secrets.ts';

/** Between the label and its value: what closes a key, then what assigns. */
const ASSIGNED =
  /^(?:_?(?:key|id|value|hash|code|string|text))?["'’`\])]{0,2}\s{0,2}(?:=>|:=|==|=|:|\||>)\s{0,2}(?:(?:Bearer|Basic|Token)\s)?["'‘’“`]?/i;
const SAID =
  /^\s(?:for\s[\w.@-]{1,40}\s|of\s[\w.@-]{1,40}\s|on\s[\w.@-]{1,40}\s)?(?:is|was|ist|lautet|est|es|set to|changed to|reset to|now)(?:\snow)?:?\s["'‘’“`]?/i;
const PLAIN = /^\s["'‘’“`]?/;
const VALUE = /^[^\s"'‘’“”`<>,;)}\]|&‹]+/;

const MAX_LABEL = 64;
const MAX_VALUE = 512;
const MIN_PASSWORD = 4;
const MIN_RANDOM = 12;

/** Values that are no secret: nothing, a type, a placeholder. */
const NOT_A_VALUE =
  /^(?:null|none|nil|undefined|true|false|string|str|text|bool|boolean|int|number|required|optional|empty|missing|invalid|expired|incorrect|wrong|reset|changed|unchanged|hidden|redacted|masked|n\/a|unset|default|yes|no|ok|not|the|a|an|is|was|and|or|to|x{3,}|\*+|\.{3,}|•+|-+|_+|\$?\{.*|\[.*|<.*|%.*)$/i;

/** At the end of a word such as "password" or "secret". */
export const findLabelledSecret = (scan: Scan, end: number, context: number): Match | undefined => {
  const text = ahead(scan, end, MAX_LABEL);
  const assigned = ASSIGNED.exec(text)?.[0];
  const said = assigned ?? SAID.exec(text)?.[0];
  const label = said ?? PLAIN.exec(text)?.[0];
  if (label === undefined) return undefined;
  // "The password is never shown" says none: a word alone is a password only where it is assigned.
  const isAssigned =
    assigned !== undefined || (said !== undefined && !/^[A-Za-z]?[a-z]*[\s,.;]/.test(text.slice(said.length)));
  return secretAt(scan, end + label.length, context, isAssigned);
};

/** A value that stands where a secret is expected. */
export const secretAt = (scan: Scan, at: number, context: number, isAssigned: boolean): Match | undefined => {
  const token = findVendorToken(scan, at);
  if (token !== undefined) return token;
  const value = VALUE.exec(ahead(scan, at, MAX_VALUE))?.[0].replace(/[.:!?]+$/, '');
  if (value === undefined || NOT_A_VALUE.test(value)) return undefined;
  const end = at + value.length;
  if (context === PASSWORD && isAssigned && value.length >= MIN_PASSWORD && scan.isOn('password'))
    return { id: 'password', start: at, end };
  return isRandom(value) && scan.isOn('entropy') ? { id: 'entropy', start: at, end } : undefined;
};

/**
 * Whether text looks drawn at random: long, of more than one kind of character, and with few repetitions (Shannon, bits
 * per character). Words, paths and identifiers in words are not.
 */
const isRandom = (text: string): boolean => {
  if (text.length < MIN_RANDOM || !/^[\w+/=.~!@#$%^*-]+$/.test(text)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(text)).length;
  return kinds >= 2 && /\d/.test(text) && !isReadable(text) && entropyOf(text) >= 3;
};

/** Names, versions, dates, paths, UUIDs and digests of content: long, but nobody's secret. */
const isReadable = (text: string): boolean =>
  /^[\d.:/-]+$/.test(text) ||
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ||
  /^(?:sha\d+[-:]|[a-z]+:\/\/)/i.test(text) ||
  /^\d{4}-\d\d-\d\dT/.test(text) ||
  /^(?:[A-Za-z]{2,}[-_./])+[A-Za-z0-9]{0,10}$/.test(text);

const entropyOf = (text: string): number => {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};
