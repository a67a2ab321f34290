// A bucket, a table, a key and a witness in memory, with the semantics the sealer rests on, which can fail before a step is
// applied or after (the answer is lost, the change stands). Steps are numbered, so that a test can fail each in turn.

import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { EndedSessions } from '../../lambdas/adapters/dynamo-ended.ts';
import type { ItemKey, SealedHead, SealingQueue, UnsealedItem } from '../../lambdas/adapters/dynamo-sealing.ts';
import type { WitnessMemories, WitnessMemory } from '../../lambdas/adapters/dynamo-witness-memory.ts';
import type { WitnessStates } from '../../lambdas/adapters/dynamo-witness-states.ts';
import type { Signer } from '../../lambdas/adapters/kms-signer.ts';
import type { EvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import type { TileStore } from '../../lambdas/adapters/s3-tiles.ts';
import type { WitnessClient } from '../../lambdas/adapters/witness-http.ts';
import type { TreeHead } from '../../lambdas/core/ledger/merkle.ts';
import { formatVerifierKey, parseVerifierKey, rawPublicKey } from '../../lambdas/core/ledger/note.ts';
import { type KnownLogs, knownLogs } from '../../lambdas/core/ledger/witness.ts';
import { makeWitness } from '../../lambdas/witness/witness.ts';
import { witnessKey } from './sealed-log.ts';

export interface Fault {
  /** Counted from 1 over all steps. */
  readonly step: number;
  readonly when: 'before' | 'after';
}

export class InjectedFault extends Error {}

interface Row extends UnsealedItem {
  sealedAt: number | null;
}

export interface MemoryLog {
  readonly objects: Map<string, Uint8Array>;
  /** The bucket of the second copy. */
  readonly copies: Map<string, Uint8Array>;
  readonly rows: Map<string, Row>;
  /** The tiles bucket, which the sealer can do without. */
  readonly tiles: Map<string, Uint8Array>;
  /** Adapters of one sealer process, failing once where `fault` says; steps on tiles are counted apart. */
  open(
    fault?: Fault,
    tileFault?: Fault,
  ): {
    queue: SealingQueue;
    ended: EndedSessions;
    log: EvidenceLog;
    /** Fails while {@link MemoryLog.copiesDown}; its steps are not counted, since nothing waits for them. */
    copies: EvidenceLog;
    signer: Signer;
    /** The key of a generation, and of no other; `signer` is the first. */
    signerOf(generation: number): Signer;
    tiles: TileStore;
    witnesses: readonly WitnessClient[];
    memories: WitnessMemories;
    steps(): number;
    tileSteps(): number;
  };
  /** Ended sessions by id: `sealer` while they wait, then the name of their manifest or why they get none. */
  readonly sessions: Map<string, string>;
  head: SealedHead | undefined;
  /** Public key of the intent key, DER. */
  readonly intentKey: Uint8Array;
  copiesDown: boolean;
  /** What the witness has cosigned last. */
  witnessed: TreeHead | undefined;
  /** What the sealer remembers of the witness. */
  memory: WitnessMemory | undefined;
}

/** The witness of every such log. */
export const WITNESS = witnessKey(9, 'witness.example/memory');

export interface MemoryOptions {
  /** Origin of the log that the witness knows. @default no witness */
  readonly witnessedAs?: string;
  /** The witness's clock, epoch milliseconds. */
  readonly now?: number;
}

const nameOf = ({ partition, sort }: ItemKey): string => `${partition} ${sort}`;

export const makeMemoryLog = (items: readonly UnsealedItem[], options: MemoryOptions = {}): MemoryLog => {
  const pairs: ReturnType<typeof generateKeyPairSync>[] = [];
  const pairOf = (generation: number) => {
    const pair = pairs[generation] ?? generateKeyPairSync('ed25519');
    pairs[generation] = pair;
    return pair;
  };
  const state: MemoryLog = {
    objects: new Map(),
    copies: new Map(),
    copiesDown: false,
    rows: new Map(items.map((item) => [nameOf(item), { ...item, sealedAt: null }])),
    head: undefined,
    intentKey: generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }),
    tiles: new Map(),
    sessions: new Map(),
    witnessed: undefined,
    memory: undefined,
    open: (fault, tileFault) => {
      const { step, steps } = countSteps(fault);
      const onTiles = countSteps(tileFault);
      return {
        queue: queueOf(state, step),
        ended: endedOf(state, step),
        log: logOf(state.objects, step),
        copies: logOf(state.copies, (apply) =>
          state.copiesDown ? Promise.reject(new Error('down')) : Promise.resolve(apply()),
        ),
        signer: signerOf(step, 1),
        signerOf: (generation) => signerOf(step, generation),
        tiles: tilesOf(state, onTiles.step),
        steps,
        tileSteps: onTiles.steps,
        witnesses: options.witnessedAs === undefined ? [] : [witnessOf(options.witnessedAs, step)],
        memories: memoriesOf(state, step),
      };
    },
  };
  const signerOf = (step: Step, generation: number): Signer => ({
    publicKey: () => Promise.resolve(pairOf(generation).publicKey.export({ format: 'der', type: 'spki' })),
    sign: (text) => step(() => sign(null, Buffer.from(text), pairOf(generation).privateKey)),
  });
  /** The product's own witness; only its table and its key are in memory. */
  const witnessOf = (origin: string, step: Step): WitnessClient => {
    const spki = pairOf(1).publicKey.export({ format: 'der', type: 'spki' });
    const log = parseVerifierKey(formatVerifierKey(origin, rawPublicKey(spki) ?? new Uint8Array()));
    const logs: KnownLogs = knownLogs(log.ok ? [log.value] : []);
    const witness = makeWitness({
      name: WITNESS.cosigner.name,
      logs,
      states: statesOf(state, step),
      signer: WITNESS.signer,
      clock: { now: () => options.now ?? 0 },
      diagnostics: { error: () => undefined },
    });
    return {
      cosigner: WITNESS.cosigner,
      addCheckpoint: async (body) => {
        const reply = await witness({ method: 'POST', path: '/add-checkpoint', body: Buffer.from(body, 'utf8') });
        return { status: reply.statusCode, body: Buffer.from(reply.body, 'utf8') };
      },
    };
  };
  return state;
};

