// The sealer and its witness: what a fault at any step leaves, what a witness that is away, ahead or wrong does to the log,
// and that a second history under the same key is caught by the two of them.

import { describe, expect, it } from 'vitest';
import type { WitnessClient } from '../../lambdas/adapters/witness-http.ts';
import type { MetricName } from '../../lambdas/contract.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { numberOf } from '../../lambdas/core/ledger/log-layout.ts';
import { formatVerifierKey, parseVerifierKey, rawPublicKey } from '../../lambdas/core/ledger/note.ts';
import { unpackLines } from '../../lambdas/core/ledger/packing.ts';
import { formatPolicy } from '../../lambdas/core/ledger/trust-policy.ts';
import { REASONS, type Reason } from '../../lambdas/core/ledger/verify/reasons.ts';
import { verifyLog } from '../../lambdas/core/ledger/verify/verify-log.ts';
import { makeSealer } from '../../lambdas/sealer/sealer.ts';
import { denialItem } from '../support/denial-item.ts';
import { type Fault, type MemoryLog, makeMemoryLog, WITNESS } from '../support/memory-log.ts';
import { filesOf, policyOf, witnessKey } from '../support/sealed-log.ts';

const ORIGIN = 'log.example/test';
const NOW = Date.UTC(2026, 10, 22);
const OPTIONS = { witnessedAs: ORIGIN, now: NOW };

let ids = 1_000_000;
const nextId = (): string => {
  ids += 1;
  return `00000000-0000-7000-8000-${String(ids).padStart(12, '0')}`;
};

type Replace = (real: readonly WitnessClient[]) => readonly WitnessClient[];

interface Over {
  readonly fault?: Fault;
  readonly witnesses?: Replace;
}

const run = async (memory: MemoryLog, { fault, witnesses = (real) => real }: Over = {}) => {
  const adapters = memory.open(fault);
  const errors: string[] = [];
  const metrics: Partial<Record<MetricName, number>>[] = [];
  const seal = makeSealer({
    queue: adapters.queue,
    ended: adapters.ended,
    log: adapters.log,
    tiles: adapters.tiles,
    copies: adapters.copies,
    memories: adapters.memories,
    witnesses: witnesses(adapters.witnesses),
    origin: ORIGIN,
    configDigest: 'sha256:0',
    gateway: { fn: 'sealer', code: 'sha256:0', region: 'test' },
    keys: [{ keyId: 'memory', signer: adapters.signer }],
    revokedKeys: [],
    intentKey: { keyId: 'memory-intent', publicKey: () => Promise.resolve(memory.intentKey) },
    clock: { now: () => NOW },
    newId: nextId,
    diagnostics: { error: (message) => void errors.push(message) },
    metrics: { report: (found) => void metrics.push(found) },
  });
  await seal(NOW + 60_000).catch(() => undefined);
  // A forked log has no tiles that fit either, and says so; that is for other tests.
  return { errors: errors.filter((message) => message.startsWith('Witness ')), metrics, steps: adapters.steps() };
};

const items = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => denialItem(ORIGIN, from + index, NOW - 60_000));
const write = (memory: MemoryLog, from: number, to: number): void => {
  for (const item of items(from, to)) memory.rows.set(`${item.partition} ${item.sort}`, { ...item, sealedAt: null });
};
const start = (count: number): MemoryLog => makeMemoryLog(items(0, count), OPTIONS);

const verify = async (memory: MemoryLog) => {
  const raw = rawPublicKey(await memory.open().signer.publicKey()) ?? new Uint8Array();
  const vkey = formatVerifierKey(ORIGIN, raw);
  const key = parseVerifierKey(vkey);
  if (!key.ok) throw new Error(key.error.reason);
  const policy = policyOf(formatPolicy([vkey], [{ vkey: WITNESS.vkey, url: null }]));
  const files = new Map([...memory.objects]);
  const report = await verifyLog({ files: filesOf(files), keys: [key.value], kept: null, policy, contentKeys: null });
  // What was left out here (a kept checkpoint, content keys, bodies) is no finding.
  const found = report.checks.flatMap(({ counts }) => Object.keys(counts) as Reason[]);
  return { report, reasons: found.filter((reason) => REASONS[reason][1] !== 'skipped') };
};

