// The tiles bucket: the log's tree for monitors. It is derived and not locked, and what is read from it is anybody's.

import { gunzipSync, gzipSync } from 'node:zlib';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  NoSuchKey,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { SHORT_LIVED_TAG } from '../contract.ts';
import { headersOf, isShortLived, MAX_BUNDLE_BYTES } from '../core/ledger/tiles.ts';

class TileStoreError extends Error {
  readonly code = 'TILES_UNAVAILABLE';
}

interface StoredTile {
  readonly bytes: Uint8Array;
  /** Names this version of the object. */
  readonly etag: string;
}

export interface TileStore {
  /** No bytes for what is nothing that we wrote: too large, or not packed as it says. */
  get(name: string): Promise<StoredTile | undefined>;
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Writes in the place of the version that was read (`null`: of nothing). `overtaken`: it is another one by now. */
  replace(name: string, bytes: Uint8Array, etag: string | null): Promise<'written' | 'overtaken'>;
}

export const makeTileStore = (client: S3Client, bucket: string): TileStore => {
  const put = (name: string, bytes: Uint8Array, condition: Partial<PutObjectCommandInput> = {}) => {
    const { contentType, cacheControl, contentEncoding } = headersOf(name);
    return client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: name,
        Body: contentEncoding === 'gzip' ? gzipSync(bytes) : bytes,
        ContentType: contentType,
        CacheControl: cacheControl,
        ...(contentEncoding === undefined ? {} : { ContentEncoding: contentEncoding }),
        ...(isShortLived(name) ? { Tagging: `${SHORT_LIVED_TAG.key}=${SHORT_LIVED_TAG.value}` } : {}),
        ...condition,
      }),
    );
  };
  return {
    get: async (name) => {
      try {
        const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: name }));
        return { bytes: unpacked(name, await readBounded(object)), etag: object.ETag ?? '' };
      } catch (cause) {
        if (cause instanceof NoSuchKey) return undefined;
        throw new TileStoreError(`${name} could not be read`, { cause });
      }
    },
    put: async (name, bytes) => {
      try {
        await put(name, bytes);
      } catch (cause) {
        throw new TileStoreError(`${name} was not written`, { cause });
      }
    },
    replace: async (name, bytes, etag) => {
      try {
        await put(name, bytes, etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag });
        return 'written';
      } catch (cause) {
        const overtaken = ['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey'];
        if (cause instanceof S3ServiceException && overtaken.includes(cause.name)) return 'overtaken';
        throw new TileStoreError(`${name} was not written`, { cause });
      }
    },
  };
};

/** An object of gigabytes is nothing that we wrote, and must not take the sealer's memory. */
const readBounded = ({ Body, ContentLength = 0 }: GetObjectCommandOutput): Uint8Array | Promise<Uint8Array> => {
  if (Body === undefined) return new Uint8Array();
  if (ContentLength <= MAX_BUNDLE_BYTES) return Body.transformToByteArray();
  if ('destroy' in Body) Body.destroy();
  return new Uint8Array();
};

/** What does not unpack is not what we wrote: no bytes, which no check accepts. */
const unpacked = (name: string, bytes: Uint8Array): Uint8Array => {
  if (headersOf(name).contentEncoding !== 'gzip') return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BUNDLE_BYTES });
  } catch {
    return new Uint8Array();
  }
};
