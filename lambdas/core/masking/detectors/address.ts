// Postal address lines of the United States and western Europe, by their street words. Bounded: an address has at most
// about a hundred characters, and each look is at a slice of that length. Pure.

import { isUpperCode } from '../text/classes.ts';
import type { DigitGroups } from '../text/digit-groups.ts';
import { markBeginning, THREES, threeAt } from '../text/word-table.ts';
import type { Match } from './catalog.ts';
import { ahead, behind, type Scan } from './scan.ts';

const STATES =
  'AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|' +
  'PR|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY';

const UNIT = String.raw`(?:,?\s{1,2}(?:apt|apartment|suite|unit|ste|floor|fl|room|rm|#)\.?\s?#?[\w-]{1,6})?`;
const US_CITY = String.raw`(?:[,\n]\s{0,2}|\s{1,2})[A-Z][A-Za-z.' -]{1,28}[,\s]\s?(?:${STATES})\s{1,2}\d{5}(?:-\d{4})?`;
const UK_CITY = String.raw`,\s?[A-Z][A-Za-z.' -]{1,28},?\s[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}`;
const EU_CITY = String.raw`[,\n]\s{0,2}(?:[A-Z]{1,2}-)?\d{4,5}\s?(?:[A-Z]{2}\s)?[A-ZÀ-Ý][\wÀ-ÿ.'-]{1,24}(?:\s[A-ZÀ-Ý][\wÀ-ÿ-]{1,20})?`;

const US_TAIL = new RegExp(`^\\.?(?:\\s[NSEW]{1,2}\\b)?${UNIT}(?:${US_CITY}|${UK_CITY})?`, 'i');
const EU_TAIL = new RegExp(`^(?:${EU_CITY})?`);

