// Writes files into a zip archive, in the order of their names, so that the same log always makes the same bytes.

import { open, rename, rm } from 'node:fs/promises';
import { centralRecord, endRecords, localHeader, memberOf } from '../../lambdas/core/ledger/zip.ts';
import { CliError } from './cli-error.ts';

const READ_AHEAD = 8;
/** Most objects are small: one write for many. */
const WRITTEN_AT_ONCE_BYTES = 1024 * 1024;

/** Writes `path`, which must not be there yet; what is half written has another name. */
export const writeZip = async (
  path: string,
  names: readonly string[],
  read: (name: string) => Promise<Uint8Array>,
): Promise<void> => {
  const partial = `${path}.part`;
  // Claims the name: two exports must not write one archive.
  const claimed = await open(path, 'wx').catch((cause: Error) => {
    throw new CliError(`${path} cannot be written: ${cause.message}`);
  });
  await claimed.close();
  try {
    await writeMembers(partial, names.toSorted(), read);
    await rename(partial, path);
  } catch (cause) {
    await Promise.all([rm(partial, { force: true }), rm(path, { force: true })]);
    throw cause;
  }
};

const writeMembers = async (
  path: string,
  names: readonly string[],
  read: (name: string) => Promise<Uint8Array>,
): Promise<void> => {
  const file = await open(path, 'w');
  try {
    let offset = 0;
    let held: Uint8Array[] = [];
    let heldBytes = 0;
    const flush = async (): Promise<void> => {
      await file.writeFile(Buffer.concat(held));
      [held, heldBytes] = [[], 0];
    };
    const write = async (bytes: Uint8Array): Promise<void> => {
      held.push(bytes);
      heldBytes += bytes.length;
      offset += bytes.length;
      if (heldBytes >= WRITTEN_AT_ONCE_BYTES) await flush();
    };
    const directory: Uint8Array[] = [];
    for (let first = 0; first < names.length; first += READ_AHEAD) {
      const slice = names.slice(first, first + READ_AHEAD);
      const contents = await Promise.all(slice.map(read));
      for (const [n, name] of slice.entries()) {
        const content = contents[n] ?? new Uint8Array();
        const member = memberOf(name, content, offset);
        await write(localHeader(member));
        await write(content);
        directory.push(centralRecord(member));
      }
    }
    const start = offset;
    for (const record of directory) await write(record);
    await write(endRecords(names.length, offset - start, start));
    await flush();
  } finally {
    await file.close();
  }
};
