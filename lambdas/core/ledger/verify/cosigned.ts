// Checkpoints with the cosignatures that a copy has of them: which witnesses of a policy cosigned a note, and the newest
// checkpoint over an entry that may stand in a proof. Pure.

import { verifyCosignature } from '../cosignature.ts';
import { formatSignature, type Note, parseNote } from '../note.ts';
import { isQuorum, type TrustPolicy } from '../trust-policy.ts';
import type { Inventory, LogFiles } from './inventory.ts';

/** What a policy's witnesses put on one note. */
export interface Cosigned {
  /** Names in the policy, and epoch seconds. */
  readonly by: ReadonlyMap<string, number>;
  /** Names of the witnesses whose cosignature does not verify. */
  readonly wrong: readonly string[];
  readonly quorum: boolean;
}

export const cosignedBy = (note: Note, policy: TrustPolicy): Cosigned => {
  const by = new Map<string, number>();
  const wrong: string[] = [];
  for (const { name, cosigner } of policy.witnesses) {
    const seconds = verifyCosignature(note, cosigner);
    if (seconds.ok) by.set(name, seconds.value);
    else if (seconds.error.reason === 'cosignature_wrong') wrong.push(name);
  }
  return { by, wrong, quorum: isQuorum(policy.quorum, new Set(by.keys())) };
};

/** The newest checkpoint over entry `index` with cosignatures in the copy: all of them, or a quorum of a policy's. */
export const newestCosigned = async (
  files: LogFiles,
  { cosignatures }: Inventory,
  { index, policy }: { readonly index: number; readonly policy: TrustPolicy | null },
): Promise<Note | undefined> => {
  const sizes = [...new Set(cosignatures.map(({ size }) => size))].filter((size) => size > index).reverse();
  for (const wanted of sizes) {
    const names = cosignatures.filter(({ size }) => size === wanted).map(({ name }) => name);
    const note = merge(await Promise.all(names.map(async (name) => parseNote(await files.read(name)))));
    if (note !== undefined && (policy === null || cosignedBy(note, policy).quorum)) return note;
  }
  return undefined;
};

/** One note with the signatures of all that have the text of the first; `undefined` when none can be read. */
const merge = (parsed: readonly ReturnType<typeof parseNote>[]): Note | undefined => {
  const notes = parsed.flatMap((note) => (note.ok ? [note.value] : []));
  const text = notes[0]?.text;
  if (text === undefined) return undefined;
  const signatures = notes.filter((note) => note.text === text).flatMap((note) => note.signatures);
  const byLine = new Map(signatures.map((signature) => [formatSignature(signature), signature]));
  return { text, signatures: [...byLine.values()] };
};

export const noteBytes = ({ text, signatures }: Note): Uint8Array =>
  Buffer.from(`${text}\n${signatures.map(formatSignature).join('')}`, 'utf8');
