// The witness as a log meets it: every status of C2SP tlog-witness, each refusal beside its nearest accepted twin.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { WitnessStates } from '../../../lambdas/adapters/dynamo-witness-states.ts';
import { formatAddCheckpoint, MAX_ADD_CHECKPOINT_BYTES } from '../../../lambdas/core/ledger/add-checkpoint.ts';
import { verifyCosignature } from '../../../lambdas/core/ledger/cosignature.ts';
import {
  consistencyProof,
  EMPTY_ROOT,
  type Hash,
  leafHashOf,
  rootOf,
  type TreeHead,
} from '../../../lambdas/core/ledger/merkle.ts';
import { parseNote, verifyNote } from '../../../lambdas/core/ledger/note.ts';
import { knownLogs } from '../../../lambdas/core/ledger/witness.ts';
import { makeWitness } from '../../../lambdas/witness/witness.ts';
import { checkpointOf, type LogKey, logKey, witnessKey } from '../../support/sealed-log.ts';

const NOW_MS = 1_795_341_600_500;
const key = logKey(1, 'log.example/a');
const rotated = logKey(2, 'log.example/a');
const stranger = logKey(3, 'log.example/a');
const witness = witnessKey(7, 'witness.example/w1');
const leaves: readonly Hash[] = Array.from({ length: 40 }, (_, index) => leafHashOf(`entry ${index}`));
const fork: readonly Hash[] = leaves.with(5, leafHashOf('another'));

const memoryStates = () => {
  const heads = new Map<string, TreeHead>();
  const notes = new Map<string, string>();
  const states: WitnessStates = {
    load: (origin) => Promise.resolve(heads.get(origin)),
    advance: (origin, from, to) => {
      if (heads.get(origin)?.size !== from?.size) return Promise.resolve(false);
      heads.set(origin, to);
      return Promise.resolve(true);
    },
    publish: (origin, _head, note) => Promise.resolve(void notes.set(origin, note)),
    published: (origin) => Promise.resolve(notes.get(origin)),
  };
  return { heads, states };
};

const start = (over: Partial<WitnessStates> = {}) => {
  const { heads, states } = memoryStates();
  const errors: string[] = [];
  const ask = makeWitness({
    name: witness.cosigner.name,
    logs: knownLogs([key.verifier, rotated.verifier]),
    states: { ...states, ...over },
    signer: witness.signer,
    clock: { now: () => NOW_MS },
    diagnostics: { error: (message) => void errors.push(message) },
  });
  return { ask, heads, errors };
};

interface Shown {
  readonly old: number;
  readonly size: number;
  readonly of?: readonly Hash[];
  readonly by?: LogKey;
  readonly origin?: string;
  readonly proof?: readonly Hash[];
}

const headOf = (size: number, of = leaves): TreeHead => ({
  size,
  root: size === 0 ? EMPTY_ROOT : rootOf(of.slice(0, size)),
});
const bodyOf = ({ old, size, of = leaves, by = key, origin = 'log.example/a', proof }: Shown): Buffer => {
  const honest = old === 0 || old > size ? [] : consistencyProof(old, of.slice(0, size));
  const checkpoint = checkpointOf(by, headOf(size, of), origin);
  return Buffer.from(formatAddCheckpoint({ oldSize: old, proof: proof ?? honest, checkpoint }), 'utf8');
};
const post = (ask: ReturnType<typeof start>['ask'], shown: Shown | Buffer) =>
  ask({ method: 'POST', path: '/add-checkpoint', body: Buffer.isBuffer(shown) ? shown : bodyOf(shown) });

/** A witness that has cosigned 10 entries. */
const atTen = async () => {
  const started = start();
  expect((await post(started.ask, { old: 0, size: 10 })).statusCode).toBe(200);
  return started;
};

