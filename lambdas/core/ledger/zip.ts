// Writes zip archives (APPNOTE 6.3.9) of which every byte follows from the names and contents: stored, not deflated (the
// large objects of a log are packed already, and no two zlib versions deflate alike), and of 1 January 1980. Pure.

import { crc32 } from 'node:zlib';

export interface ZipMember {
  readonly name: string;
  readonly bytes: number;
  readonly crc: number;
  /** Where its local header stands. */
  readonly offset: number;
}

export const ZIP = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator: 0x07064b50 };
/** Values that say "see the zip64 record". */
export const SEE_ZIP64 = { short: 0xffff, long: 0xffffffff };
export const ZIP64_EXTRA = 1;

const VERSION = 20;
const VERSION_ZIP64 = 45;
/** Made on Unix, so that the mode below is read as one: a regular file, -rw-r--r--. */
const MADE_BY = 3 << 8;
const MODE = (0o100_644 << 16) >>> 0;
const UTF8_NAME = 0x0800;
const STORED = 0;
/** 1 January 1980, midnight: where the format's calendar begins. */
const DATE = 0x21;

export const memberOf = (name: string, content: Uint8Array, offset: number): ZipMember => ({
  name,
  bytes: content.length,
  crc: crc32(content),
  offset,
});

/** Little-endian fields: [bytes, value]. */
const record = (...fields: readonly (readonly [2 | 4 | 8, number])[]): Buffer =>
  Buffer.concat(
    fields.map(([length, value]) => {
      const field = Buffer.alloc(length);
      if (length === 8) field.writeBigUInt64LE(BigInt(value));
      else field.writeUIntLE(value, 0, length);
      return field;
    }),
  );

/** What stands before a member's content. A member is far below 4 GB: larger objects are no part of a log. */
export const localHeader = ({ name, bytes, crc }: ZipMember): Uint8Array => {
  const path = Buffer.from(name, 'utf8');
  const head = record(
    ...([
      [4, ZIP.local],
      [2, VERSION],
      [2, UTF8_NAME],
      [2, STORED],
      [2, 0],
      [2, DATE],
    ] as const),
    ...([
      [4, crc],
      [4, bytes],
      [4, bytes],
      [2, path.length],
      [2, 0],
    ] as const),
  );
  return Buffer.concat([head, path]);
};

/** The member's record in the central directory. */
export const centralRecord = ({ name, bytes, crc, offset }: ZipMember): Uint8Array => {
  const path = Buffer.from(name, 'utf8');
  const far = offset >= SEE_ZIP64.long;
  const extra = far ? record([2, ZIP64_EXTRA], [2, 8], [8, offset]) : Buffer.of();
  const version = far ? VERSION_ZIP64 : VERSION;
  const head = record(
    ...([
      [4, ZIP.central],
      [2, MADE_BY | version],
      [2, version],
      [2, UTF8_NAME],
      [2, STORED],
      [2, 0],
    ] as const),
    ...([
      [2, DATE],
      [4, crc],
      [4, bytes],
      [4, bytes],
      [2, path.length],
      [2, extra.length],
    ] as const),
    ...([
      [2, 0],
      [2, 0],
      [2, 0],
      [4, MODE],
      [4, far ? SEE_ZIP64.long : offset],
    ] as const),
  );
  return Buffer.concat([head, path, extra]);
};

/** The end of an archive, with zip64 records where the numbers need them. */
export const endRecords = (members: number, directoryBytes: number, directoryOffset: number): Uint8Array => {
  const large = members >= SEE_ZIP64.short || Math.max(directoryBytes, directoryOffset) >= SEE_ZIP64.long;
  const plain = (value: number, most: number): number => Math.min(value, most);
  const [count, at] = [plain(members, SEE_ZIP64.short), plain(directoryOffset, SEE_ZIP64.long)];
  const end = record(
    ...([
      [4, ZIP.end],
      [2, 0],
      [2, 0],
      [2, count],
      [2, count],
    ] as const),
    ...([
      [4, plain(directoryBytes, SEE_ZIP64.long)],
      [4, at],
      [2, 0],
    ] as const),
  );
  if (!large) return end;
  const end64 = record(
    ...([
      [4, ZIP.end64],
      [8, 44],
      [2, MADE_BY | VERSION_ZIP64],
      [2, VERSION_ZIP64],
      [4, 0],
      [4, 0],
    ] as const),
    ...([
      [8, members],
      [8, members],
      [8, directoryBytes],
      [8, directoryOffset],
    ] as const),
  );
  const locator = record([4, ZIP.locator], [4, 0], [8, directoryOffset + directoryBytes], [4, 1]);
  return Buffer.concat([end64, locator, end]);
};
