// The second copy: it never stops the sealer, and it becomes whole again by itself, whatever failed and whichever process
// comes next.

import { describe, expect, it } from 'vitest';
import { makeCopying } from '../../lambdas/sealer/copy.ts';
import { type MemoryLog, makeMemoryLog } from '../support/memory-log.ts';
import { items, sealer } from './sealer-under-test.ts';

const belongs = (name: string): boolean => /^(?:ckpt|keys)\//.test(name);

const expectWhole = (memory: MemoryLog): void => {
  const wanted = [...memory.objects].filter(([name]) => belongs(name)).sort();
  expect([...memory.copies].sort()).toEqual(wanted);
  expect(wanted.length).toBeGreaterThan(2);
};

const add = (memory: MemoryLog, from: number, to: number): void => {
  for (const item of items(to).slice(from))
    memory.rows.set(`${item.partition} ${item.sort}`, { ...item, sealedAt: null });
};

describe('the second copy', () => {
  it('holds every checkpoint and every key, and nothing that was recorded', async () => {
    const memory = makeMemoryLog(items(5));
    await sealer(memory).run();
    add(memory, 5, 9);
    await sealer(memory, undefined, { generations: 2 }).run();
    expectWhole(memory);
    expect([...memory.copies.keys()].filter((name) => name.startsWith('keys/'))).toHaveLength(6);
  });

  it('does not stop sealing when it fails, and the next run makes it whole', async () => {
    const memory = makeMemoryLog(items(5));
    const running = sealer(memory);
    memory.copiesDown = true;
    for (let from = 5; from < 30; from += 5) {
      expect((await running.run()).signedSize).toBe(memory.head?.size);
      add(memory, from, from + 5);
    }
    expect(memory.copies.size).toBe(0);
    memory.copiesDown = false;
    await running.run();
    expectWhole(memory);
  });

  it.each([1, 2, 3, 7, 8, 9, 30])(
    'is made whole by another process that finds %i checkpoints copied',
    async (copied) => {
      const memory = makeMemoryLog([]);
      for (let count = 0; count < 31; count += 1) {
        memory.copiesDown = count >= copied;
        add(memory, count, count + 1);
        await sealer(memory).run();
      }
      memory.copiesDown = false;
      await sealer(memory).run();
      expectWhole(memory);
    },
  );

  it('costs one write for each checkpoint while nothing fails', async () => {
    const memory = makeMemoryLog(items(5));
    const running = sealer(memory);
    await running.run();
    const calls: string[] = [];
    const { copies } = memory;
    for (const operation of ['has', 'set', 'keys'] as const) {
      const original = copies[operation].bind(copies) as (...args: unknown[]) => unknown;
      Object.assign(copies, {
        [operation]: (...args: unknown[]) => {
          calls.push(operation);
          return original(...args);
        },
      });
    }
    add(memory, 5, 9);
    await running.run();
    expect(calls).toEqual(['has', 'set']);
  });

  it('says so when it is behind, and goes on where it stopped when time runs out', async () => {
    const memory = makeMemoryLog([]);
    memory.copiesDown = true;
    for (let count = 0; count < 6; count += 1) {
      add(memory, count, count + 1);
      await sealer(memory).run();
    }
    memory.copiesDown = false;
    let now = 0;
    const messages: string[] = [];
    const { log, copies } = memory.open();
    const ports = {
      ...{ log, copies, clock: { now: () => (now += 1) } },
      diagnostics: { error: (message: string) => messages.push(message) },
    };
    const run = { openedAt: 7, size: 7, written: [] };
    expect(await makeCopying(ports)(run, 3)).toBe(false);
    expect(messages).toEqual(['The second copy is behind']);
    expect([...memory.copies.keys()].filter((name) => name.startsWith('ckpt/'))).toHaveLength(3);
    expect(await makeCopying(ports)(run, 1000)).toBe(true);
    expectWhole(memory);
  });
});
