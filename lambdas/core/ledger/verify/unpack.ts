// Unpacks one gzip member (RFC 1952) and nothing else: no second member, no trailing bytes, no header fields, and never
// more than the limit, whatever the file says of itself. Pure.

import { constants, crc32, inflateRawSync } from 'node:zlib';
import { err, ok, type Result } from '../../result.ts';

/** Largest object of a log that is read, and largest that it may unpack to. A sealer writes a few MB at the most. */
export const MAX_OBJECT_BYTES = 64 * 1024 * 1024;

const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
/** Magic, deflate, no flags, no time: what every writer of ours leaves. Bytes 8 and 9 name compressor and system. */
const HEADER = Buffer.from('1f8b080000000000', 'hex');
/** Room that is made at once, whatever the file says of itself. Nothing needs more than one piece unless it is larger. */
const MAX_CHUNK_BYTES = 4 * 1024 * 1024;
const MIN_CHUNK_BYTES = 1024;

export type PackingFault = { readonly reason: 'packing' | 'too_large'; readonly detail: string };

const damaged = (detail: string): Result<never, PackingFault> => err({ reason: 'packing', detail });

export const unpack = (packed: Uint8Array): Result<Buffer, PackingFault> => {
  if (packed.length < HEADER_BYTES + TRAILER_BYTES) return damaged('too short for gzip');
  if (!HEADER.equals(packed.subarray(0, HEADER.length))) return damaged('not the gzip header that a sealer writes');
  const deflated = packed.subarray(HEADER_BYTES, -TRAILER_BYTES);
  const trailer = Buffer.from(packed.subarray(-TRAILER_BYTES));
  const inflated = inflate(deflated, trailer.readUInt32LE(4));
  if (!inflated.ok) return inflated;
  const { bytes, consumed } = inflated.value;
  if (consumed !== deflated.length) return damaged('bytes after the end of the packed data');
  if (trailer.readUInt32LE(0) !== crc32(bytes)) return damaged('the CRC-32 is another');
  if (trailer.readUInt32LE(4) !== bytes.length) return damaged('the length is another');
  return ok(bytes);
};

/** `stated`: how long it says that it is, which is only a hint of the room to make: one byte more, to see its end. */
const inflate = (deflated: Uint8Array, stated: number): Result<{ bytes: Buffer; consumed: number }, PackingFault> => {
  try {
    const chunkSize = Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, stated + 1));
    const options = { info: true, maxOutputLength: MAX_OBJECT_BYTES, chunkSize };
    // With `info`, the engine tells how much of the input it used; the types do not know the option.
    const { buffer, engine } = inflateRawSync(deflated, {
      ...options,
      finishFlush: constants.Z_FINISH,
    }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    return ok({ bytes: buffer, consumed: engine.bytesWritten });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      return err({ reason: 'too_large', detail: `unpacks to more than ${MAX_OBJECT_BYTES} bytes` });
    }
    return damaged('the packed data is damaged');
  }
};
