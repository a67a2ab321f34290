import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIFFERENCES } from './differences.ts';

const caseIds = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => {
    const source = readFileSync(join(import.meta.dirname, name), 'utf8');
    return [...source.matchAll(/contractCase\(\s*['`]([^'`]+)['`]/g)].map((match) => match[1] ?? '');
  })
  .flatMap((id) =>
    // The one templated id: the signing cases run for both key types.
    id.includes('$') ? ['ecc_nist_edwards25519', 'ecc_nist_p256'].map((spec) => id.replace(/\$\{.*\}/, spec)) : [id],
  );

describe('the list of expected differences', () => {
  it('names every case once', () => {
    expect(caseIds).toEqual([...new Set(caseIds)]);
  });

  it('names only cases that exist', () => {
    const listed = Object.values(DIFFERENCES).flatMap((differences) => Object.keys(differences));
    expect(listed.filter((id) => !caseIds.includes(id))).toEqual([]);
  });

  it('has none for our own loopback AWS', () => {
    expect(DIFFERENCES['local']).toEqual({});
  });
});
