// Reads the directory of a zip archive that anybody may have made (APPNOTE 6.3.9, zip64 included), and unpacks a member.
// Two readers must not see two archives: what is ambiguous, encrypted, split, nameless or overlapping is refused as a
// whole. Checksums are not looked at: every byte that counts is checked by hash or signature. Pure.

import { isUtf8 } from 'node:buffer';
import { constants, inflateRawSync } from 'node:zlib';
import { err, ok, type Result } from '../../result.ts';
import { SEE_ZIP64, ZIP, ZIP64_EXTRA } from '../zip.ts';

export interface PackedMember {
  readonly name: string;
  readonly bytes: number;
  readonly packedBytes: number;
  readonly deflated: boolean;
  /** Where its local header stands, and where the next thing in the archive begins. */
  readonly offset: number;
  readonly limit: number;
  readonly nameBytes: number;
}

export interface DirectoryPlace {
  readonly members: number;
  readonly offset: number;
  readonly bytes: number;
}

type ZipFault = Result<never, string>;

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
/** What must be read of the end of an archive: the two ends and the longest comment. */
export const TAIL_BYTES = END64_BYTES + LOCATOR_BYTES + END_BYTES + 0xffff;
/** About half a million members. A directory is held in memory whole. */
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;

/** Finds the central directory from the last bytes of an archive. */
export const findDirectory = (tail: Buffer, archiveBytes: number): Result<DirectoryPlace, string> => {
  const at = endOf(tail);
  if (at === undefined) return err('it does not end as a zip archive does: cut off, or no zip');
  const first = archiveBytes - tail.length;
  const [disk, directoryDisk, here, members] = [4, 6, 8, 10].map((field) => tail.readUInt16LE(at + field));
  if (disk !== 0 || directoryDisk !== 0 || here !== members) return err('it is one part of a split archive');
  const place = { members: members ?? 0, bytes: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16) };
  const isLarge =
    place.members === SEE_ZIP64.short || place.bytes === SEE_ZIP64.long || place.offset === SEE_ZIP64.long;
  return isLarge ? findLarge(tail, at, first) : checkPlace(place, first + at);
};

/** The end record whose comment ends where the archive does. */
const endOf = (tail: Buffer): number | undefined => {
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === ZIP.end && at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  return undefined;
};

const findLarge = (tail: Buffer, end: number, first: number): Result<DirectoryPlace, string> => {
  const locator = end - LOCATOR_BYTES;
  if (locator < 0 || tail.readUInt32LE(locator) !== ZIP.locator) return err('its zip64 locator is missing');
  const at = wide(tail, locator + 8) - first;
  const isThere = at >= 0 && at + END64_BYTES === locator && tail.readUInt32LE(at) === ZIP.end64;
  if (!isThere) return err('its zip64 end record is not before the locator');
  if (tail.readUInt32LE(at + 16) !== 0 || tail.readUInt32LE(at + 20) !== 0) return err('it is part of a split archive');
  const [here, members, bytes, offset] = [24, 32, 40, 48].map((field) => wide(tail, at + field));
  if (here !== members) return err('it is one part of a split archive');
  return checkPlace({ members: members ?? 0, bytes: bytes ?? 0, offset: offset ?? 0 }, first + at);
};

/** Eight bytes; beyond the safe integers it is no place in any file. */
const wide = (buffer: Buffer, at: number): number => Number(buffer.readBigUInt64LE(at));

const checkPlace = (place: DirectoryPlace, end: number): Result<DirectoryPlace, string> => {
  if (place.offset + place.bytes !== end) return err('its directory does not stand right before its end');
  if (place.bytes > MAX_DIRECTORY_BYTES) return err('its directory is over 64 MB: unpack it into a folder instead');
  return ok(place);
};

const HEADER_BYTES = 46;
const LOCAL_BYTES = 30;
/** Bits 0, 6 and 13 of the flags: encrypted, strongly encrypted, directory encrypted. */
const ENCRYPTED = 0x2041;
const STORED = 0;
const DEFLATED = 8;
const LINK_MODE = 0o120_000;

/** Reads the central directory; folders in it are left out. */
export const readDirectory = (bytes: Buffer, place: DirectoryPlace): Result<readonly PackedMember[], string> => {
  const members: PackedMember[] = [];
  let [at, count] = [0, 0];
  while (at < bytes.length) {
    const next = readHeader(bytes, at);
    if (!next.ok) return next;
    at = next.value.end;
    count += 1;
    if (next.value.member !== null) members.push(next.value.member);
  }
  if (count !== place.members) return err(`its directory has ${count} members, its end says ${place.members}`);
  return placeMembers(members, place.offset);
};

interface Header {
  readonly end: number;
  /** `null` for a folder. */
  readonly member: PackedMember | null;
}

