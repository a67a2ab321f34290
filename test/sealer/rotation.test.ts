// The sealer changes its key: the old one endorses the new one once, whatever dies in between; a lost or misused one is
// revoked and endorses nothing. What comes out is judged by the verifier, which knows nothing but files and keys.

import { describe, expect, it } from 'vitest';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { formatVerifierKey, parseNote, parseVerifierKey, rawPublicKey } from '../../lambdas/core/ledger/note.ts';
import { unpackLines } from '../../lambdas/core/ledger/packing.ts';
import type { Reason } from '../../lambdas/core/ledger/verify/reasons.ts';
import { verifyLog } from '../../lambdas/core/ledger/verify/verify-log.ts';
import { type Fault, InjectedFault, type MemoryLog, makeMemoryLog } from '../support/memory-log.ts';
import { filesOf } from '../support/sealed-log.ts';
import { type Deployment, denial, items, ORIGIN, revoked, sealer } from './sealer-under-test.ts';

const vkeyOf = async (memory: MemoryLog, generation: number): Promise<string> => {
  const raw = rawPublicKey(await memory.open().signerOf(generation).publicKey());
  return formatVerifierKey(ORIGIN, raw ?? new Uint8Array());
};

/** What an auditor finds who was given the keys of these generations. */
const audit = async (memory: MemoryLog, ...generations: readonly number[]) => {
  const vkeys = await Promise.all(generations.map((generation) => vkeyOf(memory, generation)));
  const keys = vkeys.map((vkey) => parseVerifierKey(vkey)).flatMap((key) => (key.ok ? [key.value] : []));
  const report = await verifyLog({ files: filesOf(memory.objects), keys, kept: null, policy: null, contentKeys: null });
  const reasons = report.checks.flatMap(({ counts }) => Object.keys(counts) as Reason[]);
  const left: readonly Reason[] = [
    'policy_not_given',
    'cosignature_none',
    'kept_not_given',
    'content_keys_not_given',
    'bodies_absent',
    'body_unreferenced',
  ];
  return { report, verdict: report.verdict, reasons: reasons.filter((reason) => !left.includes(reason)) };
};

const entriesOf = (memory: MemoryLog): readonly Entry[] =>
  [...memory.objects]
    .filter(([name]) => name.startsWith('seg/'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, bytes]) => unpackLines(bytes))
    .map((line) => JSON.parse(line) as Entry);

/** Types of the entries about checkpoint keys. */
const typesOf = (memory: MemoryLog): readonly string[] =>
  entriesOf(memory)
    .map(({ type }) => type)
    .filter((type) => type.startsWith('key.') && type !== 'key.registered');

const signaturesOf = (memory: MemoryLog): readonly number[] =>
  [...memory.objects]
    .filter(([name]) => name.startsWith('ckpt/'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, bytes]) => {
      const note = parseNote(bytes);
      return note.ok ? note.value.signatures.length : 0;
    });

const add = (memory: MemoryLog, from: number, to: number): void => {
  for (const item of items(to).slice(from))
    memory.rows.set(`${item.partition} ${item.sort}`, { ...item, sealedAt: null });
};

/** A log that generation 1 signed, with more waiting to be sealed. */
const begun = async (): Promise<MemoryLog> => {
  const memory = makeMemoryLog(items(5));
  await sealer(memory).run();
  add(memory, 5, 9);
  return memory;
};

const expectWhole = async (memory: MemoryLog, count: number, ...generations: readonly number[]) => {
  const { verdict, reasons, report } = await audit(memory, ...generations);
  expect(reasons).toEqual([]);
  expect(verdict).toBe('valid');
  expect(entriesOf(memory).filter(({ type }) => type === 'auth.denied')).toHaveLength(count);
  expect([...memory.rows.values()].filter(({ sealedAt }) => sealedAt === null)).toEqual([]);
  return report;
};

const ROTATING: Deployment = { generations: 2 };

