// Inclusion proofs as files: what prove writes, verify accepts; and nothing else.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Hash, inclusionProof, leafHashOf } from '../../lambdas/core/ledger/merkle.ts';
import { formatProof, parseProof, verifyProof } from '../../lambdas/core/ledger/verify/proof.ts';
import { proveEntry, siblingRanges, type Wanted } from '../../lambdas/core/ledger/verify/prove.ts';
import { REASONS } from '../../lambdas/core/ledger/verify/reasons.ts';
import { filesOf, logKey, sealedLog } from '../support/sealed-log.ts';
import { altered, at, nameAt } from './attack.ts';

const log = sealedLog({ sessions: 3, callsPerSession: 12 }, 40);
const hashes: readonly Hash[] = log.entries.map(({ line }) => leafHashOf(line));

const prove = async (wanted: Wanted, files = log.files): Promise<string> => {
  const proven = await proveEntry(filesOf(files), wanted);
  if (!proven.ok) throw new Error(proven.error.reason);
  return proven.value.text;
};
const check = (text: string, key = log.key) => {
  const report = verifyProof(Buffer.from(text, 'utf8'), [key.verifier], null);
  return { ...report, reasons: Object.keys(report.checks[0]?.counts ?? {}) };
};

describe('proveEntry', () => {
  it.each([0, 1, 38, 39, 40, 41, log.entries.length - 1])('proves entry %i', async (index) => {
    const text = await prove({ index });
    expect(check(text)).toMatchObject({ verdict: 'valid', index, entry: log.entries[index]?.line, reasons: [] });
    const parsed = parseProof(Buffer.from(text));
    expect(parsed.ok && parsed.value.hashes.map((hash) => Buffer.from(hash).toString('hex'))).toEqual(
      inclusionProof(index, hashes).map((hash) => Buffer.from(hash).toString('hex')),
    );
  });

  it('finds an entry by its leaf hash', async () => {
    const leaf = Buffer.from(hashes[57] ?? '').toString('hex');
    expect(await prove({ leaf })).toBe(await prove({ index: 57 }));
  });

  it.each([
    ['an entry that is not there', { leaf: 'ab'.repeat(32) }, undefined, 'entry_not_found'],
    ['an entry beyond the last checkpoint', { index: 100_000 }, undefined, 'entry_unsigned'],
    ['a log without checkpoint', { index: 3 }, 'ckpt/', 'checkpoint_unusable'],
    ['a log with a hole', { index: 3 }, 'seg/', 'log_unreadable'],
  ] as const)('refuses %s', async (_, wanted, missing, reason) => {
    const files = new Map([...log.files].filter(([name]) => missing === undefined || !name.startsWith(missing)));
    expect(await proveEntry(filesOf(files), wanted)).toMatchObject({ ok: false, error: { reason } });
  });

  it('refuses a copy that is not what its checkpoint says', async () => {
    const files = new Map(log.files);
    files.set(nameAt(files, 'ckpt/', -1), Buffer.from(log.files.get(nameAt(files, 'ckpt/', 0)) ?? ''));
    files.set(nameAt(files, 'seg/', 0), files.get(nameAt(files, 'seg/', 1)) ?? new Uint8Array());
    expect(await proveEntry(filesOf(files), { index: 3 })).toMatchObject({ error: { reason: 'root_differs' } });
  });

  it('asks for the ranges of RFC 6962, whatever the tree', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(), (size, any) => {
        const index = any % size;
        const ranges = [...siblingRanges(index, size), [index, index + 1] as const].sort(([a], [b]) => a - b);
        expect(ranges.at(0)?.[0]).toBe(0);
        expect(ranges.at(-1)?.[1]).toBe(size);
        for (const [place, [, to]] of ranges.slice(0, -1).entries()) expect(ranges[place + 1]?.[0]).toBe(to);
      }),
    );
  });
});

const text = await prove({ index: 57 });
const lines = text.split('\n');
const extraOf = (line: string): string => `extra ${Buffer.from(line, 'utf8').toString('base64')}`;
const changed = altered(at(log.entries, 57), { ts: '2026-11-22T09:00:00.000Z' }).line;

const FORGERIES: readonly (readonly [string, string, string])[] = [
  ['another entry', lines.with(1, extraOf(changed)).join('\n'), 'proof_inclusion'],
  ['another index', text.replace('index 57', 'index 58'), 'proof_inclusion'],
  ['two hashes swapped', lines.toSpliced(3, 2, lines[4] ?? '', lines[3] ?? '').join('\n'), 'proof_inclusion'],
  ['a hash less', lines.toSpliced(4, 1).join('\n'), 'proof_inclusion'],
  ['another root', text.replace(/\n(\d+)\n.{43}=\n/, `\n$1\n${'A'.repeat(43)}=\n`), 'proof_checkpoint'],
  [
    'no signature of the key',
    text.replace(/\u2014 .*\n$/, `${logKey(2).note('x\n').split('\n').at(-2)}\n`),
    'proof_checkpoint',
  ],
  ['no entry', lines.toSpliced(1, 1).join('\n'), 'proof_without_entry'],
  ['another first line', text.replace('@v1', '@v2'), 'proof_malformed'],
  ['a leading zero', text.replace('index 57', 'index 057'), 'proof_malformed'],
  ['an index beyond safe integers', text.replace('index 57', 'index 9999999999999999'), 'proof_malformed'],
  ['no index', lines.toSpliced(2, 1).join('\n'), 'proof_malformed'],
  ['loose bits in a hash', lines.with(3, `${lines[3]?.slice(0, -2)}B=`).join('\n'), 'proof_malformed'],
  ['a short hash', lines.with(3, 'AAAA').join('\n'), 'proof_malformed'],
  ['extra data that is not base64', lines.with(1, 'extra !').join('\n'), 'proof_malformed'],
  ['no checkpoint', text.slice(0, text.indexOf('\n\n')), 'proof_malformed'],
  ['a megabyte', `${text}${'x'.repeat(1_000_000)}`, 'proof_malformed'],
];

describe('verifyProof', () => {
  it.each(FORGERIES)('refuses %s', (_, forged, reason) => {
    const { reasons, verdict, entry } = check(forged);
    expect(reasons).toEqual([reason]);
    expect(verdict).not.toBe('valid');
    expect(entry).toBeNull();
  });

  it('refuses an entry of another log under a checkpoint of this one', () => {
    const line = altered(at(log.entries, 57), { log: 'mcp.other.example/x' }).line;
    const leaf = leafHashOf(line);
    const note = log.key.note(`${log.key.verifier.name}\n1\n${Buffer.from(leaf).toString('base64')}\n`);
    const proof = { index: 0, hashes: [], checkpoint: Buffer.from(note), extra: Buffer.from(line) };
    expect(check(formatProof(proof)).reasons).toEqual(['proof_entry']);
  });

  it('has a forgery for every finding', () => {
    const all = Object.entries(REASONS).filter(([, [checkId]]) => checkId === 'proof');
    expect(new Set([...FORGERIES.map(([, , reason]) => reason), 'proof_entry'])).toEqual(
      new Set(all.map(([reason]) => reason)),
    );
  });

  it('finds any byte changed', () => {
    const bytes = Buffer.from(text, 'utf8');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const forged = Buffer.from(bytes);
        forged[place] = (forged[place] ?? 0) ^ change;
        expect(verifyProof(forged, [log.key.verifier], null).verdict).not.toBe('valid');
      }),
      { numRuns: 500 },
    );
  });
});