const statesOf = (state: MemoryLog, step: Step): WitnessStates => ({
  load: () => step(() => state.witnessed),
  advance: (_origin, from, to) =>
    step(() => {
      if (state.witnessed?.size !== from?.size) return false;
      state.witnessed = to;
      return true;
    }),
  publish: () => Promise.resolve(),
  published: () => Promise.resolve(undefined),
});

const memoriesOf = (state: MemoryLog, step: Step): WitnessMemories => ({
  load: () => step(() => state.memory),
  save: (_keyId, memory) =>
    step(() => {
      state.memory = memory;
    }),
});

type Step = <Value>(apply: () => Value) => Promise<Value>;

/** A row that says that something was appended once; it is no entry. */
const MARK = { line: '', leaf: '', position: '', body: null, sealedAt: 0 };

const countSteps = (fault: Fault | undefined): { step: Step; steps(): number } => {
  let steps = 0;
  const step: Step = async (apply) => {
    steps += 1;
    const hit = fault?.step === steps ? fault.when : undefined;
    // Lets another sealer of the same test in between.
    await Promise.resolve();
    if (hit === 'before') throw new InjectedFault(`before step ${steps}`);
    const value = apply();
    if (hit === 'after') throw new InjectedFault(`after step ${steps}`);
    return value;
  };
  return { step, steps: () => steps };
};

const tilesOf = ({ tiles }: MemoryLog, step: Step): TileStore => {
  const etagOf = (bytes: Uint8Array | undefined): string | null =>
    bytes === undefined ? null : createHash('md5').update(bytes).digest('hex');
  return {
    get: (name) =>
      step(() => {
        const bytes = tiles.get(name);
        return bytes === undefined ? undefined : { bytes, etag: etagOf(bytes) ?? '' };
      }),
    put: (name, bytes) =>
      step(() => {
        tiles.set(name, bytes);
      }),
    replace: (name, bytes, etag) =>
      step(() => {
        if (etagOf(tiles.get(name)) !== etag) return 'overtaken';
        tiles.set(name, bytes);
        return 'written';
      }),
  };
};

const queueOf = (state: MemoryLog, step: Step): SealingQueue => {
  const waiting = (): Row[] => [...state.rows.values()].filter((row) => row.sealedAt === null);
  return {
    listUnsealed: (limit) =>
      step(() =>
        waiting()
          .sort((a, b) => (a.position < b.position ? -1 : 1))
          .slice(0, limit),
      ),
    load: (keys) =>
      step(
        () =>
          keys
            .map((key) => state.rows.get(nameOf(key)))
            .filter((row) => row !== undefined && row.sealedAt === null) as Row[],
      ),
    markSealed: (item, { index }) =>
      step(() => {
        const row = state.rows.get(nameOf(item));
        if (row?.leaf === item.leaf) row.sealedAt = index;
      }),
    loadHead: () => step(() => state.head),
    saveHead: (head) =>
      step(() => {
        state.head = head;
      }),
    appendOnce: (name, { partition, sort, position, line, leafHash }) =>
      step(() => {
        const mark = { partition: 'sealer', sort: name };
        if (state.rows.has(nameOf(mark))) return;
        state.rows.set(nameOf(mark), { ...MARK, ...mark });
        const row = { partition, sort, position, line, leaf: leafHash, body: null, sealedAt: null };
        state.rows.set(nameOf(row), row);
      }),
  };
};

const endedOf = (state: MemoryLog, step: Step): EndedSessions => ({
  list: async function* () {
    yield* await step(() => [...state.sessions].filter(([, due]) => due === 'sealer').map(([sid]) => sid));
  },
  listIndexes: async function* (sid) {
    const own = [...state.rows.values()].filter(({ partition }) => partition === `session#${sid}`);
    yield* await step(() => own.map(({ sealedAt }) => sealedAt));
  },
  finish: (sid, manifest) => step(() => void state.sessions.set(sid, manifest)),
  refuse: (sid, why) => step(() => void state.sessions.set(sid, `refused: ${why}`)),
});

const logOf = (objects: Map<string, Uint8Array>, step: Step): EvidenceLog => ({
  putOnce: (name, bytes) =>
    step(() => {
      if (objects.has(name)) return 'exists';
      objects.set(name, bytes);
      return 'written';
    }),
  get: (name) => step(() => objects.get(name)),
  listAfter: async function* (prefix, after) {
    const names = await step(() =>
      [...objects.keys()].filter((name) => name.startsWith(prefix) && name > after).sort(),
    );
    yield* names;
  },
});