describe('a rotation', () => {
  it('is endorsed by the old key once; then the new one signs alone', async () => {
    const memory = await begun();
    await sealer(memory, undefined, ROTATING).run();
    add(memory, 9, 12);
    await sealer(memory, undefined, ROTATING).run();
    await expectWhole(memory, 12, 1);
    const report = await expectWhole(memory, 12, 2);
    expect(report.keys.map(({ since }) => since)).toEqual([0, 7]);
    expect(signaturesOf(memory)).toEqual([1, 2, 1]);
    expect(typesOf(memory)).toEqual(['key.genesis', 'key.rotated']);
    expect([...memory.objects.keys()].filter((name) => name.startsWith('keys/'))).toHaveLength(6);
  });

  it('may skip a generation that never signed', async () => {
    const memory = await begun();
    await sealer(memory, undefined, { generations: 3 }).run();
    await expectWhole(memory, 9, 1);
  });

  it('twice before anything is signed takes all three signatures', async () => {
    const memory = await begun();
    const dead = { step: 0, when: 'before' } as const;
    // Dies at the first signature, when the rotation is in the log.
    for (let step = 1; typesOf(memory).length < 2; step += 1) {
      await sealer(memory, { ...dead, step }, ROTATING)
        .run()
        .catch(() => undefined);
    }
    expect(signaturesOf(memory)).toEqual([1]);
    await sealer(memory, undefined, { generations: 3 }).run();
    expect(signaturesOf(memory)).toEqual([1, 3]);
    await expectWhole(memory, 9, 1);
  });

  it('is refused to an older deployment, which must not undo it', async () => {
    const memory = await begun();
    await sealer(memory, undefined, ROTATING).run();
    add(memory, 9, 12);
    const before = memory.objects.size;
    await expect(sealer(memory).run()).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    expect(memory.objects.size).toBe(before);
    memory.head = undefined;
    await expect(sealer(memory).run()).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    await sealer(memory, undefined, ROTATING).run();
    await expectWhole(memory, 12, 1);
  });

  it('is known without the remembered head, from the log alone', async () => {
    const memory = await begun();
    await sealer(memory, undefined, ROTATING).run();
    memory.head = undefined;
    add(memory, 9, 12);
    await sealer(memory, undefined, ROTATING).run();
    await expectWhole(memory, 12, 1);
    expect(typesOf(memory)).toEqual(['key.genesis', 'key.rotated']);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('by two sealers at once is one rotation (%i)', async (lead) => {
    const memory = await begun();
    const first = sealer(memory, undefined, ROTATING).run();
    for (let tick = 0; tick < lead * 3; tick += 1) await Promise.resolve();
    await Promise.allSettled([first, sealer(memory).run(), sealer(memory, undefined, ROTATING).run()]);
    await sealer(memory, undefined, ROTATING).run();
    await expectWhole(memory, 9, 1);
    expect(typesOf(memory)).toEqual(['key.genesis', 'key.rotated']);
  });
});

const stepsOf = async (deployment: Deployment): Promise<readonly Fault[]> => {
  const healthy = sealer(await begun(), undefined, deployment);
  await healthy.run();
  return Array.from({ length: healthy.steps() }, (_, index) => index + 1).flatMap((step) => [
    { step, when: 'before' } as const,
    { step, when: 'after' } as const,
  ]);
};
const dieThenRun = async (memory: MemoryLog, fault: Fault, deployment: Deployment): Promise<void> => {
  await sealer(memory, fault, deployment)
    .run()
    .catch((cause: unknown) => expect(cause).toBeInstanceOf(InjectedFault));
};

const ROTATION_FAULTS = await stepsOf(ROTATING);

describe('a sealer that dies while it rotates', () => {
  it.each(ROTATION_FAULTS)('$when step $step leaves an endorsed key and loses nothing', async (fault) => {
    const memory = await begun();
    await dieThenRun(memory, fault, ROTATING);
    await sealer(memory, undefined, ROTATING).run();
    await expectWhole(memory, 9, 1);
    expect(typesOf(memory)).toEqual(['key.genesis', 'key.rotated']);
    expect(Math.max(...signaturesOf(memory))).toBe(2);
  });

  it.each(ROTATION_FAULTS)('twice, $when step $step, likewise', async (fault) => {
    const memory = await begun();
    await dieThenRun(memory, fault, ROTATING);
    await sealer(memory, { ...fault, step: fault.step + 1 }, ROTATING)
      .run()
      .catch(() => undefined);
    await sealer(memory, undefined, ROTATING).run();
    await expectWhole(memory, 9, 1);
  });
});

const REVOKING: Deployment = { generations: 2, revokedKeys: [revoked(1, 3)] };

const REVOCATION_FAULTS = await stepsOf(REVOKING);

describe('a revocation', () => {
  it('goes into the log with the rotation, which the revoked key does not endorse', async () => {
    const memory = await begun();
    await sealer(memory, undefined, REVOKING).run();
    expect(typesOf(memory)).toEqual(['key.genesis', 'key.revoked', 'key.rotated']);
    expect(signaturesOf(memory)).toEqual([1, 1]);
    expect(await audit(memory, 1, 2)).toMatchObject({
      verdict: 'valid',
      reasons: ['key_revoked', 'checkpoint_distrusted'],
    });
    const alone = await audit(memory, 1);
    expect(alone.verdict).toBe('unchecked');
    expect(alone.reasons).toContain('key_not_vouched');
  });

  it('of a key that was lost believes all that it signed', async () => {
    const memory = await begun();
    await sealer(memory, undefined, { generations: 2, revokedKeys: [revoked(1, null)], lost: [1] }).run();
    expect(await audit(memory, 1, 2)).toMatchObject({ verdict: 'valid', reasons: ['key_revoked'] });
  });

  it('of a retired key comes later by itself, once', async () => {
    const memory = await begun();
    await sealer(memory, undefined, ROTATING).run();
    for (let run = 0; run < 3; run += 1) await sealer(memory, undefined, REVOKING).run();
    expect(typesOf(memory)).toEqual(['key.genesis', 'key.rotated', 'key.revoked']);
    expect((await audit(memory, 1, 2)).verdict).toBe('valid');
  });

  it('of a key that never was on record is nothing to write down', async () => {
    const memory = await begun();
    await sealer(memory, undefined, { generations: 3, revokedKeys: [revoked(2, null)] }).run();
    expect(typesOf(memory)).toEqual(['key.genesis', 'key.rotated']);
    await expectWhole(memory, 9, 1);
  });

  it.each(REVOCATION_FAULTS)('survives a death $when step $step', async (fault) => {
    const memory = await begun();
    await dieThenRun(memory, fault, REVOKING);
    await sealer(memory, undefined, REVOKING).run();
    expect(typesOf(memory)).toEqual(['key.genesis', 'key.revoked', 'key.rotated']);
    expect((await audit(memory, 1, 2)).verdict).toBe('valid');
    expect([...memory.objects.keys()].filter((name) => name.startsWith('keys/'))).toHaveLength(7);
  });
});

describe('a key that is lost before it endorsed its successor', () => {
  it('stops signing and not sealing, until it is revoked', async () => {
    const memory = await begun();
    const stuck = sealer(memory, undefined, { generations: 2, lost: [1] }).run();
    await expect(stuck).rejects.toMatchObject({ code: 'KEY_UNAVAILABLE' });
    expect(entriesOf(memory).filter(({ type }) => type === 'auth.denied')).toHaveLength(9);
    expect(signaturesOf(memory)).toEqual([1]);
    await sealer(memory, undefined, { generations: 2, lost: [1], revokedKeys: [revoked(1, null)] }).run();
    expect(typesOf(memory)).toEqual(['key.genesis', 'key.rotated', 'key.revoked']);
    expect(await audit(memory, 1, 2)).toMatchObject({ verdict: 'valid', reasons: ['key_revoked'] });
    expect((await audit(memory, 1)).verdict).toBe('unchecked');
  });
});

describe('an entry about keys that somebody wrote into the table', () => {
  it('is named as tampering and changes no key', async () => {
    const memory = await begun();
    const { ts: _, ...stamp } = JSON.parse(denial(7).line) as Record<string, unknown>;
    const forged = {
      ...{ v: 1, log: ORIGIN, id: stamp['id'], config: 'sha256:0', gw: stamp['gw'], ts: '2026-11-22T00:00:00.500Z' },
      ...{ type: 'key.rotated', previous: await vkeyOf(memory, 1), next: await vkeyOf(memory, 7), keyId: 'mine' },
    } as unknown as Entry;
    const { partition, sort, position, line, leafHash } = toWalEntry(forged);
    memory.rows.set('forged', { partition, sort, position, line, leaf: leafHash, body: null, sealedAt: null });
    memory.rows.set(`${partition} ${sort}`, memory.rows.get('forged') as never);
    memory.rows.delete('forged');
    await sealer(memory).run();
    expect(typesOf(memory)).toEqual(['key.genesis']);
    expect((await audit(memory, 1)).reasons).toEqual(['tamper_suspected']);
    expect(entriesOf(memory).find(({ type }) => type === 'tamper.suspected')).toMatchObject({
      detail: 'not_from_table',
    });
  });
});
