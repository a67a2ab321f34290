// A recorded body, opened and held against what its entry commits to. Pure.

import { err, ok, type Result } from '../result.ts';
import { commitsTo, openJwe, type SplitKey } from './content-keys.ts';

/** What an entry commits to. */
export interface BodyCommitment {
  readonly kid: string;
  readonly pt: string;
  readonly bytes: number;
}

export type BodyOpenFault = {
  readonly reason: 'content_not_jwe' | 'content_unopened' | 'content_commitment' | 'content_bytes';
  readonly detail: string;
};

/** The recorded bytes, exactly those that the entry commits to, or why they are not. */
export const openBody = (
  jwe: string,
  { kid, pt, bytes }: BodyCommitment,
  key: SplitKey,
): Result<Buffer, BodyOpenFault> => {
  const opened = openJwe(jwe, kid, key);
  if (!opened.ok) {
    const reason = opened.error.reason === 'not_jwe' ? 'content_not_jwe' : 'content_unopened';
    return err({ reason, detail: opened.error.detail });
  }
  const { length } = opened.value;
  if (!commitsTo(pt, opened.value, key)) {
    return err({ reason: 'content_commitment', detail: `the HMAC of its ${length} bytes is another` });
  }
  if (length === bytes) return ok(opened.value);
  return err({ reason: 'content_bytes', detail: `${length} bytes, the entry says ${bytes}` });
};
