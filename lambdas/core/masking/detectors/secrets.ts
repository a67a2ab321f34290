// Secrets that say what they are: private keys, signed tokens, and the tokens of vendors who gave theirs a prefix. Formats
// as the vendors document them; bounded, so that each look costs no more than its slice. Pure.

import { isAlnumCode } from '../text/classes.ts';
import { markBeginning, THREES } from '../text/word-table.ts';
import type { DetectorId, Match } from './catalog.ts';
import { ahead, behind, codeBefore, type Scan } from './scan.ts';

/** Longer than any vendor's token; what lies beyond is cut off the look, not off the match. */
const MAX_TOKEN = 4096;

/** An RSA key of 16,384 bits takes 13 KB. */
const MAX_KEY = 16_384;

const token = (source: string): RegExp => new RegExp(`^(?:${source})`);

/** Vendors' tokens, by the letters they begin with. */
const VENDORS: readonly (readonly [prefix: string, pattern: RegExp])[] = [
  // AWS access key ids (long-term and temporary).
  ['AKIA', token('AKIA[A-Z2-7]{16}(?![A-Za-z0-9])|AKIA[A-Z0-9]{16}(?![A-Za-z0-9])')],
  ['ASIA', token('ASIA[A-Z0-9]{16}(?![A-Za-z0-9])')],
  ['ABIA', token('ABIA[A-Z0-9]{16}(?![A-Za-z0-9])')],
  ['ACCA', token('ACCA[A-Z0-9]{16}(?![A-Za-z0-9])')],
  ['ghp', token('gh[pousr]_[A-Za-z0-9]{36,255}')],
  ['gho', token('gh[pousr]_[A-Za-z0-9]{36,255}')],
  ['ghu', token('gh[pousr]_[A-Za-z0-9]{36,255}')],
  ['ghs', token('gh[pousr]_[A-Za-z0-9]{36,255}')],
  ['ghr', token('gh[pousr]_[A-Za-z0-9]{36,255}')],
  ['github', token('github_pat_[A-Za-z0-9_]{22,255}')],
  ['glpat', token('gl(?:pat|dt|rt|cbt|ptt|ft|imt|soat|agent)-[A-Za-z0-9_.=-]{20,300}')],
  ['gldt', token('gldt-[A-Za-z0-9_-]{20,64}')],
  ['glrt', token('glrt-[A-Za-z0-9_.-]{20,64}')],
  ['xoxb', token('xox[abeoprs]-[A-Za-z0-9-]{10,250}')],
  ['xoxp', token('xox[abeoprs]-[A-Za-z0-9-]{10,250}')],
  ['xoxa', token('xox[abeoprs]-[A-Za-z0-9-]{10,250}')],
  ['xoxr', token('xox[abeoprs]-[A-Za-z0-9-]{10,250}')],
  ['xoxs', token('xox[abeoprs]-[A-Za-z0-9-]{10,250}')],
  ['xoxe', token('xox[abeoprs](?:\\.xox[bp])?-[A-Za-z0-9-]{10,250}')],
  ['xapp', token('xapp-\\d-[A-Z0-9]{8,12}-\\d{10,13}-[a-f0-9]{32,64}')],
  ['hooks', token('hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,80}')],
  [
    'sk',
    token(
      'sk_(?:live|test)_[A-Za-z0-9]{10,250}|sk-(?:ant-|proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_-]{20,300}|SK[a-f0-9]{32}(?![A-Za-z0-9])',
    ),
  ],
  ['rk', token('rk_(?:live|test)_[A-Za-z0-9]{10,250}')],
  ['whsec', token('whsec_[A-Za-z0-9+/=]{24,80}')],
  ['AIza', token('AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])')],
  ['ya', token('ya29\\.[A-Za-z0-9_-]{20,1024}')],
  ['GOCSPX', token('GOCSPX-[A-Za-z0-9_-]{28}')],
  ['npm', token('npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])')],
  ['pypi', token('pypi-[A-Za-z0-9_-]{50,1024}')],
  ['SG', token('SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{16,64}')],
  ['shpat', token('shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}')],
  ['shpss', token('shpss_[a-fA-F0-9]{32}')],
  ['dop', token('do[por]_v1_[a-f0-9]{64}')],
  ['doo', token('doo_v1_[a-f0-9]{64}')],
  ['hvs', token('hv[sbr]\\.[A-Za-z0-9_-]{24,300}')],
  ['hvb', token('hvb\\.[A-Za-z0-9_-]{24,300}')],
  ['dapi', token('dapi[a-f0-9]{32}(?:-\\d)?(?![A-Za-z0-9])')],
  ['sq', token('sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,43}')],
  ['EAAA', token('EAAA[A-Za-z0-9_-]{56,80}')],
  ['PMAK', token('PMAK-[a-f0-9]{24}-[a-f0-9]{34}')],
  ['NRAK', token('NRAK-[A-Z0-9]{27}')],
  ['lin', token('lin_api_[A-Za-z0-9]{40}')],
  ['hf', token('hf_[A-Za-z0-9]{30,64}')],
  ['pat', token('pat-[a-z0-9]{2,4}-[a-f0-9-]{36}')],
  ['atlasv', token('[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,70}')],
  ['ATATT', token('ATATT3[A-Za-z0-9_=-]{100,300}')],
  ['figd', token('figd_[A-Za-z0-9_-]{40,64}')],
  ['dckr', token('dckr_pat_[A-Za-z0-9_-]{27}')],
  ['glsa', token('glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}')],
  ['AGE', token('AGE-SECRET-KEY-1[02-9A-Z]{58}')],
  [
    'eyJ',
    token('(?<![_-])eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]{10,})?(?:\\.[A-Za-z0-9_-]{0,}){0,2}'),
  ],
  // Azure: storage and service bus keys in connection strings; client secrets have `8Q~` in their middle.
  ['AccountKey', token('AccountKey=[A-Za-z0-9+/]{43,88}={0,2}')],
  ['SharedAccessKey', token('SharedAccessKey=[A-Za-z0-9+/]{43,88}={0,2}')],
  ['sig', token('sig=[A-Za-z0-9%]{43,68}(?:%3[dD]|=)')],
];

