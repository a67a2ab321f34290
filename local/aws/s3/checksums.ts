// Integrity of uploads: Content-MD5, x-amz-content-sha256 and the flexible checksums, sent as headers or as trailers
// of an aws-chunked body. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError, type AwsRequest, header } from '../wire.ts';
import { invalidRequest, notImplemented } from './answers.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { Checksum } from './store.ts';

const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  // 0x82f63b78 is the Castagnoli polynomial, reflected (RFC 3720 appendix B.4).
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

const crc32c = (content: Buffer): number => {
  let value = 0xffffffff;
  for (const byte of content) value = (value >>> 8) ^ (CRC32C_TABLE[(value ^ byte) & 0xff] ?? 0);
  return (value ^ 0xffffffff) >>> 0;
};

const bigEndian = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('base64');
};

const COMPUTE: Readonly<Record<string, (content: Buffer) => string>> = {
  CRC32: (content) => bigEndian(crc32(content)),
  CRC32C: (content) => bigEndian(crc32c(content)),
  SHA1: (content) => createHash('sha1').update(content).digest('base64'),
  SHA256: (content) => createHash('sha256').update(content).digest('base64'),
};

const CHECKSUM_HEADER = /^x-amz-checksum-(?<algorithm>crc32|crc32c|sha1|sha256|crc64nvme|md5|sha512|xxhash\w+)$/;

export interface Upload {
  readonly content: Buffer;
  /** The verified checksum the client sent, or `null`. */
  readonly checksum: Checksum | null;
  /** Whether the client bound the body by Content-MD5 or a checksum, as Object Lock demands. */
  readonly integrityGiven: boolean;
}

const findChecksum = (headers: Readonly<Record<string, string | string[] | undefined>>): Checksum | null => {
  const found = Object.entries(headers).flatMap(([name, value]) => {
    const algorithm = CHECKSUM_HEADER.exec(name)?.groups?.['algorithm'];
    return algorithm === undefined ? [] : [{ algorithm: algorithm.toUpperCase(), value: String(value) }];
  });
  if (found.length > 1)
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  return found[0] ?? null;
};

const verifyChecksum = (content: Buffer, checksum: Checksum): void => {
  const compute = COMPUTE[checksum.algorithm];
  if (compute === undefined) throw notImplemented(`checksum ${checksum.algorithm}`);
  const expected = compute(content);
  if (expected.length !== checksum.value.length) {
    throw invalidRequest(`Value for x-amz-checksum-${checksum.algorithm.toLowerCase()} header is invalid.`);
  }
  if (expected !== checksum.value) {
    const reason = `The ${checksum.algorithm} you specified did not match the calculated checksum.`;
    throw new AwsError('BadDigest', reason);
  }
};

const verifyMd5 = (content: Buffer, claimed: string): void => {
  if (Buffer.from(claimed, 'base64').length !== 16) {
    throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  }
  if (createHash('md5').update(content).digest('base64') !== claimed) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
};

const verifyPayloadHash = (content: Buffer, claimed: string | undefined): void => {
  if (claimed === undefined || !/^[0-9a-f]{64}$/.test(claimed)) return; // UNSIGNED-PAYLOAD, STREAMING-…
  if (createHash('sha256').update(content).digest('hex') === claimed) return;
  const reason = "The provided 'x-amz-content-sha256' header does not match what was computed.";
  throw new AwsError('XAmzContentSHA256Mismatch', reason);
};

/** The content of a request, decoded and checked against every digest that came with it. */
export const readUpload = (request: AwsRequest): Upload => {
  const payloadHash = header(request, 'x-amz-content-sha256');
  const chunked = payloadHash?.startsWith('STREAMING-') === true;
  const { content, trailers } = chunked ? decodeAwsChunked(request) : { content: request.body, trailers: {} };
  const md5 = header(request, 'content-md5');
  const checksum = findChecksum({ ...request.headers, ...trailers });
  verifyPayloadHash(content, payloadHash);
  if (md5 !== undefined) verifyMd5(content, md5);
  if (checksum !== null) verifyChecksum(content, checksum);
  return { content, checksum, integrityGiven: md5 !== undefined || checksum !== null };
};

/** For the operations that S3 does not accept without a digest of their body, e.g. DeleteObjects. */
export const readCheckedBody = (request: AwsRequest): Buffer => {
  const { content, integrityGiven } = readUpload(request);
  if (integrityGiven) return content;
  throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
};
