// The verifier on half a million entries with their bodies, as an examiner runs it; and the size of one entry's proof.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolder } from '../bin/commands/log-folder.ts';
import { proveEntry } from '../lambdas/core/ledger/verify/prove.ts';
import { makeLargeLog } from './large-log.ts';
import type { Measurement } from './report.ts';

const MAX_SECONDS = 15;
const MAX_MEGABYTES = 300;

interface Cost {
  readonly exitCode: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly walkSeconds: number;
  readonly megabytes: number;
}

/** Those that `npm run countersign` gives to Node. */
const nodeOptions = (): readonly string[] => {
  const manifest = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8');
  const { scripts } = JSON.parse(manifest) as { readonly scripts: { readonly countersign: string } };
  return scripts.countersign.split(' ').filter((word) => word.startsWith('--'));
};

const verifyOnce = (folder: string, vkey: string): Cost => {
  const script = join(import.meta.dirname, 'verify-once.ts');
  const output = execFileSync(process.execPath, [...nodeOptions(), script, folder, '--key', vkey], {
    encoding: 'utf8',
  });
  const cost = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Cost;
  if (cost.exitCode !== 0) throw new Error(`the log of the bench is not valid:\n${output}`);
  return cost;
};

export const benchVerifying = async (): Promise<Measurement[]> => {
  const { folder, vkey, entries } = await makeLargeLog();
  try {
    const { seconds, cpuSeconds, walkSeconds, megabytes } = verifyOnce(folder, vkey);
    const scale = 500_000 / entries;
    const proof = await proveEntry(await openFolder(folder), { index: Math.floor(entries / 3) });
    if (!proof.ok) throw new Error(proof.error.detail);
    return [
      { name: 'verify 500,000 entries with bodies', value: seconds * scale, unit: 's', atMost: MAX_SECONDS },
      { name: 'the same, processor time of all threads', value: cpuSeconds * scale, unit: 's' },
      { name: 'the same, processor time of the longest one', value: walkSeconds * scale, unit: 's' },
      { name: 'memory of that', value: megabytes, unit: 'MB', atMost: MAX_MEGABYTES },
      { name: 'proof of one entry, the entry included', value: proof.value.text.length / 1024, unit: 'KB' },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
