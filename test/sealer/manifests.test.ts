// Manifests of ended sessions: written once, from the log alone, whatever the sealer dies of; and not written when the
// entries do not hold together.

import { beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { manifestName, segmentName } from '../../lambdas/core/ledger/log-layout.ts';
import { parseVerifierKey, type Verifier } from '../../lambdas/core/ledger/note.ts';
import { packLines, unpackLines } from '../../lambdas/core/ledger/packing.ts';
import { verifyLog } from '../../lambdas/core/ledger/verify/verify-log.ts';
import { toTimestamp } from '../../lambdas/core/time.ts';
import type { SealerPorts } from '../../lambdas/sealer/ports.ts';
import { makeSealer } from '../../lambdas/sealer/sealer.ts';
import {
  closeEntry,
  gapEntry,
  intentEntry,
  NOW_MS,
  openEntry,
  outcomeEntry,
  unknownEntry,
} from '../support/builders.ts';
import { type Fault, InjectedFault, type MemoryLog, makeMemoryLog } from '../support/memory-log.ts';
import { idOf } from '../support/sealed-entries.ts';
import { filesOf } from '../support/sealed-log.ts';

const ORIGIN = 'mcp.bank.example/countersign';

let count = 0;
const stamp = () => {
  count += 1;
  return { id: idOf(count), ts: toTimestamp(NOW_MS + count) };
};

/** Entries of an ended session: calls with outcome, one that stayed unknown, and a number without call. */
const sessionOf = (sid: string, calls = 3): Entry[] => {
  const entries: Entry[] = [{ ...openEntry(stamp()), sid } as Entry];
  for (let seq = 1; seq <= calls; seq += 1) {
    const call = { sid, seq: String(seq), callId: idOf(count, '7002') };
    const intent = intentEntry({ ...stamp(), ...call });
    const own = { ...stamp(), ...call, intent: toWalEntry(intent).leafHash };
    const outcome = outcomeEntry(own);
    const result = { ...outcome.result, content: null, bytes: '0' };
    entries.push(intent, seq === 2 ? unknownEntry(own) : { ...outcome, result });
  }
  entries.push(gapEntry({ ...stamp(), sid, seq: String(calls + 1) }));
  return [...entries, { ...closeEntry(stamp()), sid, why: 'idle', calls: String(calls + 1) } as Entry];
};

const rowsOf = (entries: readonly Entry[]) =>
  entries.map((entry) => {
    const { partition, sort, position, line, leafHash } = toWalEntry(entry);
    return { partition, sort, position, line, leaf: leafHash, body: null };
  });

const add = (memory: MemoryLog, entries: readonly Entry[]): void => {
  for (const row of rowsOf(entries)) memory.rows.set(`${row.partition} ${row.sort}`, { ...row, sealedAt: null });
};

let ids = 1_000_000;
const errors: string[] = [];
beforeEach(() => {
  errors.length = 0;
});
const sealer = (memory: MemoryLog, fault?: Fault, over: Partial<SealerPorts> = {}) => {
  const adapters = memory.open(fault);
  const now = NOW_MS + 60_000;
  const run = makeSealer({
    ...adapters,
    origin: ORIGIN,
    configDigest: 'sha256:0',
    gateway: { fn: 'sealer', code: 'sha256:0', region: 'test' },
    keys: [{ keyId: 'memory-1', signer: adapters.signer }],
    revokedKeys: [],
    metrics: { report: () => undefined },
    intentKey: { keyId: 'memory-intent', publicKey: () => Promise.resolve(memory.intentKey) },
    clock: { now: () => now },
    newId: () => {
      ids += 1;
      return idOf(ids, '7009');
    },
    diagnostics: { error: (message, cause) => void errors.push(`${message}: ${(cause as Error).message}`) },
    ...over,
  });
  return { run: (deadlineAt = now + 60_000) => run(deadlineAt), steps: adapters.steps };
};

const lagging = (memory: MemoryLog) =>
  sealer(memory, undefined, { queue: { ...memory.open().queue, listUnsealed: () => Promise.resolve([]) } });

const SIDS = [idOf(1, '7001'), idOf(2, '7001')] as const;
const memoryOf = (sids: readonly string[] = SIDS): MemoryLog => {
  const memory = makeMemoryLog([]);
  for (const sid of sids) {
    add(memory, sessionOf(sid));
    memory.sessions.set(sid, 'sealer');
  }
  return memory;
};

const verifierOf = (memory: MemoryLog): Verifier => {
  const [first = '{}'] = unpackLines(memory.objects.get(segmentName(0)) ?? new Uint8Array());
  const key = parseVerifierKey((JSON.parse(first) as { checkpointKey: string }).checkpointKey);
  if (!key.ok) throw new Error('the genesis names no key');
  return key.value;
};
const verified = (memory: MemoryLog) =>
  verifyLog({
    files: filesOf(memory.objects),
    keys: [verifierOf(memory)],
    kept: null,
    policy: null,
    contentKeys: null,
  });

const checkManifests = async (memory: MemoryLog, sids: readonly string[] = SIDS): Promise<void> => {
  const report = await verified(memory);
  const failed = report.checks.filter(({ status }) => status === 'failed');
  expect(failed).toEqual([]);
  expect(report.manifests).toBe(sids.length);
  for (const sid of sids) expect(memory.sessions.get(sid)).toBe(manifestName(sid));
  expect(errors).toEqual([]);
};

describe('a sealer', () => {
  it('writes the manifest of each ended session, and none again', async () => {
    const memory = memoryOf();
    expect(await sealer(memory).run()).toMatchObject({ manifests: 2 });
    expect(await sealer(memory).run()).toMatchObject({ manifests: 0 });
    await checkManifests(memory);
  });

  it('waits for entries that are not sealed yet', async () => {
    const memory = makeMemoryLog([]);
    const entries = sessionOf(SIDS[0]);
    add(memory, entries.slice(0, -1));
    await sealer(memory).run();
    add(memory, entries.slice(-1));
    memory.sessions.set(SIDS[0], 'sealer');
    // The index of what is unsealed lags: the closing entry is there and not listed.
    expect(await lagging(memory).run()).toMatchObject({ sealed: 0, manifests: 0 });
    expect(memory.sessions.get(SIDS[0])).toBe('sealer');
    expect(await sealer(memory).run()).toMatchObject({ sealed: 1, manifests: 1 });
    await checkManifests(memory, [SIDS[0]]);
  });

  it('leaves them to the next run when its time is over', async () => {
    const memory = memoryOf();
    await sealer(memory).run(0);
    expect([...memory.sessions.values()]).toEqual(['sealer', 'sealer']);
    // Copies and tiles had to wait too, and said so.
    errors.length = 0;
    await sealer(memory).run();
    await checkManifests(memory);
  });

  it('finds the entries of a session in however many segments they lie', async () => {
    const memory = makeMemoryLog([]);
    const entries = sessionOf(SIDS[0], 1500);
    for (let at = 0; at < entries.length; at += 700) {
      add(memory, entries.slice(at, at + 700));
      // Others in between, so that the session begins and ends inside of segments.
      add(memory, sessionOf(idOf(100 + at, '7001'), 40));
      await sealer(memory).run();
    }
    memory.sessions.set(SIDS[0], 'sealer');
    expect(await sealer(memory).run()).toMatchObject({ manifests: 1 });
    expect([...memory.objects.keys()].filter((name) => name.startsWith('seg/')).length).toBeGreaterThan(6);
    await checkManifests(memory, [SIDS[0]]);
  });

  it('finds a session whose first segment is longer than any it writes today', async () => {
    const memory = makeMemoryLog([]);
    add(memory, sessionOf(idOf(50, '7001'), 1500));
    add(memory, sessionOf(SIDS[0]));
    await sealer(memory).run();
    const names = [...memory.objects.keys()].filter((name) => name.startsWith('seg/')).sort();
    const lines = names.slice(1).flatMap((name) => unpackLines(memory.objects.get(name) ?? new Uint8Array()));
    for (const name of names.slice(2)) memory.objects.delete(name);
    memory.objects.set(names[1] ?? '', packLines(lines));
    memory.sessions.set(SIDS[0], 'sealer');
    expect(await sealer(memory).run()).toMatchObject({ manifests: 1 });
    await checkManifests(memory, [SIDS[0]]);
  });
});

describe('a log whose key changed', () => {
  it('has manifests by the key that was in force when they were signed, and they hold', async () => {
    const memory = memoryOf([SIDS[0]]);
    await sealer(memory).run();
    add(memory, sessionOf(SIDS[1]));
    memory.sessions.set(SIDS[1], 'sealer');
    const { signerOf } = memory.open();
    const keys = [1, 2].map((generation) => ({ keyId: `memory-${generation}`, signer: signerOf(generation) }));
    expect(await sealer(memory, undefined, { keys }).run()).toMatchObject({ manifests: 1 });
    const keyIdIn = (sid: string) =>
      /"keyid":"(\w+)"/.exec(Buffer.from(memory.objects.get(manifestName(sid)) ?? '').toString('utf8'))?.[1];
    expect(keyIdIn(SIDS[0])).not.toBe(keyIdIn(SIDS[1]));
    await checkManifests(memory);
  });
});

const healthy = sealer(memoryOf());
await healthy.run();
const faults = Array.from({ length: healthy.steps() }, (_, index) => index + 1).flatMap((step) => [
  { step, when: 'before' } as const,
  { step, when: 'after' } as const,
]);

describe('a sealer that dies', () => {
  it.each(faults)('$when step $step writes each manifest once all the same', async (fault) => {
    const memory = memoryOf();
    // Dead, or without its tiles, which it can do without.
    await sealer(memory, fault)
      .run()
      .catch((cause: unknown) => expect(cause).toBeInstanceOf(InjectedFault));
    errors.length = 0;
    const before = new Map(memory.objects);
    await sealer(memory).run();
    await checkManifests(memory);
    for (const [name, bytes] of before) expect(memory.objects.get(name)).toEqual(bytes);
  });

  it.each([1, 3, 5, 7])('beside another one writes the same bytes (%i)', async (lead) => {
    const memory = memoryOf();
    const first = sealer(memory).run();
    for (let tick = 0; tick < lead * 9; tick += 1) await Promise.resolve();
    await Promise.allSettled([first, sealer(memory).run()]);
    await sealer(memory).run();
    await checkManifests(memory);
  });
});

describe('a session whose entries do not hold together gets no manifest', () => {
  const refused = async (change: (memory: MemoryLog) => void): Promise<string> => {
    const memory = memoryOf();
    memory.sessions.clear();
    await sealer(memory).run();
    change(memory);
    memory.sessions.set(SIDS[0], 'sealer');
    memory.sessions.set(SIDS[1], 'sealer');
    await sealer(memory).run();
    // The other one is none the worse for it.
    expect(memory.sessions.get(SIDS[1])).toBe(manifestName(SIDS[1]));
    expect(memory.objects.has(manifestName(SIDS[0]))).toBe(false);
    expect(errors).toMatchObject([expect.stringMatching(/^A session gets no manifest: /)]);
    return memory.sessions.get(SIDS[0]) ?? '';
  };
  const rowsOfFirst = (memory: MemoryLog, type: string) =>
    [...memory.rows].filter(([name, { line }]) => name.startsWith(`session#${SIDS[0]}`) && line.includes(`"${type}"`));

  it.each([
    ['session.open', /session_not_opened/],
    ['call.intent', /outcome_without_intent/],
    ['call.outcome', /entries are missing/],
    ['call.unknown', /entries are missing/],
    ['gap', /entries are missing/],
    ['session.close', /entries are missing/],
  ])('when a %s was removed from the table', async (type, why) => {
    const found = await refused((memory) => {
      memory.rows.delete(rowsOfFirst(memory, type)[0]?.[0] ?? '');
    });
    expect(found).toMatch(why);
  });

  it('when the table says that it stands elsewhere', async () => {
    const found = await refused((memory) => {
      const [, row] = rowsOfFirst(memory, 'call.outcome')[0] ?? [];
      const [, other] = [...memory.rows].find(([name]) => name.startsWith(`session#${SIDS[1]}`)) ?? [];
      if (row !== undefined && other !== undefined) row.sealedAt = other.sealedAt;
    });
    expect(found).toMatch(/is not of this session/);
  });

  it('when an entry of it was changed before it was sealed', async () => {
    const memory = memoryOf([SIDS[0]]);
    const [name, row] = rowsOfFirst(memory, 'call.outcome')[0] ?? ['', undefined];
    if (row !== undefined) memory.rows.set(name, { ...row, line: row.line.replace('"ms":"5"', '"ms":"6"') });
    await sealer(memory).run();
    expect(memory.sessions.get(SIDS[0])).toMatch(/^refused: /);
  });

  it('and a change of a line in the table after sealing changes nothing: the log is read', async () => {
    const memory = memoryOf();
    memory.sessions.clear();
    await sealer(memory).run();
    for (const [name, row] of memory.rows) memory.rows.set(name, { ...row, line: '{}', leaf: '00' });
    for (const sid of SIDS) memory.sessions.set(sid, 'sealer');
    await sealer(memory).run();
    await checkManifests(memory);
  });

  it('and another manifest in its place is not taken for it', async () => {
    const memory = memoryOf([SIDS[0]]);
    memory.objects.set(manifestName(SIDS[0]), Buffer.from('{"payload":"e30="}'));
    await sealer(memory).run();
    expect(errors).toMatchObject([expect.stringContaining('another one is there')]);
  });
});
