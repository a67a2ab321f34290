// The sealer dies before or after every one of its steps, with the step applied or not, and another one takes over.
// After each: no entry lost, none twice, one history, every checkpoint verifies.

import { describe, expect, it } from 'vitest';
import type { UnsealedItem } from '../../lambdas/adapters/dynamo-sealing.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { numberOf } from '../../lambdas/core/ledger/log-layout.ts';
import { leafHashOf, RightEdge } from '../../lambdas/core/ledger/merkle.ts';
import { parseCheckpoint, parseNote, parseVerifierKey, verifyNote } from '../../lambdas/core/ledger/note.ts';
import { unpackLines } from '../../lambdas/core/ledger/packing.ts';
import { type Fault, InjectedFault, type MemoryLog, makeMemoryLog } from '../support/memory-log.ts';
import { denial, items, ORIGIN, START, sealer } from './sealer-under-test.ts';

/** Checks the whole log against what was to be sealed, as a reader who trusts nothing but the key would. */
const checkLog = (memory: MemoryLog, wanted: readonly UnsealedItem[]): void => {
  const names = [...memory.objects.keys()].filter((name) => name.startsWith('seg/')).sort();
  const edge = new RightEdge();
  const roots = new Map<number, Uint8Array>();
  const lines: string[] = [];
  for (const name of names) {
    expect(numberOf(name)).toBe(lines.length);
    for (const line of unpackLines(memory.objects.get(name) ?? new Uint8Array())) {
      lines.push(line);
      edge.append(leafHashOf(line));
      roots.set(edge.size, edge.root());
    }
  }
  const genesis = JSON.parse(lines[0] ?? '{}') as { type: string; checkpointKey: string };
  expect(genesis.type).toBe('key.genesis');
  const own = lines.filter((line) => /"type":"(key\.genesis|key\.registered|heartbeat)"/.test(line));
  expect(lines.filter((line) => !own.includes(line)).sort()).toEqual(wanted.map(({ line }) => line).sort());
  expect(own.filter((line) => line.includes('"type":"key.registered"'))).toHaveLength(1);
  const verifier = parseVerifierKey(genesis.checkpointKey);
  if (!verifier.ok) throw new Error('the genesis names no key');
  const checkpoints = [...memory.objects.keys()].filter((name) => name.startsWith('ckpt/')).sort();
  for (const name of checkpoints) {
    const note = parseNote(memory.objects.get(name) ?? new Uint8Array());
    if (!note.ok) throw new Error('a checkpoint is malformed');
    expect(verifyNote(note.value, verifier.value).ok).toBe(true);
    const head = parseCheckpoint(note.value.text, ORIGIN);
    expect(head).toMatchObject({ ok: true, value: { size: numberOf(name) } });
    if (head.ok) expect(head.value.root).toEqual(roots.get(head.value.size));
  }
  expect(checkpoints.at(-1)).toContain(String(lines.length).padStart(16, '0'));
  expect([...memory.rows.values()].filter((row) => row.sealedAt === null)).toEqual([]);
};

const die = async (memory: MemoryLog, fault: Fault): Promise<void> => {
  const { run, told } = sealer(memory, fault);
  const ended = await run().catch((cause: unknown) => cause);
  // Behind the signature come the second copy and the tiles, and sealing does not fail with them.
  const left = ['The second copy is behind', 'The tiles were not written'];
  if (!told.some((text) => left.includes(text))) expect(ended).toBeInstanceOf(InjectedFault);
};

