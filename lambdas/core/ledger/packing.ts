// The bytes of a segment and of its bodies: gzip of lines, one newline after each. Pure.

import { gunzipSync, gzipSync } from 'node:zlib';
import { canonicalJson } from './jcs.ts';
import type { BodyLine } from './log-layout.ts';

export const packLines = (lines: readonly string[]): Uint8Array =>
  gzipSync(Buffer.from(lines.map((line) => `${line}\n`).join('')));

/** Lines of an object of our own; a damaged one throws. The verifier, which trusts nothing, has its own reader. */
export const unpackLines = (packed: Uint8Array): readonly string[] => {
  const text = gunzipSync(packed).toString('utf8');
  if (!text.endsWith('\n')) throw new TypeError('A segment must end with a newline');
  return text.slice(0, -1).split('\n');
};

export const bodyLine = (body: BodyLine): string => canonicalJson(body);