const entriesOf = (memory: MemoryLog): readonly Entry[] =>
  [...memory.objects]
    .filter(([name]) => name.startsWith('seg/'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, bytes]) => unpackLines(bytes))
    .map((line) => JSON.parse(line) as Entry);

/** Entries that the sealer writes by itself when a log begins: its genesis, and the key of the strict tier. */
const OWN = 2;

const refusals = (memory: MemoryLog) => entriesOf(memory).filter(({ type }) => type === 'witness.refused');

/** The same key and the same witness, another history from entry `from` on. */
const fork = (memory: MemoryLog, from: number): void => {
  for (const name of [...memory.objects.keys()]) if ((numberOf(name) ?? 0) >= from) memory.objects.delete(name);
  for (const name of [...memory.objects.keys()]) if (name.startsWith('cosig/')) memory.objects.delete(name);
  memory.head = undefined;
  memory.memory = undefined;
  memory.rows.clear();
};

describe('a sealer with a witness', () => {
  it('has every checkpoint cosigned as it is signed', async () => {
    const memory = start(5);
    for (const [from, to] of [
      [5, 9],
      [9, 10],
      [10, 30],
    ] as const) {
      await run(memory);
      write(memory, from, to);
    }
    expect((await run(memory)).errors).toEqual([]);
    expect((await run(memory)).metrics).toContainEqual({ WitnessesRefusing: 0, WitnessesAway: 0 });
    const { report, reasons } = await verify(memory);
    expect(reasons).toEqual([]);
    expect(report.witnessed?.entries).toBe(30 + OWN);
    expect([...memory.objects.keys()].filter((name) => name.startsWith('cosig/'))).toHaveLength(4);
  });

  it('asks nothing when nothing is new', async () => {
    const memory = start(5);
    await run(memory);
    const before = new Map(memory.objects);
    let asked = 0;
    const counted = (real: readonly WitnessClient[]): WitnessClient[] =>
      real.map((client) => ({
        ...client,
        addCheckpoint: (body) => {
          asked += 1;
          return client.addCheckpoint(body);
        },
      }));
    await run(memory, { witnesses: counted });
    expect(asked).toBe(0);
    expect(memory.objects).toEqual(before);
  });
});

const STEPS = await (async () => {
  const memory = start(5);
  await run(memory);
  write(memory, 5, 9);
  return (await run(memory)).steps;
})();

describe('a fault', () => {
  const faults = Array.from({ length: STEPS }, (_, index) => index + 1).flatMap((step) => [
    { step, when: 'before' } as const,
    { step, when: 'after' } as const,
  ]);

  it.each(faults)('$when step $step leaves a log that the next run has cosigned', async (fault) => {
    const memory = start(5);
    await run(memory);
    write(memory, 5, 9);
    await run(memory, { fault });
    write(memory, 9, 12);
    await run(memory, { fault });
    await run(memory);
    const { report, reasons } = await verify(memory);
    expect(reasons).toEqual([]);
    expect(report.witnessed?.entries).toBe(12 + OWN);
    expect(refusals(memory)).toEqual([]);
  });
});

const away: Replace = (real) =>
  real.map((client) => ({ ...client, addCheckpoint: () => Promise.reject(new Error('away')) }));