describe('a sealer', () => {
  it('seals everything once, in the order of the stamps, and nothing again', async () => {
    const memory = makeMemoryLog(items(40).reverse());
    expect(await sealer(memory).run()).toEqual({ sealed: 42, size: 42, signedSize: 42, manifests: 0 });
    expect(await sealer(memory).run()).toEqual({ sealed: 0, size: 42, signedSize: 42, manifests: 0 });
    checkLog(memory, items(40));
    const segment = [...memory.objects.keys()].filter((name) => name.startsWith('seg/')).at(-1) ?? '';
    const stamps = unpackLines(memory.objects.get(segment) ?? new Uint8Array()).map(
      (line) => (JSON.parse(line) as { ts: string }).ts,
    );
    expect(stamps).toEqual([...stamps].sort());
  });

  it('puts the intent key on record once, even when its entry has expired from the table', async () => {
    const memory = makeMemoryLog(items(3));
    await sealer(memory).run();
    for (const [name, row] of memory.rows) if (row.sealedAt !== null && row.line !== '') memory.rows.delete(name);
    await sealer(memory).run();
    checkLog(memory, items(3));
  });

  it('goes on sealing when the intent key cannot be had, and registers it later', async () => {
    const memory = makeMemoryLog(items(3));
    const said: string[] = [];
    const options = { intentKey: { keyId: 'gone', publicKey: () => Promise.reject(new Error('disabled')) } };
    await sealer(
      memory,
      undefined,
      {},
      { ...options, diagnostics: { error: (text: string) => void said.push(text) } },
    ).run();
    expect(memory.rows.size).toBe(3);
    expect(said).toEqual(['The intent key could not be put on record']);
    await sealer(memory).run();
    checkLog(memory, items(3));
  });

  it('works off a backlog of more than one segment', async () => {
    const memory = makeMemoryLog(items(1203));
    await sealer(memory).run();
    expect([...memory.objects.keys()].filter((name) => name.startsWith('seg/'))).toHaveLength(4);
    checkLog(memory, items(1203));
  });

  it('leaves a heartbeat when there was nothing for long', async () => {
    const memory = makeMemoryLog([]);
    await sealer(memory).run();
    const adapters = memory.open();
    if (memory.head === undefined) throw new Error('no head');
    memory.head = { ...memory.head, sealedAt: START - 3_600_000 };
    expect(adapters.steps()).toBe(0);
    expect(await sealer(memory).run()).toMatchObject({ sealed: 1 });
    checkLog(memory, []);
  });
});

const stepsOf = async (count: number, copiesDown = false): Promise<number> => {
  const healthy = sealer(Object.assign(makeMemoryLog(items(count)), { copiesDown }));
  await healthy.run();
  return healthy.steps();
};
const FIRST_RUN_STEPS = await stepsOf(9);
const faults = Array.from({ length: FIRST_RUN_STEPS }, (_, index) => index + 1).flatMap((step) => [
  { step, when: 'before' } as const,
  { step, when: 'after' } as const,
]);

describe('a sealer that dies', () => {
  it.each(faults)('$when step $step of its first run loses nothing', async (fault) => {
    const memory = makeMemoryLog(items(9));
    await die(memory, fault);
    await sealer(memory).run();
    checkLog(memory, items(9));
  });

  it.each(faults)('$when step $step of a later run loses nothing', async (fault) => {
    const memory = makeMemoryLog(items(5));
    await sealer(memory).run();
    const later = items(14).slice(5);
    for (const item of later) memory.rows.set(`${item.partition} ${item.sort}`, { ...item, sealedAt: null });
    await sealer(memory, fault)
      .run()
      .catch((cause: unknown) => expect(cause).toBeInstanceOf(InjectedFault));
    await sealer(memory).run();
    checkLog(memory, items(14));
  });

  it.each(faults)('twice, $when step $step and then one step on, loses nothing', async (fault) => {
    const memory = makeMemoryLog(items(9));
    await die(memory, fault);
    await sealer(memory, { ...fault, step: fault.step + 1 })
      .run()
      .catch(() => undefined);
    await sealer(memory).run();
    checkLog(memory, items(9));
  });
});

/** The step that writes the first object of that prefix. */
const stepOf = async (prefix: string): Promise<number> => {
  for (let step = await stepsOf(4); step > 0; step -= 1) {
    const memory = makeMemoryLog(items(4));
    await sealer(memory, { step, when: 'before' })
      .run()
      .catch(() => undefined);
    if (![...memory.objects.keys()].some((name) => name.startsWith(prefix))) return step;
  }
  throw new Error(`no step writes ${prefix}`);
};

describe('what a sealer measures', () => {
  const measured = async (memory: MemoryLog, fault?: Fault) => {
    const reported: Record<string, number>[] = [];
    const metrics = { report: (values: Record<string, number>) => void reported.push(values) };
    await sealer(memory, fault, {}, { metrics })
      .run()
      .catch(() => undefined);
    return reported;
  };

  it('is how long entries waited, how many were sealed, and how old the last checkpoint is', async () => {
    const memory = makeMemoryLog(items(4));
    expect(await measured(memory)).toEqual([
      { OldestUnsealedSeconds: 60 },
      { EntriesSealed: 6, CheckpointAgeSeconds: 0, SealingLagMedianSeconds: 59.998, SealingLagMaxSeconds: 60 },
    ]);
    if (memory.head === undefined) throw new Error('no head');
    memory.head = { ...memory.head, sealedAt: START };
    expect(await measured(memory)).toEqual([
      { OldestUnsealedSeconds: 0 },
      { EntriesSealed: 0, CheckpointAgeSeconds: 60 },
    ]);
  });

  it('is said before anything can fail, and no checkpoint is claimed that was not made', async () => {
    const steps = await stepsOf(4);
    for (let step = 3; step <= steps; step += 1) {
      const memory = makeMemoryLog(items(4));
      const reported = await measured(memory, { step, when: 'before' });
      const signed = [...memory.objects.keys()].some((name) => name.startsWith('ckpt/'));
      const claimed = reported.some((values) => 'CheckpointAgeSeconds' in values);
      expect({ step, claimed: claimed && !signed }).toEqual({ step, claimed: false });
      if (reported.length > 0) expect(reported[0]).toEqual({ OldestUnsealedSeconds: 60 });
    }
    const unsigned = makeMemoryLog(items(4));
    const checkpoint = await stepOf('ckpt/');
    expect(await measured(unsigned, { step: checkpoint, when: 'before' })).toEqual([{ OldestUnsealedSeconds: 60 }]);
  });
});

