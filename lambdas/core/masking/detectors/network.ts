// Internet addresses. RFC 791, RFC 4291. Loopback and unspecified addresses and masks name no machine and stay. Pure.

import { isAlnumCode, isDigitCode } from '../text/classes.ts';
import type { DigitGroups } from '../text/digit-groups.ts';
import type { Match } from './catalog.ts';
import { ahead, behind, codeAt, codeBefore, type Scan } from './scan.ts';

const COLON = 0x3a;

const isOctet = (digits: string): boolean => /^(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])$/.test(digits);
const NOBODY = /^(?:127\.|0\.|255\.)/;
/** Four numbers with dots are also how versions and sections are written. */
const VERSION_BEFORE =
  /(?:\bv|version|ver\.?|release|firmware|build|revision|rev\.?|section|sec\.|chapter|clause|paragraph|article|§)["'\s:=/]{0,3}$/i;

export const findIpv4 = (scan: Scan, groups: DigitGroups): Match | undefined => {
  if (groups.count < 4 || groups.lengthOf(0) > 3) return undefined;
  for (let group = 0; group < 4; group += 1) {
    if (group < 3 && groups.gapAfter(group) !== '.') return undefined;
    if (!isOctet(scan.text.slice(groups.startOf(group), groups.endOf(group)))) return undefined;
  }
  const { start } = groups;
  const end = groups.endOf(3);
  if (!isFree(scan, start, end) || NOBODY.test(scan.text.slice(start, end))) return undefined;
  return VERSION_BEFORE.test(behind(scan, start, 14)) ? undefined : { id: 'ip', start, end };
};

const isFree = (scan: Scan, start: number, end: number): boolean => {
  const before = codeBefore(scan, start);
  const after = codeAt(scan, end);
  if (isAlnumCode(before) || isAlnumCode(after) || before === 0x2e) return false;
  return !((after === 0x2e || after === 0x2d) && isDigitCode(codeAt(scan, end + 1)));
};

const IPV6 =
  /^(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?=[0-9A-Fa-f:]{4})(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?::(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?)(?![0-9A-Za-z:]|:[0-9A-Fa-f:]*::)|^(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?=:\d{1,5}(?![0-9A-Fa-f:]))/;

/** Around the first colon, at `at`: an address has `::` or eight groups; `12:34:56` has neither. */
export const findIpv6 = (scan: Scan, at: number): Match | undefined => {
  if (!maybeIpv6(scan, at)) return undefined;
  const start = hexStart(scan, at);
  if (isAlnumCode(codeBefore(scan, start)) || codeBefore(scan, start) === 0x5f || codeBefore(scan, start) === COLON)
    return undefined;
  const found = IPV6.exec(ahead(scan, start, 48))?.[0];
  if (found === undefined || found.split(':').length > 8 + 1 || !/\d/.test(found)) return undefined;
  // "a::1" is how programs name things; an address that names a machine has more to say.
  if (found.replaceAll(':', '').length < 5) return undefined;
  return { id: 'ip', start, end: start + found.length };
};

const hexStart = (scan: Scan, at: number): number => {
  const first = Math.max(scan.start, at - 4);
  let start = at;
  while (start > first && isHexCode(scan.text.charCodeAt(start - 1))) start -= 1;
  return start;
};

const isHexCode = (code: number): boolean => isDigitCode(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);

/** Whether `::` or seven colons stand among the hexadecimal digits that go on from `at`. */
const maybeIpv6 = (scan: Scan, at: number): boolean => {
  const last = Math.min(scan.end, at + 40);
  let colons = 0;
  for (let next = at; next < last; next += 1) {
    const code = scan.text.charCodeAt(next);
    if (code === COLON) {
      colons += 1;
      if (colons === 7 || scan.text.charCodeAt(next + 1) === COLON) return true;
    } else if (!isHexCode(code)) return false;
  }
  return false;
};
