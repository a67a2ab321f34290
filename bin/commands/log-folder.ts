// A copy of a log in a folder, as the verifier reads one. Node's own modules only: `verify` must stay offline.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ListedFile, LogFiles } from '../../lambdas/core/ledger/verify/inventory.ts';
import { CliError } from './cli-error.ts';

export const openFolder = async (folder: string): Promise<LogFiles> => {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) throw new CliError(`${folder} is not a folder that can be read`);
  return {
    list: () => listFiles(folder),
    read: (name) => orRefuse(readFile(join(folder, ...name.split('/'))), name),
  };
};

const listFiles = async (folder: string): Promise<readonly ListedFile[]> => {
  const entries = await orRefuse(readdir(folder, { recursive: true, withFileTypes: true }), folder);
  const files: ListedFile[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    // Links are followed: the checks see what they point to.
    if (!entry.isDirectory())
      files.push({ name: nameIn(folder, path), bytes: (await orRefuse(stat(path), path)).size });
  }
  return files;
};

const nameIn = (folder: string, path: string): string => relative(folder, path).split(sep).join('/');

const orRefuse = async <Value>(work: Promise<Value>, name: string): Promise<Value> => {
  try {
    return await work;
  } catch (cause) {
    throw new CliError(`${name} cannot be read: ${cause instanceof Error ? cause.message : 'unknown cause'}`);
  }
};

/** A file that the caller named. */
export const readNamed = (path: string, option: string): Promise<Uint8Array> =>
  orRefuse(readFile(path), `${option} ${path}`);
