// Shows the log's signed checkpoints to its witnesses and keeps their cosignatures in the locked bucket. A witness that is
// down changes nothing: the log goes on without it, an alarm says so, and the next run asks again, for what is newest then.
// A witness that refuses has seen another history than this one: an alarm of its own, and an entry in the log.
//
//     for each witness:  ask -> (told another size: prove from there, ask again) -> COSIGNATURE -> remember

import type { WitnessMemory } from '../adapters/dynamo-witness-memory.ts';
import type { WitnessAnswer, WitnessClient } from '../adapters/witness-http.ts';
import { formatAddCheckpoint, parseSizeBody } from '../core/ledger/add-checkpoint.ts';
import { verifyCosignature } from '../core/ledger/cosignature.ts';
import { CHECKPOINT_PREFIX, checkpointName, cosignatureName, numberOf } from '../core/ledger/log-layout.ts';
import type { RightEdge, TreeHead } from '../core/ledger/merkle.ts';
import { formatSignature, parseCheckpoint, parseNote } from '../core/ledger/note.ts';
import { CLOCK_SLACK_MS } from '../core/ledger/verify/order.ts';
import type { OpenLog } from './open-log.ts';
import type { SealerPorts } from './ports.ts';
import { type Proof, ProofInterrupted, proveConsistency } from './prove-consistency.ts';

/** A witness that says no: what it was shown does not continue what it saw. */
export interface WitnessRefused {
  readonly witness: string;
  readonly keyId: string;
  /** HTTP status. */
  readonly status: number;
  /** Size of the checkpoint that was shown, and the size from which it was proven. */
  readonly size: number;
  readonly oldSize: number;
  /** Size that the witness says it cosigned last; `null` when it did not say. */
  readonly witnessSize: number | null;
}

/** A refusal that does not stand in the log yet. */
interface RefusalNews {
  readonly refused: WitnessRefused;
  /** To be called once it does: until then every run brings it again. */
  remember(): Promise<void>;
}

export const askWitnesses = async (
  ports: SealerPorts,
  log: OpenLog,
  deadlineAt: number,
): Promise<readonly RefusalNews[]> => {
  if (ports.witnesses.length === 0) return [];
  const asked = await Promise.all(ports.witnesses.map((client) => askOne(ports, log, client, deadlineAt)));
  const count = (state: Asked['state']): number => asked.filter((one) => one.state === state).length;
  ports.metrics.report({ WitnessesRefusing: count('refused'), WitnessesAway: count('away') });
  return asked.flatMap((one) => (one.state === 'refused' && one.news !== undefined ? [one.news] : []));
};

type Asked =
  | { readonly state: 'cosigned' | 'away' }
  /** `news`: the refusal, when it does not stand in the log yet. */
  | { readonly state: 'refused'; readonly news: RefusalNews | undefined };

const NOTHING: WitnessMemory = { cosigned: 0, edge: { size: 0, roots: [] }, refused: null };

/** Never throws: a witness that cannot be asked must not stop the sealer. */
const askOne = async (ports: SealerPorts, log: OpenLog, client: WitnessClient, deadlineAt: number): Promise<Asked> => {
  const { keyId, name } = client.cosigner;
  try {
    let memory = await recall(ports, keyId);
    while (!(await isCosigned(ports, log, keyId, memory)) && ports.clock.now() < deadlineAt) {
      const outcome = await step(ports, log, { client, memory, deadlineAt });
      if ('refused' in outcome) {
        return { state: 'refused', news: refusedBy(ports, client, memory, outcome.refused) };
      }
      memory = outcome.memory;
      await ports.memories.save(keyId, memory);
    }
  } catch (cause) {
    if (cause instanceof ProofInterrupted) await keepProgress(ports, client, cause).catch(() => undefined);
    ports.diagnostics.error(`Witness did not cosign: ${name}`, cause);
    return { state: 'away' };
  }
  return { state: 'cosigned' };
};

/** A size that is none would lead to a proof that cannot be made, run after run: then nothing is remembered. */
const recall = async ({ memories }: SealerPorts, keyId: string): Promise<WitnessMemory> => {
  const memory = await memories.load(keyId);
  const isSize = memory !== undefined && Number.isSafeInteger(memory.cosigned) && memory.cosigned >= 0;
  return isSize ? memory : NOTHING;
};

/** What is remembered counts only where the cosignature lies in the bucket: a table that lies must not silence a witness. */
const isCosigned = async (
  ports: SealerPorts,
  { signedSize }: OpenLog,
  keyId: string,
  { cosigned }: WitnessMemory,
): Promise<boolean> =>
  cosigned === signedSize && (await ports.log.get(cosignatureName(signedSize, keyId))) !== undefined;

const keepProgress = async (ports: SealerPorts, { cosigner }: WitnessClient, { reached }: ProofInterrupted) => {
  const memory = await recall(ports, cosigner.keyId);
  await ports.memories.save(cosigner.keyId, { ...memory, edge: remembered(reached) });
};

const remembered = ({ size, roots }: RightEdge): WitnessMemory['edge'] => ({
  size,
  roots: roots.map((root) => Buffer.from(root).toString('base64')),
});

const refusedBy = (
  ports: SealerPorts,
  { cosigner: { name, keyId } }: WitnessClient,
  memory: WitnessMemory,
  refused: Omit<WitnessRefused, 'witness' | 'keyId'>,
): RefusalNews | undefined => {
  const { status, size, witnessSize } = refused;
  const detail = `status ${status} for ${size} entries, the witness is at ${witnessSize ?? 'an unknown size'}`;
  ports.diagnostics.error(`Witness refused the checkpoint: ${name}`, new Error(detail));
  // The same refusal comes again with every run; one entry says it.
  const known = `${status} at ${witnessSize ?? '?'}`;
  if (memory.refused === known) return undefined;
  return {
    refused: { witness: name, keyId, ...refused },
    remember: () => ports.memories.save(keyId, { ...memory, refused: known }),
  };
};