describe('add-checkpoint', () => {
  it('cosigns the first checkpoint of a log, and each that continues it', async () => {
    const { ask, heads } = start();
    for (const [old, size] of [
      [0, 0],
      [0, 1],
      [1, 10],
      [10, 10],
      [10, 40],
    ] as const) {
      const reply = await post(ask, { old, size });
      expect(reply.statusCode).toBe(200);
      const note = parseNote(
        Buffer.concat([checkpointOf(key, headOf(size), 'log.example/a'), Buffer.from(reply.body)]),
      );
      if (!note.ok) throw new Error(note.error.reason);
      expect(verifyCosignature(note.value, witness.cosigner)).toEqual({ ok: true, value: Math.floor(NOW_MS / 1000) });
    }
    expect(heads.get('log.example/a')).toEqual(headOf(40));
  });

  it('takes a checkpoint by any known key of the log, and ignores signatures of others', async () => {
    const { ask } = start();
    expect((await post(ask, { old: 0, size: 3, by: rotated })).statusCode).toBe(200);
    const both = Buffer.concat([
      bodyOf({ old: 3, size: 5 }),
      Buffer.from(checkpointOf(stranger, headOf(5), 'log.example/a').toString().split('\n\n')[1] ?? ''),
    ]);
    expect((await post(ask, both)).statusCode).toBe(200);
  });

  it.each<[number, string, (ask: ReturnType<typeof start>['ask']) => ReturnType<typeof post>]>([
    [400, 'no request', (ask) => post(ask, Buffer.from('hello'))],
    [400, 'a body over the limit', (ask) => post(ask, Buffer.alloc(MAX_ADD_CHECKPOINT_BYTES + 1, 0x61))],
    [400, 'a checkpoint that is no note', (ask) => post(ask, Buffer.from('old 10\n\nlog.example/a\n'))],
    [400, 'an old size above the size', (ask) => post(ask, { old: 10, size: 9 })],
    [403, 'a checkpoint by a stranger', (ask) => post(ask, { old: 10, size: 12, by: stranger })],
    [404, 'a log it does not know', (ask) => post(ask, { old: 10, size: 12, origin: 'log.example/b' })],
    [409, 'an old size below its own', (ask) => post(ask, { old: 9, size: 12 })],
    [409, 'an old size above its own', (ask) => post(ask, { old: 11, size: 12 })],
    [422, 'another history', (ask) => post(ask, { old: 10, size: 12, of: fork })],
    [422, 'another root of the same size', (ask) => post(ask, { old: 10, size: 10, of: fork })],
    [422, 'a proof that is too long', (ask) => post(ask, { old: 10, size: 10, proof: leaves.slice(0, 1) })],
    [422, 'a proof that is missing', (ask) => post(ask, { old: 10, size: 12, proof: [] })],
  ])('answers %i to %s, and remembers nothing of it', async (status, _, request) => {
    const { ask, heads } = await atTen();
    const reply = await request(ask);
    expect(reply.statusCode).toBe(status);
    expect(reply.body).not.toContain('\u2014');
    expect(heads).toEqual(new Map([['log.example/a', headOf(10)]]));
  });

  it('answers 403 when a signature by a known key is wrong beside a good one', async () => {
    const { ask } = await atTen();
    const good = bodyOf({ old: 10, size: 12 });
    const wrong = Buffer.from(checkpointOf(rotated, headOf(11), 'log.example/a').toString().split('\n\n')[1] ?? '');
    expect((await post(ask, Buffer.concat([good, wrong]))).statusCode).toBe(403);
    expect((await post(ask, good)).statusCode).toBe(200);
  });

  it('says its size in a 409, as the specification has it', async () => {
    const { ask } = await atTen();
    const reply = await post(ask, { old: 0, size: 12 });
    expect(reply).toEqual({ statusCode: 409, headers: { 'content-type': 'text/x.tlog.size' }, body: '10\n' });
  });

  it('refuses a proof from nothing, and an empty tree with a root of its own', async () => {
    expect((await post(start().ask, { old: 0, size: 3, proof: leaves.slice(0, 1) })).statusCode).toBe(422);
    const text = Buffer.from(`old 0\n\n${key.note(`log.example/a\n0\n${Buffer.alloc(32).toString('base64')}\n`)}`);
    expect((await post(start().ask, text)).statusCode).toBe(422);
  });

  it('never takes a log back to a smaller tree', async () => {
    const { ask } = await atTen();
    for (const old of [0, 5, 10]) expect((await post(ask, { old, size: 5 })).statusCode).not.toBe(200);
  });

  it('raises its own alarm at a fork, and at nothing else', async () => {
    const { ask, errors } = await atTen();
    await post(ask, { old: 9, size: 12 });
    await post(ask, { old: 10, size: 12, by: stranger });
    expect(errors).toEqual([]);
    await post(ask, { old: 10, size: 12, of: fork });
    expect(errors).toEqual(['A log showed a history that does not continue the cosigned one']);
  });

  it('of two histories shown at once cosigns one', async () => {
    const { ask } = await atTen();
    const replies = await Promise.all([
      post(ask, { old: 10, size: 20 }),
      post(ask, { old: 10, size: 20, of: leaves.with(15, leafHashOf('fork')) }),
    ]);
    expect(replies.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
  });

  it('remembers before it signs', async () => {
    const { states, heads } = memoryStates();
    const ask = makeWitness({
      name: witness.cosigner.name,
      logs: knownLogs([key.verifier]),
      states,
      signer: { ...witness.signer, sign: () => Promise.reject(new Error('KMS is away')) },
      clock: { now: () => NOW_MS },
      diagnostics: { error: () => undefined },
    });
    await expect(post(ask, { old: 0, size: 10 })).rejects.toThrow('KMS is away');
    expect(heads.get('log.example/a')).toEqual(headOf(10));
  });

  it('answers nothing when what it remembers cannot be read', async () => {
    const { ask } = start({ load: () => Promise.reject(new Error('damaged')) });
    await expect(post(ask, { old: 0, size: 10 })).rejects.toThrow('damaged');
  });
});

describe('what it publishes', () => {
  const hash = createHash('sha256').update('log.example/a').digest('hex');
  const get = (ask: ReturnType<typeof start>['ask'], path: string, method = 'GET') =>
    ask({ method, path, body: Buffer.alloc(0) });

  it('the cosigned checkpoint, with the signatures that it checked and no others', async () => {
    const { ask } = start();
    expect((await get(ask, `/${hash}/checkpoint`)).statusCode).toBe(404);
    const extra = Buffer.from(checkpointOf(stranger, headOf(5), 'log.example/a').toString().split('\n\n')[1] ?? '');
    await post(ask, Buffer.concat([bodyOf({ old: 0, size: 5 }), extra]));
    const note = parseNote(Buffer.from((await get(ask, `/${hash}/checkpoint`)).body));
    if (!note.ok) throw new Error(note.error.reason);
    expect(note.value.signatures).toHaveLength(2);
    expect(verifyNote(note.value, key.verifier).ok).toBe(true);
    expect(verifyCosignature(note.value, witness.cosigner).ok).toBe(true);
  });

  it('its key', async () => {
    expect((await get(start().ask, '/vkey')).body).toBe(`${witness.vkey}\n`);
  });

  it.each([
    ['/add-checkpoint', 'GET', 405],
    ['/vkey', 'POST', 405],
    [`/${hash}/checkpoint`, 'POST', 405],
    ['/', 'GET', 404],
    ['/add-checkpoint/', 'POST', 404],
    [`/${hash.toUpperCase()}/checkpoint`, 'GET', 404],
  ])('%s by %s: %i', async (path, method, status) => {
    expect((await get(start().ask, path, method)).statusCode).toBe(status);
  });
});
