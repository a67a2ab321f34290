// The kinds of field a configuration has. Each carries its rule in words, see `says`.
import { z } from 'zod';
import { says, saysKeys } from './config-problems.ts';

/** A mapping with exactly these keys. */
export const mapping = <T extends z.ZodRawShape>(shape: T) => {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? saysKeys(known)
        : says(`a mapping with ${known.join(', ')}`, 'See the sample in config/countersign.yaml'),
  });
};

/** A string for which `holds`. */
export const text = (expected: string, advice: string, holds: (value: string) => boolean) => {
  const error = says(expected, advice);
  return z.string({ error }).refine(holds, { error });
};

/** Any text but blanks. */
export const name = (what: string, advice = 'Write it out') =>
  text(`${what} (not empty)`, advice, (value) => value.trim() !== '');

/** Stands in an entry for ever: enough to name an incident, too little to tell its story. */
export const shortText = (what: string) =>
  text(`${what}, in 1 to 200 characters`, 'Name the incident or the person, no more', (v) => /^\S.{0,199}$/u.test(v));

/** Hosts on which plain http never leaves the machine. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An https URL, or http on a loopback host, without user name, password or fragment. */
export const url = (what: string, holds: (parsed: URL) => boolean = () => true) =>
  text(
    `${what} as an https URL (http on a loopback address only), without credentials or fragment`,
    'Tokens and answers must not cross a network in the clear; use https',
    (value) => URL.canParse(value) && safeUrl(new URL(value)) && holds(new URL(value)),
  );

const safeUrl = (parsed: URL): boolean =>
  (parsed.protocol === 'https:' || (parsed.protocol === 'http:' && LOOPBACK.has(parsed.hostname))) &&
  parsed.username === '' &&
  parsed.password === '' &&
  parsed.hash === '';

/** A whole number of `unit` from `min` to `max`. */
export const count = (unit: string, min: number, max: number) => {
  const error = says(`a whole number of ${unit} from ${min} to ${max}`, 'Change the number');
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};

/** A number from 0 to 1. */
const SHARE = says('a number from 0 to 1', 'Change the number');
export const share = z.number({ error: SHARE }).min(0, { error: SHARE }).max(1, { error: SHARE });

/** One of a few words. */
export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: says(`one of ${words.join(', ')}`, 'Choose one') });

/** A list of at least `min` items. */
export const list = <T extends z.ZodType>(item: T, min = 0, advice = 'Write it as a YAML list, e.g. [a, b]') => {
  const error = says(min === 0 ? 'a list' : `a list of at least ${min}`, advice);
  return z.array(item, { error }).min(min, { error });
};

/** A field whose check may be switched off, but only in writing. */
export const orNull = <T extends z.ZodType>(field: T) => field.nullable();

/** Whether the runtime knows a zone by that IANA name. */
export const isTimeZone = (value: string): boolean => {
  try {
    // A bare offset has no summer time, and would be silently wrong for half of the year.
    return /^[A-Z]/.test(value) && new Intl.DateTimeFormat('en', { timeZone: value }).format(0) !== '';
  } catch {
    return false;
  }
};

export const secretName = text(
  'the name of a secret in AWS Secrets Manager',
  'Use letters, digits and /_+=.@- (a name, not an ARN or the value)',
  (value) => /^[\w/+=.@-]{1,512}$/.test(value),
);