describe('a witness that is away', () => {
  it('stops nothing, is reported, and sees it all when it is back', async () => {
    const memory = start(5);
    await run(memory);
    write(memory, 5, 9);
    const { errors, metrics } = await run(memory, { witnesses: away });
    expect(errors).toEqual(['Witness did not cosign: witness.example/memory']);
    expect(metrics).toContainEqual({ WitnessesRefusing: 0, WitnessesAway: 1 });
    expect(entriesOf(memory)).toHaveLength(9 + OWN);
    expect((await verify(memory)).reasons).toEqual(['tail_unwitnessed']);
    write(memory, 9, 11);
    await run(memory);
    expect((await verify(memory)).reasons).toEqual([]);
  });

  it('for more checkpoints than one proof should cover, is led on in steps', { timeout: 120_000 }, async () => {
    const memory = start(3);
    await run(memory);
    for (let at = 3; at < 509; at += 1) {
      write(memory, at, at + 1);
      await run(memory, { witnesses: away });
    }
    await run(memory);
    expect(memory.memory).toMatchObject({ cosigned: 509 + OWN, edge: { size: 509 + OWN } });
    const cosigned = [...memory.objects.keys()].filter((name) => name.startsWith('cosig/'));
    expect(cosigned).toHaveLength(3);
    expect((await verify(memory)).reasons).toEqual([]);
  });
});

describe('a table that says the witness has seen it all', () => {
  it('does not keep the sealer from asking', async () => {
    const memory = start(5);
    await run(memory, { witnesses: away });
    memory.memory = { cosigned: 5 + OWN, edge: { size: 0, roots: [] }, refused: null };
    await run(memory);
    expect((await verify(memory)).reasons).toEqual([]);
  });
});

describe('a refusal', () => {
  const faults = Array.from({ length: STEPS + 8 }, (_, index) => index + 1).flatMap((step) => [
    { step, when: 'before' } as const,
    { step, when: 'after' } as const,
  ]);

  it.each(faults)('is put on record whatever fails $when step $step', async (fault) => {
    const memory = start(5);
    await run(memory);
    fork(memory, 0);
    write(memory, 100, 109);
    await run(memory, { fault });
    await run(memory);
    expect(refusals(memory).length).toBeGreaterThanOrEqual(1);
    expect((await verify(memory)).report.signed?.entries).toBe(entriesOf(memory).length);
  });
});

describe('a memory of the witness that is gone or wrong', () => {
  const other = Buffer.alloc(32, 9).toString('base64');
  it.each([
    ['gone', () => undefined],
    ['of another tree', (memory: MemoryLog) => ({ ...memory.memory!, edge: { size: 6, roots: [other, other] } })],
    ['no edge at all', (memory: MemoryLog) => ({ ...memory.memory!, edge: { size: 6, roots: [] } })],
    ['of an older size', (memory: MemoryLog) => ({ ...memory.memory!, cosigned: 1, edge: { size: 0, roots: [] } })],
    ['ahead of the log', (memory: MemoryLog) => ({ ...memory.memory!, cosigned: 999 })],
    ['of a size that was never signed', (memory: MemoryLog) => ({ ...memory.memory!, cosigned: 2 })],
    ['of no size', (memory: MemoryLog) => ({ ...memory.memory!, cosigned: Number.NaN })],
    ['of half an entry', (memory: MemoryLog) => ({ ...memory.memory!, cosigned: 1.5 })],
    ['of less than nothing', (memory: MemoryLog) => ({ ...memory.memory!, cosigned: -1 })],
  ])('is not believed: %s', async (_, lie) => {
    const memory = start(5);
    await run(memory);
    memory.memory = lie(memory);
    write(memory, 5, 9);
    expect((await run(memory)).errors).toEqual([]);
    expect((await verify(memory)).reasons).toEqual([]);
  });
});

