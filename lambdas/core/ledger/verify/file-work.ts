// The part of verifying that is work on files and needs no order: it can run beside the walk. Pure but for reading.

import type { UnwrappedKey } from '../content-keys.ts';
import { type BodyChecker, makeBodyChecker } from './body-job.ts';
import { type EnvelopeOpener, makeEnvelopeOpener } from './envelope-job.ts';
import type { LogFiles } from './inventory.ts';

export interface FileWork {
  readonly checkBodies: BodyChecker;
  readonly openEnvelopes: EnvelopeOpener;
}

/** Work done here and now. */
export const makeFileWork = (files: LogFiles, contentKeys: readonly UnwrappedKey[] | null): FileWork => ({
  checkBodies: makeBodyChecker(files, contentKeys),
  openEnvelopes: makeEnvelopeOpener(files),
});
