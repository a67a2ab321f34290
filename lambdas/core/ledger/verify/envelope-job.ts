// Signed envelopes of one segment: read and checked against keys. Needs nothing of the rest of the log, so that it can run
// beside the walk over the entries. Pure but for reading the files it is given.

import { openEnvelope } from '../dsse.ts';
import { parseVerifierKey, type Verifier } from '../note.ts';
import type { LogFiles } from './inventory.ts';

interface EnvelopeJob {
  readonly files: readonly string[];
  /** C2SP verifier keys, any of which may have signed. */
  readonly vkeys: readonly string[];
}

/** For one file: the payload that a key signed, or that none did, or why it is no envelope. */
export type OpenedEnvelope =
  | { readonly payload: string }
  | { readonly unsigned: true }
  | { readonly malformed: string };

/** Runs jobs, here or elsewhere. */
export type EnvelopeOpener = (job: EnvelopeJob) => Promise<readonly OpenedEnvelope[]>;

const READ_AT_ONCE = 8;

export const makeEnvelopeOpener = (files: LogFiles): EnvelopeOpener => {
  const known = new Map<string, Verifier>();
  const keyOf = (vkey: string): Verifier | undefined => {
    const parsed = known.has(vkey) ? undefined : parseVerifierKey(vkey);
    if (parsed?.ok === true) known.set(vkey, parsed.value);
    return known.get(vkey);
  };
  return async (job) => {
    const keys = job.vkeys.map(keyOf).filter((key) => key !== undefined);
    const opened: OpenedEnvelope[] = [];
    for (let at = 0; at < job.files.length; at += READ_AT_ONCE) {
      const read = await Promise.all(job.files.slice(at, at + READ_AT_ONCE).map((name) => files.read(name)));
      opened.push(...read.map((bytes) => openWith(bytes, keys)));
    }
    return opened;
  };
};

const openWith = (bytes: Uint8Array, keys: readonly Verifier[]): OpenedEnvelope => {
  for (const key of keys) {
    const opened = openEnvelope(bytes, key);
    if (opened.ok) return { payload: opened.value };
    if (opened.error.reason === 'envelope_malformed') return { malformed: opened.error.detail };
  }
  return { unsigned: true };
};
