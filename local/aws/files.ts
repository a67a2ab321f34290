// Where the loopback services keep their state: a folder, or memory. Writes replace a file in one step (temp file
// plus rename), so a killed process leaves the old content or the new, never half. No fsync: this survives a
// crash of the process, not of the machine.

import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** Synchronous on purpose: a check and the write that relies on it then cannot be interleaved. */
export interface Files {
  write(path: string, content: Uint8Array | string): void;
  read(path: string): Buffer;
  remove(path: string): void;
  /** Paths of all files below a folder, sorted; empty when the folder does not exist. */
  list(folder: string): string[];
}

const TEMPORARY_SUFFIX = '.tmp';

export const memoryFiles = (): Files => {
  const contents = new Map<string, Buffer>();
  return {
    write: (path, content) => void contents.set(path, Buffer.from(content)),
    read: (path) => {
      const content = contents.get(path);
      if (content === undefined) throw new Error(`No such file in memory: ${path}`);
      return content;
    },
    remove: (path) => void contents.delete(path),
    list: (folder) => [...contents.keys()].filter((path) => path.startsWith(`${folder}/`)).sort(),
  };
};

export const folderFiles = (root: string): Files => {
  // Owner only: the folder holds private keys and secrets, if only a laptop's.
  mkdirSync(root, { recursive: true, mode: 0o700 });
  return {
    write: (path, content) => {
      const target = join(root, path);
      const temporary = `${target}.${randomUUID()}${TEMPORARY_SUFFIX}`;
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, content, { mode: 0o600 });
      renameSync(temporary, target);
    },
    read: (path) => readFileSync(join(root, path)),
    remove: (path) => rmSync(join(root, path), { force: true }),
    list: (folder) => {
      mkdirSync(join(root, folder), { recursive: true, mode: 0o700 });
      return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith(TEMPORARY_SUFFIX))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .sort();
    },
  };
};