describe('what a sealer says it has checked', () => {
  it('is the time of its last look at the queue, when that left nothing waiting', async () => {
    const memory = makeMemoryLog(items(3));
    await sealer(memory).run();
    expect(memory.head).toMatchObject({ size: 5, checkedAt: START + 60_000 });
  });

  it('grows with runs that find nothing to seal', async () => {
    const memory = makeMemoryLog(items(3));
    await sealer(memory).run();
    if (memory.head === undefined) throw new Error('no head');
    memory.head = { ...memory.head, checkedAt: 0 };
    expect(await sealer(memory).run()).toMatchObject({ sealed: 0 });
    expect(memory.head.checkedAt).toBe(START + 60_000);
  });

  it.each(faults)('is never ahead of what is sealed and signed: dead $when step $step', async (fault) => {
    const memory = makeMemoryLog(items(9));
    await die(memory, fault);
    const waiting = [...memory.rows.values()].filter((row) => row.sealedAt === null).length;
    if (memory.head !== undefined && memory.head.checkedAt > 0) {
      expect(waiting).toBe(0);
      expect(
        [...memory.objects.keys()].some((name) => name === `ckpt/${String(memory.head?.size).padStart(16, '0')}.note`),
      ).toBe(true);
    } else expect(memory.head?.checkedAt ?? 0).toBe(0);
  });

  it('stays where it was when time ran out before the queue was empty', async () => {
    const memory = makeMemoryLog(items(1203));
    let now = START;
    // Each look at the clock costs a second: there is time for one segment.
    const clock = { now: () => (now += 1000) };
    await sealer(memory, undefined, {}, { clock }).run(START + 6_000);
    expect(memory.head?.checkedAt).toBe(0);
    expect([...memory.rows.values()].some((row) => row.sealedAt === null)).toBe(true);
  });
});

describe('two sealers at once', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('write one history (%i)', async (lead) => {
    const memory = makeMemoryLog(items(20));
    const first = sealer(memory).run();
    for (let tick = 0; tick < lead * 3; tick += 1) await Promise.resolve();
    await Promise.allSettled([first, sealer(memory).run(), sealer(memory).run()]);
    await sealer(memory).run();
    checkLog(memory, items(20));
  });
});

describe('a remembered head that lies', () => {
  it.each([
    [
      'another root',
      (head: NonNullable<MemoryLog['head']>) => ({
        ...head,
        roots: head.roots.map(() => Buffer.alloc(32, 9).toString('base64')),
      }),
    ],
    ['another size', (head: NonNullable<MemoryLog['head']>) => ({ ...head, size: head.size + 1 })],
    ['no roots', (head: NonNullable<MemoryLog['head']>) => ({ ...head, roots: [] })],
  ])('is not believed: %s', async (_name, lie) => {
    const memory = makeMemoryLog(items(6));
    await sealer(memory).run();
    if (memory.head === undefined) throw new Error('no head');
    memory.head = lie(memory.head);
    const later = denial(6);
    memory.rows.set(`${later.partition} ${later.sort}`, { ...later, sealedAt: null });
    await sealer(memory).run();
    checkLog(memory, items(7));
  });
});

describe('an item that was changed while it waited', () => {
  it('is named in the log and not passed over', async () => {
    const memory = makeMemoryLog(items(3));
    const victim = denial(1);
    const name = `${victim.partition} ${victim.sort}`;
    memory.rows.set(name, { ...victim, line: victim.line.replace('401', '200'), sealedAt: null });
    await sealer(memory).run();
    const lines = [...memory.objects]
      .filter(([object]) => object.startsWith('seg/'))
      .flatMap(([, bytes]) => unpackLines(bytes));
    const suspicion = lines.map((line) => JSON.parse(line) as Entry).find((entry) => entry.type === 'tamper.suspected');
    expect(suspicion).toMatchObject({ item: { sort: victim.sort }, storedLeaf: victim.leaf, detail: 'leaf_mismatch' });
    expect(memory.rows.get(name)?.sealedAt).not.toBeNull();
  });
});
