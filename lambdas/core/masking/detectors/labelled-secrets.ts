// Secrets that only their label gives away: what follows "password:", and random-looking text after "secret" or "API
// key". Pure.

import { PASSWORD } from '../text/words.ts';
import type { Match } from './catalog.ts';
import { ahead, behind, codeBefore, type Scan } from './scan.ts';
import { findVendorToken } from './secrets.ts';

/** Between the label and its value: what closes a key, then what assigns. */
const ASSIGNED =
  /^(?:_?(?:key|id|value|hash|code|string|text))?["'’`\])]{0,2}\s{0,2}(?:=>|:=|==|=|:|\||>)\s{0,2}(?:(?:Bearer|Basic|Token)\s)?["'‘’“`]?/i;
const SAID =
  /^\s(?:(?:for|of|on)\s(?:[\w.@'’-]{1,40}\s){1,4})?(?:is|was|ist|lautet|est|es|set to|changed to|reset to|now)(?:\snow)?:?\s["'‘’“`]?/i;
/** "API key for the sandbox: ", "passphrase (keystore): ". */
const WORDED =
  /^(?:\s?\([^()\n]{1,32}\)|\s(?:for|of|on|to|in|der|des|für|pour|de|du|per|del|voor|van|do)(?:\s[\w.'’@/-]{1,24}){1,5})\s{0,2}[:=]\s{0,2}["'‘’“`]?/i;
/** `WITH PASSWORD 'x'`: quotes of both sides assign. */
const QUOTED = /^\s(["'])(?=[^\s"']{4,128}\1)/;
const PLAIN = /^\s["'‘’“`]?/;
const VALUE = /^[^\s"'‘’“”`<>,;)}\]|&‹]+/;

const MAX_LABEL = 96;
const UNDERSCORE = 0x5f;
const MAX_VALUE = 512;
const MIN_PASSWORD = 4;
const MIN_RANDOM = 12;

/** Values that are no secret: nothing, a type, a placeholder. */
const NOT_A_VALUE =
  /^(?:null|none|nil|undefined|true|false|string|str|text|bool|boolean|int|number|required|optional|empty|missing|invalid|expired|incorrect|wrong|reset|changed|unchanged|hidden|redacted|masked|n\/a|unset|default|yes|no|ok|not|the|a|an|is|was|and|or|to|x{3,}|\*+|\.{3,}|•+|-+|_+|\$?\{.*|\[.*|<.*|%.*)$/i;

/** At the end of a word such as "password" or "secret". */
export const findLabelledSecret = (scan: Scan, end: number, context: number): Match | undefined => {
  const text = ahead(scan, end, MAX_LABEL);
  const assigned = ASSIGNED.exec(text)?.[0] ?? QUOTED.exec(text)?.[0];
  const said = assigned ?? SAID.exec(text)?.[0];
  const label = said ?? WORDED.exec(text)?.[0] ?? PLAIN.exec(text)?.[0];
  if (label === undefined) return undefined;
  // "The password is never shown" says none: a word alone is a password only where it is assigned.
  const isAssigned =
    assigned !== undefined || (said !== undefined && !/^[A-Za-z]?[a-z]*[\s,.;]/.test(text.slice(said.length)));
  const at = end + label.length;
  return secretAt(scan, at, context, isAssigned || isLikePassword(valueFrom(scan, at) ?? ''));
};

const valueFrom = (scan: Scan, at: number): string | undefined =>
  VALUE.exec(ahead(scan, at, MAX_VALUE))?.[0].replace(/[.:!?]+$/, '');

/**
 * Whether a text looks like a password by itself: letters with digits and a sign, or a word with at least three digits.
 * Names of algorithms and versions ("SHA-256", "OAuth2") do not.
 */
export const isLikePassword = (text: string): boolean => {
  if (text.length < 6 || text.length > 64 || !/[a-z]/.test(text) || !/\d/.test(text)) return false;
  if (isReadable(text) && !/\d{2}$/.test(text)) return false;
  if (/[/\\@:=]|\d[.,]\d|\d-\d/.test(text)) return false;
  return /[!#$%?*^&+~]/.test(text) || /\d.*[a-z].*\d|[a-z][_-]?\d{3,}/.test(text);
};

/** At a word that means other things as well ("pass", "clave"): a password only where one is assigned that looks like it. */
export const findPassWord = (scan: Scan, start: number, end: number): Match | undefined => {
  const assigned = ASSIGNED.exec(ahead(scan, end, MAX_LABEL))?.[0] ?? SAID.exec(ahead(scan, end, MAX_LABEL))?.[0];
  if (assigned === undefined) return undefined;
  const at = end + assigned.length;
  const isNamed = codeBefore(scan, start) === UNDERSCORE || isLikePassword(valueFrom(scan, at) ?? '');
  return isNamed ? secretAt(scan, at, PASSWORD, true) : undefined;
};

/** `IDENTIFIED BY 'x'` of SQL. */
export const findIdentifiedBy = (scan: Scan, start: number, end: number): Match | undefined => {
  if (!/\b(?:user|role|login)\b/i.test(behind(scan, start, 100))) return undefined;
  const label = /^\s{1,2}(?:with\s[\w"']{1,40}\s)?by\s{1,2}(?:password\s)?(?=["'])/i.exec(
    ahead(scan, end, MAX_LABEL),
  )?.[0];
  return label === undefined ? undefined : secretAt(scan, end + label.length + 1, PASSWORD, true);
};

/** `curl -u user:password`. */
export const findCommandPassword = (scan: Scan, _start: number, end: number): Match | undefined => {
  const label = /^[^\n]{0,200}?\s(?:-u|--user)[\s=]["']?[^\s:"']{1,64}:/.exec(ahead(scan, end, 300))?.[0];
  return label === undefined ? undefined : secretAt(scan, end + label.length, PASSWORD, true);
};

/** A value that stands where a secret is expected. */
export const secretAt = (scan: Scan, at: number, context: number, isAssigned: boolean): Match | undefined => {
  const token = findVendorToken(scan, at);
  if (token !== undefined) return token;
  const value = valueFrom(scan, at);
  if (value === undefined || NOT_A_VALUE.test(value) || /^\$[A-Z_][A-Z0-9_]*$/.test(value)) return undefined;
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
