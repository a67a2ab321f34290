// A stored line, read back. The line is the truth; attributes beside it are only for finding it. Pure.

import { isObject } from '../mcp/json.ts';
import { err, ok, type Result } from '../result.ts';
import type { Entry } from './entry.ts';
import { canonicalLine, leafHash } from './line.ts';

export type EntryFault =
  | { readonly reason: 'not_an_entry'; readonly detail: string }
  | { readonly reason: 'not_canonical' }
  | { readonly reason: 'leaf_mismatch'; readonly expected: string; readonly got: string };

/** Parses a line and checks that it is its own canonical form and hashes to the leaf stored with it (hex). */
export const parseEntry = (line: string, leaf: string): Result<Entry, EntryFault> => {
  const got = leafHash(line);
  if (got !== leaf) return err({ reason: 'leaf_mismatch', expected: leaf, got });
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return err({ reason: 'not_an_entry', detail: 'not JSON' });
  }
  if (!isObject(value) || value['v'] !== 1 || typeof value['type'] !== 'string') {
    return err({ reason: 'not_an_entry', detail: 'expected an object with "v": 1 and a "type"' });
  }
  const entry = value as unknown as Entry;
  return isCanonical(entry, line) ? ok(entry) : err({ reason: 'not_canonical' });
};

/** What has no canonical form (a lone surrogate, say) or is too long was not written by us either. */
const isCanonical = (entry: Entry, line: string): boolean => {
  try {
    return canonicalLine(entry) === line;
  } catch {
    return false;
  }
};