interface Asking {
  readonly client: WitnessClient;
  readonly memory: WitnessMemory;
  readonly deadlineAt: number;
}

type Outcome = { readonly memory: WitnessMemory } | { readonly refused: Omit<WitnessRefused, 'witness' | 'keyId'> };

/** One cosignature further, or a refusal; anything else throws. */
const step = async (ports: SealerPorts, log: OpenLog, asking: Asking): Promise<Outcome> => {
  const { memory } = asking;
  // A witness ahead of the log is asked from nothing, and tells its size.
  const oldSize = memory.cosigned > log.signedSize ? 0 : memory.cosigned;
  const first = await show(ports, log, asking, oldSize);
  if (first.answer.status !== 409) return judge(ports, log, asking, first);
  const witnessSize = parseSizeBody(first.answer.body);
  if (witnessSize === undefined) throw new Error('The witness answered 409 without a size');
  const refused = { status: 409, size: first.shown.size, oldSize, witnessSize };
  if (witnessSize === oldSize) return { refused };
  if (witnessSize > log.signedSize) {
    // Another sealer may have been faster; its checkpoint is in the bucket.
    const ahead = await ports.log.get(checkpointName(witnessSize));
    if (ahead === undefined) return { refused };
    throw new Error(`The witness has seen ${witnessSize} entries already, through another sealer`);
  }
  const second = await show(ports, log, asking, witnessSize);
  return judge(ports, log, asking, { ...second, witnessSize });
};

interface Shown {
  readonly answer: WitnessAnswer;
  readonly shown: TreeHead;
  readonly note: Uint8Array;
  readonly oldSize: number;
  readonly proof: Proof;
  readonly witnessSize?: number;
}

const show = async (ports: SealerPorts, log: OpenLog, asking: Asking, oldSize: number): Promise<Shown> => {
  const { size, note } = await nextCheckpoint(ports, log, oldSize);
  const shown = headOf(ports, note, size);
  const { memory, deadlineAt, client } = asking;
  const proof = await proveConsistency(ports, { from: oldSize, to: shown, known: memory.edge, deadlineAt });
  const answer = await client.addCheckpoint(formatAddCheckpoint({ oldSize, proof: proof.hashes, checkpoint: note }));
  return { answer, shown, note, oldSize, proof };
};

/** Checkpoints that a witness is led past at once: a proof over all that it missed in a month would take too long. */
const MAX_STEP = 500;

/** The newest checkpoint, or one on the way to it for a witness that was away for long. */
const nextCheckpoint = async (ports: SealerPorts, { signedSize }: OpenLog, oldSize: number) => {
  let size = signedSize;
  if (oldSize > 0 && signedSize - oldSize > MAX_STEP) {
    let count = 0;
    for await (const name of ports.log.listAfter(CHECKPOINT_PREFIX, checkpointName(oldSize))) {
      size = numberOf(name) ?? signedSize;
      count += 1;
      if (count === MAX_STEP) break;
    }
  }
  const note = await ports.log.get(checkpointName(size));
  if (note === undefined) throw new Error(`${checkpointName(size)} cannot be read`);
  return { size, note };
};

/** What our own checkpoint states. Whether the log signed it, the witness says; that its root is the log's, the proof. */
const headOf = ({ origin }: SealerPorts, bytes: Uint8Array, size: number): TreeHead => {
  const note = parseNote(bytes);
  const head = note.ok ? parseCheckpoint(note.value.text, origin) : undefined;
  if (head?.ok === true && head.value.size === size) return head.value;
  throw new Error(`${checkpointName(size)} is not a checkpoint of this log`);
};

const judge = async (ports: SealerPorts, log: OpenLog, { client }: Asking, given: Shown): Promise<Outcome> => {
  const { answer, shown, oldSize, witnessSize = null } = given;
  if (answer.status === 422) return { refused: { status: 422, size: shown.size, oldSize, witnessSize } };
  if (answer.status !== 200) throw new Error(`The witness answered ${answer.status} to ${shown.size} entries`);
  await keep(ports, client, given);
  const edge = shown.size === log.edge.size ? log.edge : given.proof.edge;
  const known = edge === undefined ? NOTHING.edge : remembered(edge);
  return { memory: { cosigned: shown.size, edge: known, refused: null } };
};

/** Puts the cosignature into the bucket, once it has proven good. */
const keep = async (ports: SealerPorts, { cosigner }: WitnessClient, { answer, note, shown }: Shown): Promise<void> => {
  const whole = parseNote(Buffer.concat([note, answer.body]));
  if (!whole.ok) throw new Error('The answer of the witness is not signature lines');
  const seconds = verifyCosignature(whole.value, cosigner);
  if (!seconds.ok) throw new Error(`The answer of the witness has no good cosignature: ${seconds.error.reason}`);
  const skew = Math.abs(seconds.value * 1000 - ports.clock.now());
  if (skew > CLOCK_SLACK_MS) throw new Error(`The clock of the witness is off by ${Math.round(skew / 1000)} s`);
  const lines = whole.value.signatures.filter(({ name, keyId }) => name === cosigner.name && keyId === cosigner.keyId);
  const cosigned = Buffer.concat([note, Buffer.from(lines.map(formatSignature).join(''), 'utf8')]);
  // A second cosignature of one checkpoint says the same at another time: the first one stands.
  await ports.log.putOnce(cosignatureName(shown.size, cosigner.keyId), cosigned);
};
