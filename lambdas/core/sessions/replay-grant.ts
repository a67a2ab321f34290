// Who sees recorded sessions, and who may have the original opened: two grants, neither of which follows from the other's
// work. A function of the stack opens content for nobody else (lambdas/opener). Pure.

import type { ReplayConfig } from '../../gateway-config.ts';
import type { SignedIn } from '../identity/claims.ts';
import { readReason } from '../ledger/reading-reason.ts';
import { err, ok, type Result } from '../result.ts';

type Reader = Pick<SignedIn, 'kind' | 'groups' | 'authTime'>;

export type RawFault =
  | { readonly reason: 'not_a_person' | 'not_granted' | 'reason_missing' | 'reason_unfit' }
  | { readonly reason: 'sign_in_too_old'; readonly maxAgeSeconds: number };

const isIn = ({ groups }: Reader, wanted: readonly string[]): boolean => wanted.some((group) => groups.includes(group));

/** Whether somebody sees sessions, masked. Whoever may have the original opened sees where it lies. */
export const maySeeSessions = (replay: ReplayConfig | null, reader: Reader): boolean =>
  replay !== null && reader.kind === 'person' && isIn(reader, [...replay.groups, ...(replay.raw?.groups ?? [])]);

/** Why somebody may not have the original opened now; `undefined` when they may, once they say why. */
export const checkRawReader = (replay: ReplayConfig | null, reader: Reader, now: number): RawFault | undefined => {
  if (reader.kind !== 'person') return { reason: 'not_a_person' };
  const raw = replay?.raw ?? null;
  if (raw === null || !isIn(reader, raw.groups)) return { reason: 'not_granted' };
  // A sign-in without a time is as old as can be.
  const age = reader.authTime === null ? Number.POSITIVE_INFINITY : now / 1000 - reader.authTime;
  return age > raw.maxSignInSeconds ? { reason: 'sign_in_too_old', maxAgeSeconds: raw.maxSignInSeconds } : undefined;
};

/** The words for the record, or why nothing is opened. */
export const grantRaw = (
  replay: ReplayConfig | null,
  reader: Reader,
  said: string,
  now: number,
): Result<string, RawFault> => {
  const fault = checkRawReader(replay, reader, now);
  if (fault !== undefined) return err(fault);
  const reason = readReason(said);
  if (reason.ok) return ok(reason.value);
  return err({ reason: reason.error === 'missing' ? 'reason_missing' : 'reason_unfit' });
};