const PREFIX_PAIR = 128 * 128;
/** Which vendors a word's first two letters leave; most words leave none. */
const byFirstTwo: (RegExp[] | undefined)[] = new Array(PREFIX_PAIR).fill(undefined);
for (const [prefix, pattern] of VENDORS) {
  const pair = prefix.charCodeAt(0) * 128 + prefix.charCodeAt(1);
  const patterns = byFirstTwo[pair] ?? [];
  byFirstTwo[pair] = patterns;
  patterns.push(pattern);
}

/** Which words may begin a vendor's token, by {@link threeAt}. */
export const BEGINS_TOKEN: Uint8Array = (() => {
  const marks = new Uint8Array(THREES);
  for (const [prefix] of VENDORS) markBeginning(marks, prefix);
  return marks;
})();

/** A vendor's token at the start of a word. */
export const findVendorToken = (scan: Scan, start: number): Match | undefined => {
  const { text } = scan;
  const patterns = byFirstTwo[(text.charCodeAt(start) & 127) * 128 + (text.charCodeAt(start + 1) & 127)];
  if (patterns === undefined || isAlnumCode(codeBefore(scan, start))) return undefined;
  const slice = ahead(scan, start, MAX_TOKEN);
  for (const pattern of patterns) {
    const found = pattern.exec(slice)?.[0];
    if (found === undefined) continue;
    const id: DetectorId = found.startsWith('eyJ') ? 'jwt' : 'token';
    return scan.isOn(id) ? { id, start, end: endOfToken(scan, start + found.length, found.length) } : undefined;
  }
  return undefined;
};

/** A token that filled the whole look goes on: all of it is masked. */
const endOfToken = (scan: Scan, end: number, length: number): number => {
  if (length < MAX_TOKEN - 1) return end;
  let at = end;
  while (at < scan.end && /[A-Za-z0-9_.=-]/.test(scan.text[at] ?? '')) at += 1;
  return at;
};

/** At the word BEGIN. A key whose end is missing is a key all the same: it is masked to the end of the passage. */
export const findPrivateKey = (scan: Scan, start: number, end: number): Match | undefined => {
  if (!behind(scan, start, 6).endsWith('-----')) return undefined;
  const label = /^ (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/.exec(ahead(scan, end, 100))?.[0];
  if (label === undefined) return undefined;
  const close = ahead(scan, end, MAX_KEY).indexOf(`-----END${label}`);
  return { id: 'key', start: start - 5, end: close === -1 ? scan.end : end + close + label.length + 8 };
};

/** `scheme://user:password@host`, at the `@`. */
export const findUrlPassword = (scan: Scan, at: number): Match | undefined => {
  const before = behind(scan, at, 220);
  const slashes = before.lastIndexOf('://');
  if (slashes === -1) return undefined;
  const found = /^:\/\/[^\s:@/"'<>]{0,64}:([^\s@/"'<>]{1,128})$/.exec(before.slice(slashes));
  const password = found?.[1];
  return password === undefined ? undefined : { id: 'password', start: at - password.length, end: at };
};
