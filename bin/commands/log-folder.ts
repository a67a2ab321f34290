// A copy of a log in a folder, as the verifier reads one. Node's own modules only: `verify` must stay offline.
//
// Most files are small and there are many: reading them at once takes a fifth of the time that asking the thread pool does,
// and whoever reads has nothing else to do.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListedFile, LogFiles } from '../../lambdas/core/ledger/verify/inventory.ts';
import { CliError } from './cli-error.ts';

export const openFolder = async (folder: string): Promise<LogFiles> => {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) throw new CliError(`${folder} is not a folder that can be read`);
  return {
    list: async () => listFiles(folder),
    read: async (name) => orRefuse(() => readFileSync(join(folder, name)), name),
  };
};

/** Folder by folder, so that a log of many objects is never in memory as more than its names. */
const listFiles = (folder: string): readonly ListedFile[] => {
  const files: ListedFile[] = [];
  const folders = [''];
  for (let within = folders.pop(); within !== undefined; within = folders.pop()) {
    const path = join(folder, within);
    for (const entry of orRefuse(() => readdirSync(path, { withFileTypes: true }), path)) {
      const name = `${within}${entry.name}`;
      if (entry.isDirectory()) folders.push(`${name}/`);
      // Links are followed: the checks see what they point to.
      else files.push({ name, bytes: orRefuse(() => statSync(join(folder, name)).size, name) });
    }
  }
  return files;
};

const orRefuse = <Value>(work: () => Value, name: string): Value => {
  try {
    return work();
  } catch (cause) {
    throw refusal(name, cause);
  }
};

const refusal = (name: string, cause: unknown): CliError =>
  new CliError(`${name} cannot be read: ${cause instanceof Error ? cause.message : 'unknown cause'}`);

/** A file that the caller named. */
export const readNamed = async (path: string, option: string): Promise<Uint8Array> =>
  readFile(path).catch((cause: unknown) => {
    throw refusal(`${option} ${path}`, cause);
  });