const readHeader = (bytes: Buffer, at: number): Result<Header, string> => {
  if (at + HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== ZIP.central)
    return err('its directory is damaged');
  const [nameBytes = 0, extraBytes = 0, commentBytes = 0] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
  const end = at + HEADER_BYTES + nameBytes + extraBytes + commentBytes;
  if (end > bytes.length) return err('its directory is damaged');
  const extraAt = at + HEADER_BYTES + nameBytes;
  const rawName = bytes.subarray(at + HEADER_BYTES, extraAt);
  const name = isUtf8(rawName) ? rawName.toString('utf8') : '';
  const refusal = refusalOf(bytes, at, name);
  if (refusal !== undefined) return refusal;
  const sizes = readSizes(bytes, at, bytes.subarray(extraAt, extraAt + extraBytes));
  if (sizes === undefined) return err(`the sizes of ${shown(name)} are damaged`);
  if (name.endsWith('/'))
    return sizes.bytes === 0 ? ok({ end, member: null }) : err(`${shown(name)} is a folder with content`);
  const deflated = bytes.readUInt16LE(at + 10) === DEFLATED;
  if (!deflated && sizes.bytes !== sizes.packedBytes) return err(`the sizes of ${shown(name)} differ`);
  return ok({ end, member: { name, ...sizes, deflated, limit: 0, nameBytes } });
};

const shown = (name: string): string => JSON.stringify(name.slice(0, 100));

const refusalOf = (bytes: Buffer, at: number, name: string): ZipFault | undefined => {
  const [flags = 0, method = 0] = [8, 10].map((field) => bytes.readUInt16LE(at + field));
  if (!isPlainPath(name)) return err(`a member has the name ${shown(name)}, which is no path below the archive`);
  if ((flags & ENCRYPTED) !== 0) return err(`${shown(name)} is encrypted`);
  if (method !== STORED && method !== DEFLATED)
    return err(`${shown(name)} is packed by method ${method}; known are 0 and 8`);
  if (bytes.readUInt16LE(at + 34) !== 0) return err('it is one part of a split archive');
  if (((bytes.readUInt32LE(at + 38) >>> 16) & 0o170_000) === LINK_MODE) return err(`${shown(name)} is a symbolic link`);
  return undefined;
};

/** A path that stays below the archive on every system. */
const isPlainPath = (name: string): boolean => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: names with control characters are what is refused
  if (name === '' || /[\u0000-\u001f\\:]/.test(name)) return false;
  const parts = (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
  return parts.every((part) => part !== '' && part !== '.' && part !== '..');
};

interface Sizes {
  readonly bytes: number;
  readonly packedBytes: number;
  readonly offset: number;
}

/** Sizes and place; those that say so stand in the zip64 extra field, in a fixed order. */
const readSizes = (bytes: Buffer, at: number, extra: Buffer): Sizes | undefined => {
  const stated = { bytes: 24, packedBytes: 20, offset: 42 };
  const large = largeFields(extra);
  const sizes: Record<string, number> = {};
  for (const [name, field] of Object.entries(stated)) {
    const value = bytes.readUInt32LE(at + field);
    const found = value === SEE_ZIP64.long ? large.shift() : value;
    if (found === undefined || !Number.isSafeInteger(found)) return undefined;
    sizes[name] = found;
  }
  return sizes as unknown as Sizes;
};

const largeFields = (extra: Buffer): number[] => {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== ZIP64_EXTRA) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    return Array.from({ length: Math.floor(field.length / 8) }, (_, n) => wide(field, n * 8));
  }
  return [];
};

/** Members follow each other without sharing a byte, and no name stands twice. */
const placeMembers = (found: readonly PackedMember[], end: number): Result<readonly PackedMember[], string> => {
  const byOffset = found.toSorted((a, b) => a.offset - b.offset);
  const names = new Set<string>();
  const members: PackedMember[] = [];
  for (const [n, member] of byOffset.entries()) {
    const limit = byOffset[n + 1]?.offset ?? end;
    if (member.offset + LOCAL_BYTES + member.nameBytes + member.packedBytes > limit) {
      return err(`${shown(member.name)} overlaps what comes after it`);
    }
    if (names.has(member.name)) return err(`${shown(member.name)} stands twice`);
    names.add(member.name);
    members.push({ ...member, limit });
  }
  return ok(members);
};

/** Where a member's content stands in the archive, from the first bytes at its offset; the name must be the same. */
export const contentStart = (member: PackedMember, local: Buffer): Result<number, string> => {
  const damaged = err(`the local header of ${shown(member.name)} does not fit the directory`);
  if (local.length < LOCAL_BYTES + member.nameBytes || local.readUInt32LE(0) !== ZIP.local) return damaged;
  const [nameBytes = 0, extraBytes = 0] = [26, 28].map((field) => local.readUInt16LE(field));
  const name = local.subarray(LOCAL_BYTES, LOCAL_BYTES + nameBytes).toString('utf8');
  const start = LOCAL_BYTES + nameBytes + extraBytes;
  const fits = name === member.name && member.offset + start + member.packedBytes <= member.limit;
  return fits ? ok(member.offset + start) : damaged;
};

/** Bytes that must be read at a member's offset to find its content. */
export const localBytes = ({ nameBytes }: PackedMember): number => LOCAL_BYTES + nameBytes;

/** A member's content, never more than its size says. */
export const unpackMember = (member: PackedMember, packed: Buffer): Result<Buffer, string> => {
  if (!member.deflated) return ok(packed);
  try {
    const bytes = inflateRawSync(packed, {
      maxOutputLength: Math.max(member.bytes, 1),
      finishFlush: constants.Z_FINISH,
    });
    return bytes.length === member.bytes ? ok(bytes) : err(`${shown(member.name)} unpacks to another size`);
  } catch {
    return err(`${shown(member.name)} is damaged, or unpacks to more than it says`);
  }
};
