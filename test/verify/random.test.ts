// Any byte of any object, changed at random: the verifier finds it, or the change left every recorded byte as it was.

import fc from 'fast-check';
import { describe, it } from 'vitest';
import { openEnvelope } from '../../lambdas/core/ledger/dsse.ts';
import { formatPolicy } from '../../lambdas/core/ledger/trust-policy.ts';
import { unpack } from '../../lambdas/core/ledger/verify/unpack.ts';
import type { SealedEntry } from '../support/sealed-entries.ts';
import { INTENT_KEY, logKey, policyOf, sealedLog, witnessKey } from '../support/sealed-log.ts';
import { at, examine, resegment } from './attack.ts';

const witness = witnessKey(7, 'witness.bank.example/audit');
const log = sealedLog({ sessions: 2, callsPerSession: 8, quietMs: 2 * 3_600_000 }, 10, logKey(), [witness]);
const policy = policyOf(formatPolicy([log.key.vkey], [{ vkey: witness.vkey, url: null }]));
const objects = [...log.files];

/** The key id of an envelope is a hint, and JSON has several spellings: what was signed is the same. */
const sameStatement = (name: string, before: Uint8Array, after: Uint8Array): boolean => {
  if (!name.startsWith('intent/')) return false;
  const [first, second] = [before, after].map((bytes) => openEnvelope(bytes, INTENT_KEY.verifier));
  return first?.ok === true && second?.ok === true && first.value === second.value;
};

/** A deflate stream has several spellings: a changed one that unpacks to the same lines changed nothing recorded. */
const sameLines = (name: string, before: Uint8Array, after: Uint8Array): boolean => {
  if (!name.startsWith('seg/')) return false;
  const [first, second] = [unpack(before), unpack(after)];
  return first.ok && second.ok && first.value.equals(second.value);
};

const isFound = async (name: string, before: Uint8Array, after: Uint8Array): Promise<boolean> => {
  const { verdict } = await examine(new Map(log.files).set(name, after), log.key, null, policy);
  return verdict === 'invalid' || sameLines(name, before, after) || sameStatement(name, before, after);
};

const anyObject = fc.nat(objects.length - 1).map((at) => objects[at] ?? (['', new Uint8Array()] as const));

describe('a random change of one object is found', () => {
  it('one byte changed', { timeout: 90_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyObject, fc.nat(), fc.integer({ min: 1, max: 255 }), ([name, bytes], at, change) => {
        const after = Buffer.from(bytes);
        const place = at % after.length;
        after[place] = (after[place] ?? 0) ^ change;
        return isFound(name, bytes, after);
      }),
      { numRuns: 250 },
    );
  });

  it('bytes removed or inserted', { timeout: 90_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        anyObject,
        fc.nat(),
        fc.nat(3),
        fc.uint8Array({ maxLength: 3 }),
        ([name, bytes], at, remove, insert) => {
          const place = at % bytes.length;
          const after = Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)]);
          return Buffer.compare(after, bytes) === 0 ? Promise.resolve(true) : isFound(name, bytes, after);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('two objects exchanged', { timeout: 90_000 }, async () => {
    const inner = objects.filter(([name]) => !/^(?:ckpt|cosig)\//.test(name));
    await fc.assert(
      fc.asyncProperty(fc.nat(inner.length - 1), fc.nat(inner.length - 1), async (one, other) => {
        const [[first = '', a = new Uint8Array()] = [], [second = '', b = new Uint8Array()] = []] = [
          inner[one],
          inner[other],
        ];
        if (Buffer.compare(a, b) === 0) return true;
        const files = new Map(log.files).set(first, b).set(second, a);
        return (await examine(files, log.key, null, policy)).verdict === 'invalid';
      }),
      { numRuns: 60 },
    );
  });

  it('an object removed', { timeout: 90_000 }, async () => {
    // All checkpoints but the last may go, cosigned or not: the last one proves what they prove. Without the last
    // cosigned one the log is valid and says that its end is not witnessed yet.
    const needed = objects.filter(([name]) => !/^(?:ckpt|cosig)\//.test(name) || name === objects.at(-2)?.[0]);
    await fc.assert(
      fc.asyncProperty(fc.nat(needed.length - 1), async (at) => {
        const files = new Map(log.files);
        files.delete(needed[at]?.[0] ?? '');
        return (await examine(files, log.key, null, policy)).verdict !== 'valid';
      }),
      { numRuns: 40 },
    );
  });
});

/** One change of the history, at places that chance names. */
const CHANGES: Readonly<
  Record<string, (entries: readonly SealedEntry[], one: number, other: number) => readonly SealedEntry[]>
> = {
  removed: (entries, one) => entries.toSpliced(one, 1),
  'cut off': (entries, one) => entries.slice(0, one),
  repeated: (entries, one, other) => entries.toSpliced(other, 0, at(entries, one)),
  moved: (entries, one, other) => entries.toSpliced(one, 1).toSpliced(other, 0, at(entries, one)),
  exchanged: (entries, one, other) => entries.with(one, at(entries, other)).with(other, at(entries, one)),
  replaced: (entries, one, other) => entries.with(one, at(entries, other)),
};

describe('a random change of the history under its checkpoints is found', () => {
  it.each(Object.entries(CHANGES))('an entry %s', { timeout: 90_000 }, async (_, change) => {
    const anyPlace = fc.nat(log.entries.length - 1);
    await fc.assert(
      fc.asyncProperty(anyPlace, anyPlace, async (one, other) => {
        const entries = change(log.entries, one, other);
        if (entries.length === log.entries.length && entries.every((entry, n) => entry === log.entries[n])) return true;
        const files = new Map(log.files);
        resegment(files, log, entries);
        return (await examine(files, log.key)).verdict === 'invalid';
      }),
      { numRuns: 25 },
    );
  });
});
