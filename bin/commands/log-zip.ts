// A copy of a log in a zip archive: the directory is read, and each file when it is asked for. Node's own modules only.

import { type FileHandle, open } from 'node:fs/promises';
import type { ListedFile } from '../../lambdas/core/ledger/verify/inventory.ts';
import {
  contentStart,
  findDirectory,
  localBytes,
  type PackedMember,
  readDirectory,
  TAIL_BYTES,
  unpackMember,
} from '../../lambdas/core/ledger/verify/unzip.ts';
import type { Result } from '../../lambdas/core/result.ts';
import { CliError } from './cli-error.ts';
import type { LogSource } from './log-source.ts';

export const openZip = async (path: string): Promise<LogSource> => {
  const file = await open(path).catch((cause: Error) => {
    throw new CliError(`${path} cannot be read: ${cause.message}`);
  });
  const value = <Value>(result: Result<Value, string>): Value => {
    if (result.ok) return result.value;
    throw new CliError(`${path} cannot be read as a zip archive: ${result.error}`);
  };
  try {
    const byName = await readMembers(file, value);
    const listed: readonly ListedFile[] = [...byName].map(([name, { bytes }]) => ({ name, bytes }));
    return {
      list: () => Promise.resolve(listed),
      read: async (name) => {
        const member = byName.get(name);
        if (member === undefined) throw new CliError(`${path} holds no ${name}`);
        const start = value(contentStart(member, await readAt(file, member.offset, localBytes(member))));
        return value(unpackMember(member, await readAt(file, start, member.packedBytes)));
      },
      close: () => file.close(),
    };
  } catch (cause) {
    await file.close();
    throw cause;
  }
};

type ValueOf = <Value>(result: Result<Value, string>) => Value;

const readMembers = async (file: FileHandle, value: ValueOf): Promise<ReadonlyMap<string, PackedMember>> => {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES));
  const place = value(findDirectory(tail, size));
  const members = value(readDirectory(await readAt(file, place.offset, place.bytes), place));
  const root = commonRoot(members);
  return new Map(members.map((member) => [member.name.slice(root.length), member]));
};

const readAt = async (file: FileHandle, position: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
};

/** The one folder in which an archive has everything, with its slash: what "compress this folder" makes. */
const commonRoot = (members: readonly PackedMember[]): string => {
  const first = /^[^/]+\//.exec(members[0]?.name ?? '')?.[0] ?? '';
  const shared = members.every(({ name }) => name.startsWith(first) && name.slice(first.length).includes('/'));
  return shared ? first : '';
};
