// The rules of S3 Object Lock, as pure functions of the stored version, the request and the clock.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html

import { AwsError } from '../wire.ts';
import { invalidArgument, invalidRequest } from './answers.ts';
import type { BucketSettings, DefaultRetention, LockMode, ObjectVersion, Retention } from './store.ts';
import { childOf, textOf, type XmlElement } from './xml.ts';

const DAY_MS = 86_400_000;

const parseMode = (mode: string | undefined): LockMode => {
  if (mode === 'COMPLIANCE' || mode === 'GOVERNANCE') return mode;
  throw invalidArgument('Unknown wormMode directive.');
};

const parseUntil = (until: string, now: number): number => {
  const parsed = Date.parse(until);
  if (Number.isNaN(parsed)) throw invalidArgument('The retain until date must be provided in ISO 8601 format');
  if (parsed <= now) throw invalidArgument('The retain until date must be in the future!');
  return parsed;
};

export interface LockHeaders {
  readonly mode: string | undefined;
  readonly until: string | undefined;
  readonly legalHold: string | undefined;
}

export const parseLegalHold = (status: string | undefined): boolean => {
  if (status === undefined || status === 'OFF') return false;
  if (status === 'ON') return true;
  throw invalidArgument("Legal Hold must be either of 'ON' or 'OFF'");
};

/** The protection a new version gets: its own headers, else the bucket's default. */
export const lockOfNewVersion = (
  settings: BucketSettings,
  headers: LockHeaders,
  now: number,
): Pick<ObjectVersion, 'retention' | 'legalHold'> => {
  const { mode, until, legalHold } = headers;
  const asksForLock = mode !== undefined || until !== undefined || legalHold !== undefined;
  if (settings.lock === null) {
    if (asksForLock) throw invalidRequest('Bucket is missing Object Lock Configuration');
    return { retention: null, legalHold: false };
  }
  if ((mode === undefined) !== (until === undefined)) {
    throw invalidArgument('x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied');
  }
  const own = until === undefined ? null : { mode: parseMode(mode), until: parseUntil(until, now) };
  return { retention: own ?? defaultRetentionFrom(settings, now), legalHold: parseLegalHold(legalHold) };
};

const defaultRetentionFrom = (settings: BucketSettings, now: number): Retention | null => {
  const rule = settings.lock?.defaultRetention ?? null;
  if (rule === null) return null;
  if (rule.unit === 'Days') return { mode: rule.mode, until: now + rule.amount * DAY_MS };
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + rule.amount);
  return { mode: rule.mode, until: until.getTime() };
};

const protectedByLock = (): AwsError =>
  new AwsError('AccessDenied', 'Access Denied because object protected by object lock.', { status: 403 });

/** Throws if this version may not be deleted now. The bypass header lifts GOVERNANCE, never COMPLIANCE or a hold. */
export const requireDeletable = (version: ObjectVersion, bypassGovernance: boolean, now: number): void => {
  if (version.legalHold) throw protectedByLock();
  const { retention } = version;
  if (retention === null || retention.until <= now) return;
  if (retention.mode === 'COMPLIANCE' || !bypassGovernance) throw protectedByLock();
};

/** Throws if the retention of this version may not become `next`. Active COMPLIANCE can only be extended. */
export const requireRetentionChange = (
  version: ObjectVersion,
  next: Retention | null,
  bypassGovernance: boolean,
  now: number,
): void => {
  const current = version.retention;
  if (current === null || current.until <= now) return;
  // Anyone may extend; a change of mode, GOVERNANCE to COMPLIANCE included, alters the lock and needs the bypass.
  if (next !== null && next.until >= current.until && next.mode === current.mode) return;
  if (current.mode === 'COMPLIANCE' || !bypassGovernance) throw protectedByLock();
};

/** `<Retention>`; an empty one removes the retention. */
export const parseRetention = (element: XmlElement, now: number): Retention | null => {
  const mode = textOf(element, 'Mode');
  const until = textOf(element, 'RetainUntilDate');
  if (mode === undefined && until === undefined) return null;
  if (mode === undefined || until === undefined)
    throw new AwsError('MalformedXML', 'Mode and RetainUntilDate go together');
  return { mode: parseMode(mode), until: parseUntil(until, now) };
};

/** `<ObjectLockConfiguration>`; without a Rule there is no default retention. */
export const parseLockConfiguration = (element: XmlElement): DefaultRetention | null => {
  const malformed = (reason: string): AwsError => new AwsError('MalformedXML', reason);
  if (textOf(element, 'ObjectLockEnabled') !== 'Enabled') throw malformed('ObjectLockEnabled must be Enabled');
  const rule = childOf(element, 'Rule');
  if (rule === undefined) return null;
  const defaults = childOf(rule, 'DefaultRetention');
  if (defaults === undefined) throw malformed('Rule needs DefaultRetention');
  const days = textOf(defaults, 'Days');
  const years = textOf(defaults, 'Years');
  if ((days === undefined) === (years === undefined)) throw malformed('DefaultRetention needs either Days or Years');
  const amount = Number(days ?? years);
  if (!Number.isInteger(amount) || amount < 1) {
    throw invalidArgument('Default retention period must be a positive integer value.');
  }
  return { mode: parseMode(textOf(defaults, 'Mode')), unit: days === undefined ? 'Years' : 'Days', amount };
};
