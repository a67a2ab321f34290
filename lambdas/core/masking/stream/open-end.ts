// How much of a text's end may be the beginning of something: "…4111 11" may go on in the next message. Pure.

import { isAlnumCode, isDigitCode } from '../text/classes.ts';
import { contextIn } from '../text/lookahead.ts';

/** Longer than any number, address or token that a detector needs whole. */
export const MAX_OPEN = 256;

const TOKEN = new Uint8Array(128);
for (const char of '@._%+-=/:~&#;') TOKEN[char.charCodeAt(0)] = 1;
const GAPS = new Set([0x20, 0x28, 0x29, 0x09, 0x0a]);

const isTokenCode = (code: number): boolean => isAlnumCode(code) || code >= 128 || TOKEN[code] === 1;

/** Where the end begins that may go on; the length of the text when nothing may. */
export const openFrom = (text: string): number => {
  const first = Math.max(0, text.length - MAX_OPEN);
  let start = text.length;
  let at = text.length - 1;
  for (; at >= first; at -= 1) {
    const code = text.charCodeAt(at);
    if (isTokenCode(code)) start = at;
    else if (!GAPS.has(code) || !joinsDigits(text, at, start)) break;
  }
  const end = text.slice(start);
  return isClosed(end) ? text.length : start;
};

/** Groups of digits are one number; a gap after the last digit may be followed by more. */
const joinsDigits = (text: string, at: number, start: number): boolean => {
  let before = at;
  while (before >= 0 && GAPS.has(text.charCodeAt(before))) before -= 1;
  const isAfterDigit = before >= 0 && isDigitCode(text.charCodeAt(before));
  return isAfterDigit && (start >= text.trimEnd().length || isDigitCode(text.charCodeAt(start)));
};

/** A word that a sentence ends with, a short number that is closed (`50%`), or nothing but punctuation. */
const isClosed = (end: string): boolean =>
  !/[\p{L}\p{N}]/u.test(end) || /^\p{L}+[.:;…]+$/u.test(end) || /^\p{N}{1,3}[%:;]$/u.test(end);

const TELLING_DIGITS = 4;
const TELLING_TOKEN = 8;

/** Whether an open end would tell something by itself, if nothing came after it. */
export const isTelling = (before: string, end: string): boolean => {
  const digits = end.replace(/\P{N}/gu, '').length;
  if (digits >= TELLING_DIGITS || end.includes('@')) return true;
  if (end.length >= TELLING_TOKEN && digits > 0) return true;
  return digits > 0 && contextIn(before.slice(-64)) !== 0;
};
