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

const STAT_AT_ONCE = 64;

const listFiles = async (folder: string): Promise<readonly ListedFile[]> => {
  const entries = await orRefuse(readdir(folder, { recursive: true, withFileTypes: true }), folder);
  // Links are followed: the checks see what they point to.
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const files: ListedFile[] = [];
  for (let at = 0; at < paths.length; at += STAT_AT_ONCE) {
    const slice = paths.slice(at, at + STAT_AT_ONCE);
    const sizes = await Promise.all(slice.map(async (path) => (await orRefuse(stat(path), path)).size));
    files.push(...slice.map((path, n) => ({ name: nameIn(folder, path), bytes: sizes[n] ?? 0 })));
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