/** House number, direction, one to four names: "1600 N. Old Mill", right before "Street". */
const US_HEAD =
  /(?<![\w.$€£-]|\d,)\d{1,6}[A-Za-z]?(?:[-/]\d{1,4})? {1,2}(?:[NSEW]{1,2}\.? )?(?:(?:[A-Z][\w.'’-]*|\d{1,3}(?:st|nd|rd|th)) {1,2}){1,4}$/;
/** In lower case the words between must be a name: "2 blocks down the street" is none. */
const LOWER_HEAD =
  /(?<![\w.$€£-]|\d,)\d{1,6} (?!(?:more|other|new|different|blocks?|minutes?|miles?|meters?|hours?|days?|of|in|on|to|the|a|at|for|and|or|is|was|x)\s)[a-z][a-z'-]{2,14} (?:[a-z][a-z'-]{2,14} )?$/;
const PO_HEAD = /(?:\bp\.?\s?o\.?|\bpost\s?office)\s$/i;

/** At a word such as "Street" or "Box". */
export const findStreetSuffix = (scan: Scan, start: number, end: number): Match | undefined => {
  const word = scan.text.slice(start, end).toLowerCase();
  if (word === 'box') return findPostBox(scan, start, end);
  const before = behind(scan, start, 72);
  const isNamed = isUpperCode(scan.text.charCodeAt(start));
  const head = isNamed ? US_HEAD.exec(before)?.[0] : lowerHead(before, word);
  if (head === undefined || isKindOfStreet(head, ahead(scan, end, 24))) return undefined;
  const tail = US_TAIL.exec(ahead(scan, end, 96))?.[0] ?? '';
  return { id: 'address', start: start - head.length, end: end + tail.length };
};

/** "14 high street banks", "5 Wall Street firms": a street that tells what kind of thing is counted. */
const isKindOfStreet = (head: string, following: string): boolean =>
  /^\d+ (?:high|main|side|back|wall|fleet|city) $/i.test(head) && /^ [a-z]{3,20}s(?![a-z])/.test(following);

/** Only words that mean a street and nothing else count in lower case. */
const lowerHead = (before: string, word: string): string | undefined =>
  /^(?:street|avenue|ave|road|rd|boulevard|blvd|lane|terrace|parkway|pkwy|st)$/.test(word)
    ? LOWER_HEAD.exec(before)?.[0]
    : undefined;

const PO_NUMBER = new RegExp(`^\\s\\d{1,6}(?![\\d])(?:${US_CITY})?`);

const findPostBox = (scan: Scan, start: number, end: number): Match | undefined => {
  const head = PO_HEAD.exec(behind(scan, start, 14))?.[0];
  const tail = PO_NUMBER.exec(ahead(scan, end, 72))?.[0];
  if (head === undefined || tail === undefined) return undefined;
  return { id: 'address', start: start - head.length, end: end + tail.length };
};

/** "Via Roma 12", "Calle de Alcalá 48"; "12 rue de la Paix" with its number before. */
const ROMANCE_NAME = String.raw`\s(?:(?:de|du|des|del|della|delle|di|da|do|dos|la|las|les|los|le|l’|l'|d’|d')\s?){0,3}[A-ZÀ-Ý][\wÀ-ÿ.'’-]{1,24}(?:[\s-](?:de\s|du\s|della\s|di\s)?[A-ZÀ-Ý][\wÀ-ÿ.'’-]{1,24}){0,3}`;
const ROMANCE_NUMBER_AFTER = new RegExp(
  `^${ROMANCE_NAME},?\\s(?:n[°º.]\\s?)?\\d{1,4}[a-zA-Z]?(?![\\w:-]|[.]\\d)(?:${EU_CITY})?`,
);
const ROMANCE_NUMBER_BEFORE = new RegExp(`^${ROMANCE_NAME}(?:${EU_CITY})?`);

/** At a word such as "rue" or "via". */
export const findStreetPrefix = (scan: Scan, start: number, end: number): Match | undefined => {
  const following = ahead(scan, end, 128);
  const head = /(?<![\w.-]|\d,)\d{1,4}(?: ?(?:bis|ter))?,? $/.exec(behind(scan, start, 12))?.[0];
  const tail = (head === undefined ? ROMANCE_NUMBER_AFTER : ROMANCE_NUMBER_BEFORE).exec(following)?.[0];
  if (tail === undefined) return undefined;
  return { id: 'address', start: start - (head?.length ?? 0), end: end + tail.length };
};

/** Germanic street names carry their word at the end, and the number after it: "Hauptstraße 12". */
const GERMANIC_HEAD =
  /(?<![\wÀ-ÿ])(?:[A-ZÀ-Ý][\wÀ-ÿ.'-]{1,24}[\s-]){0,3}[A-ZÀ-Ýa-z][\wÀ-ÿ-]{1,24}(?:straße|strasse|str\.|straat|weg|gasse|laan|platz|plein|allee|gracht|kade|damm|ufer|singel)\s$/;
const GERMANIC_SPLIT =
  /(?<![\wÀ-ÿ])(?:[A-ZÀ-Ý][\wÀ-ÿ.'-]{1,24}[\s-]){1,3}(?:Straße|Strasse|Str\.|Weg|Gasse|Platz|Allee|Ring)\s$/;
/** Their last three letters: a number after any other word needs no look. */
const ENDS_STREET = new Uint8Array(THREES);
for (const ending of 'sse aße tr. aat weg aan atz ein lee cht ade amm fer gel ing'.split(' '))
  markBeginning(ENDS_STREET, ending.toLowerCase());
const CITY_STATE = new RegExp(`(?<![\\w])[A-Z][A-Za-z.' -]{1,28},\\s(?:${STATES})\\s$`);

/** At a short number: the house number of a Germanic street, or the ZIP code that ends a line of city and state. */
export const findHouseNumber = (scan: Scan, groups: DigitGroups): Match | undefined => {
  const { start } = groups;
  const length = groups.lengthOf(0);
  if (length > 5 || scan.text.charCodeAt(start - 1) !== 0x20) return undefined;
  if (length === 5) return findCityLine(scan, start);
  if (start - scan.start < 6 || ENDS_STREET[threeAt(scan.text, start - 4)] === 0) return undefined;
  const before = behind(scan, start, 96);
  const head = (GERMANIC_HEAD.exec(before) ?? GERMANIC_SPLIT.exec(before))?.[0];
  if (head === undefined) return undefined;
  const end = start + (/^\d{1,4}(?:\s?[a-z](?![a-z]))?(?:-\d{1,4})?/.exec(ahead(scan, start, 12))?.[0].length ?? 0);
  const tail = EU_TAIL.exec(ahead(scan, end, 72))?.[0] ?? '';
  return { id: 'address', start: start - head.length, end: end + tail.length };
};

const findCityLine = (scan: Scan, start: number): Match | undefined => {
  if (!isUpperCode(scan.text.charCodeAt(start - 2)) || !isUpperCode(scan.text.charCodeAt(start - 3))) return undefined;
  const head = CITY_STATE.exec(behind(scan, start, 40))?.[0];
  const zip = /^\d{5}(?:-\d{4})?(?![\w-])/.exec(ahead(scan, start, 12))?.[0];
  if (head === undefined || zip === undefined) return undefined;
  return { id: 'address', start: start - head.length, end: start + zip.length };
};
