// What lies in a copy of a log, by name. Names are the sender's: they are parsed strictly, and a name that is almost
// right is a finding. Pure.

import {
  BODIES_PREFIX,
  bodiesOf,
  CHECKPOINT_PREFIX,
  COSIGNATURE_PREFIX,
  cosignatureOf,
  INTENT_PREFIX,
  intentOf,
  isKeyFile,
  KEY_PREFIX,
  MANIFEST_PREFIX,
  manifestOf,
  numberOf,
  OBJECT_BODY_PREFIX,
  objectBodyOf,
  SEGMENT_PREFIX,
} from '../log-layout.ts';
import type { Findings } from './report.ts';
import { MAX_OBJECT_BYTES } from './unpack.ts';

export interface ListedFile {
  readonly name: string;
  readonly bytes: number;
}

/** A copy of a log, wherever it lies. */
export interface LogFiles {
  list(): Promise<readonly ListedFile[]>;
  read(name: string): Promise<Uint8Array>;
}

export interface NumberedFile {
  readonly name: string;
  /** Start of a segment or of bodies, size of a checkpoint. */
  readonly number: number;
}

/** A checkpoint that a witness cosigned. */
export interface CosignatureFile {
  readonly name: string;
  readonly size: number;
  /** Of the witness's key, hex. */
  readonly keyId: string;
}

export interface Inventory {
  /** By number. */
  readonly segments: readonly NumberedFile[];
  readonly checkpoints: readonly NumberedFile[];
  /** By size, then key id. */
  readonly cosignatures: readonly CosignatureFile[];
  readonly bodies: readonly (NumberedFile & { readonly digest: string })[];
  /** Names of `body/` objects by the hex of their digest. */
  readonly objectBodies: ReadonlyMap<string, string>;
  /** Names of `intent/` objects by call id. */
  readonly intents: ReadonlyMap<string, string>;
  /** Names of the objects about keys. */
  readonly keyFiles: readonly string[];
  /** Names of manifests by their session. */
  readonly manifests: ReadonlyMap<string, string>;
}

export const takeInventory = (files: readonly ListedFile[], findings: Findings): Inventory => {
  const found = nothing();
  for (const { name, bytes } of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const isReadable = bytes <= MAX_OBJECT_BYTES;
    if (!sort(name, isReadable ? found : nothing())) reportName(name, findings);
    else if (!isReadable) {
      findings.add('file_too_large', `${bytes} bytes, more than ${MAX_OBJECT_BYTES}`, { file: name });
    }
  }
  return found;
};

interface Found {
  readonly segments: NumberedFile[];
  readonly checkpoints: NumberedFile[];
  readonly cosignatures: CosignatureFile[];
  readonly bodies: (NumberedFile & { digest: string })[];
  readonly objectBodies: Map<string, string>;
  readonly intents: Map<string, string>;
  readonly keyFiles: string[];
  readonly manifests: Map<string, string>;
}

const nothing = (): Found => ({
  segments: [],
  checkpoints: [],
  cosignatures: [],
  bodies: [],
  objectBodies: new Map(),
  intents: new Map(),
  keyFiles: [],
  manifests: new Map(),
});

const sort = (name: string, found: Found): boolean => {
  const number = numberOf(name);
  const cosignature = cosignatureOf(name);
  const bodies = bodiesOf(name);
  const digest = objectBodyOf(name);
  const callId = intentOf(name);
  const sid = manifestOf(name);
  if (number !== undefined) {
    (name.startsWith(SEGMENT_PREFIX) ? found.segments : found.checkpoints).push({ name, number });
  } else if (cosignature !== undefined) found.cosignatures.push({ name, ...cosignature });
  else if (bodies !== undefined) found.bodies.push({ name, number: bodies.start, digest: bodies.digest });
  else if (digest !== undefined) found.objectBodies.set(digest, name);
  else if (callId !== undefined) found.intents.set(callId, name);
  else if (isKeyFile(name)) found.keyFiles.push(name);
  else if (sid !== undefined) found.manifests.set(sid, name);
  else return false;
  return true;
};

const OWN_FOLDERS = [
  ...[SEGMENT_PREFIX, CHECKPOINT_PREFIX, COSIGNATURE_PREFIX, MANIFEST_PREFIX],
  ...[BODIES_PREFIX, OBJECT_BODY_PREFIX, INTENT_PREFIX, KEY_PREFIX],
];

const reportName = (name: string, findings: Findings): void => {
  if (OWN_FOLDERS.some((prefix) => name.startsWith(prefix))) {
    findings.add('file_unexpected', 'the log writes no such name', { file: name });
  } else findings.add('file_unknown', 'no part of the log', { file: name });
};