describe('an answer that is no cosignature', () => {
  const stranger = witnessKey(44, WITNESS.cosigner.name);
  const answering =
    (status: number, body: string): Replace =>
    (real) =>
      real.map((client) => ({
        ...client,
        addCheckpoint: () => Promise.resolve({ status, body: Buffer.from(body, 'utf8') }),
      }));
  const lineOf = (seconds: number, by = WITNESS) =>
    Buffer.from(by.cosign(Buffer.from(`${ORIGIN}\n6\n\n`), seconds))
      .toString('utf8')
      .split('\n')
      .at(-2) ?? '';

  it.each([
    ['nothing', 200, ''],
    ['a page', 200, '<html></html>'],
    ['a cosignature of another text', 200, `${lineOf(NOW / 1000)}\n`],
    ['a cosignature by a stranger', 200, `${lineOf(NOW / 1000, stranger)}\n`],
    ['a redirect', 302, ''],
    ['unknown log', 404, 'unknown'],
    ['untrusted key', 403, 'untrusted'],
    ['a conflict without size', 409, 'hm\n'],
    ['a failure', 500, ''],
  ])('is reported and kept out of the bucket: %s', async (_, status, body) => {
    const memory = start(5);
    const { errors } = await run(memory, { witnesses: answering(status, body) });
    expect(errors).toEqual(['Witness did not cosign: witness.example/memory']);
    expect([...memory.objects.keys()].filter((name) => name.startsWith('cosig/'))).toEqual([]);
    expect(refusals(memory)).toEqual([]);
  });

  it('nor is one by a clock that is off', async () => {
    const memory = makeMemoryLog(items(0, 5), { ...OPTIONS, now: NOW + 6 * 60_000 });
    expect((await run(memory)).errors).toEqual(['Witness did not cosign: witness.example/memory']);
    expect([...memory.objects.keys()].filter((name) => name.startsWith('cosig/'))).toEqual([]);
  });
});

describe('a second history under the same key', () => {
  it('is refused when it is as long as the first: an alarm, an entry, and no quorum', async () => {
    const memory = start(5);
    await run(memory);
    write(memory, 5, 9);
    await run(memory);
    fork(memory, 6);
    write(memory, 100, 120);
    const { errors, metrics } = await run(memory);
    expect(errors).toEqual(['Witness refused the checkpoint: witness.example/memory']);
    expect(metrics).toContainEqual({ WitnessesRefusing: 1, WitnessesAway: 0 });
    expect(refusals(memory)).toMatchObject([
      { witness: 'witness.example/memory', status: '422', size: '28', oldSize: '11', witnessSize: '11' },
    ]);
    const { report, reasons } = await verify(memory);
    expect(reasons).toEqual(expect.arrayContaining(['quorum_never', 'witness_refused']));
    expect(report.verdict).toBe('invalid');
  });

  it('is refused when it is shorter: the witness has seen more than there is', async () => {
    const memory = start(5);
    await run(memory);
    write(memory, 5, 20);
    await run(memory);
    fork(memory, 6);
    write(memory, 100, 102);
    expect((await run(memory)).errors).toEqual(['Witness refused the checkpoint: witness.example/memory']);
    expect(refusals(memory)).toMatchObject([{ status: '409', size: '10', witnessSize: '22' }]);
  });

  it('of the same size is refused too', async () => {
    const memory = start(5);
    await run(memory);
    fork(memory, 0);
    write(memory, 100, 105);
    expect((await run(memory)).errors).toEqual(['Witness refused the checkpoint: witness.example/memory']);
    expect(refusals(memory)).toMatchObject([{ status: '422', size: '7', oldSize: '7', witnessSize: '7' }]);
  });

  it('is put on record once, and again when the witness says something else', async () => {
    const memory = start(5);
    await run(memory);
    write(memory, 5, 9);
    await run(memory);
    fork(memory, 6);
    write(memory, 100, 120);
    for (let again = 0; again < 3; again += 1) {
      expect((await run(memory)).errors).toHaveLength(1);
      write(memory, 200 + again, 201 + again);
    }
    expect(refusals(memory)).toHaveLength(1);
  });
});

it('places the entry among those of its day', () => {
  const entry = { ...(JSON.parse(items(0, 1)[0]?.line ?? '') as Entry), type: 'witness.refused' } as Entry;
  expect(toWalEntry(entry).partition).toMatch(/^day#2026-11-2\d$/);
});
