// The aws-chunked content encoding, by which SDKs send streams with a checksum in the trailer. Chunk signatures are
// not verified (nothing here verifies signatures); lengths and the end of the body are.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html

import { AwsError, type AwsRequest, header } from '../wire.ts';
import { invalidRequest } from './answers.ts';

export interface DecodedBody {
  readonly content: Buffer;
  /** Trailer name in lower case to value. */
  readonly trailers: Readonly<Record<string, string>>;
}

const incomplete = (): AwsError => new AwsError('IncompleteBody', 'The request body terminated unexpectedly');

/** Reads up to the next CRLF (or LF, which some trailers use). */
const readLine = (body: Buffer, from: number): { line: string; next: number } => {
  const end = body.indexOf('\n', from);
  if (end === -1) throw incomplete();
  return { line: body.toString('latin1', from, end).replace(/\r$/, ''), next: end + 1 };
};

const readTrailers = (body: Buffer, from: number): Record<string, string> => {
  const trailers: Record<string, string> = {};
  for (const line of body.toString('latin1', from).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return trailers;
};

/** The size in a chunk's first line: `<hex>` or `<hex>;chunk-signature=…`. */
const parseChunkSize = (line: string): number => {
  const size = /^([0-9a-fA-F]+)(;|$)/.exec(line)?.[1];
  if (size === undefined) throw invalidRequest('Not an aws-chunked body');
  return Number.parseInt(size, 16);
};

const readChunks = (body: Buffer): { content: Buffer; next: number } => {
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const { line, next } = readLine(body, position);
    const size = parseChunkSize(line);
    if (size === 0) return { content: Buffer.concat(chunks), next };
    const end = next + size;
    if (end + 2 > body.length) throw incomplete();
    chunks.push(body.subarray(next, end));
    position = end + 2; // CRLF
  }
};

export const decodeAwsChunked = (request: AwsRequest): DecodedBody => {
  const { content, next } = readChunks(request.body);
  const declared = header(request, 'x-amz-decoded-content-length');
  if (declared !== undefined && Number(declared) !== content.length) throw incomplete();
  const trailers = readTrailers(request.body, next);
  const announced = header(request, 'x-amz-trailer');
  if (announced !== undefined && trailers[announced.toLowerCase()] === undefined) {
    throw new AwsError('MalformedTrailerError', 'The announced trailer is missing');
  }
  return { content, trailers };
};
