// What an entry says of masking. Its commitments mean something only to who has the session's key: `countersign masked`
// asks them. Here they must be of their form. Pure.

import type { Fields } from './fields.ts';

export interface ReadMask {
  /** `sha256:<hex>` of the wrapped key whose masking key the commitments are made with. */
  readonly kid: string;
  /** Values that were masked or shown. */
  readonly n: number;
  /** Commitments that the entry has no room for. */
  readonly omitted: number;
  readonly values: readonly ReadMasked[];
}

interface ReadMasked {
  readonly path: string;
  readonly rule: string;
  /** The exception that showed them; `null` when they were masked. */
  readonly shown: string | null;
  readonly commits: readonly string[];
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const COMMITMENT = /^hmac-sha256:[0-9a-f]{64}$/;
const VALUE_COMMITMENT = /^hmac:[\w-]{22}$/;
const ALL_COMMITMENT = /^hmac:[\w-]{43}$/;

/** The field `mask` of an outcome or a segment. */
export const readMask = (fields: Fields): ReadMask | null => {
  if (!fields.has('mask')) return null;
  const mask = fields.object('mask');
  const handed = mask.object('handed');
  handed.count('bytes');
  handed.text('pt', COMMITMENT);
  mask.text('all', ALL_COMMITMENT);
  const values = mask.objects('values').map((value) => {
    value.count('n');
    return {
      path: value.text('path'),
      rule: value.text('rule'),
      shown: value.nullable('shown', (name) => value.text(name)),
      commits: value.texts('commits', VALUE_COMMITMENT),
    };
  });
  return { kid: mask.text('kid', DIGEST), n: mask.count('n'), omitted: mask.count('omitted'), values };
};
