// The entries of a copy of a log, one segment in memory at a time. Pure.

import type { Inventory, LogFiles } from './inventory.ts';
import { unpack } from './unpack.ts';

/** The lines of a log in their order; `undefined` where it breaks off. */
export async function* leavesOf(files: LogFiles, { segments }: Inventory): AsyncGenerator<Uint8Array | undefined> {
  let index = 0;
  for (const { name, number } of segments) {
    const unpacked = number === index ? unpack(await files.read(name)) : undefined;
    if (unpacked?.ok !== true) {
      yield undefined;
      return;
    }
    const bytes = unpacked.value;
    for (let at = 0, end = bytes.indexOf(0x0a); end >= 0; at = end + 1, end = bytes.indexOf(0x0a, at)) {
      yield bytes.subarray(at, end);
      index += 1;
    }
  }
}
