import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, GetObjectTaggingCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { makeTileStore } from '../../lambdas/adapters/s3-tiles.ts';
import { NOBODY, useAws } from './aws.ts';

const aws = useAws();
const store = () => makeTileStore(aws().s3, aws().tilesBucket);
const object = (Key: string) => ({ Bucket: aws().tilesBucket, Key });
const bytes = Buffer.from('some bytes of a tile');

describe('makeTileStore', () => {
  it('serves a hash tile as bytes that never change', async () => {
    await store().put('tile/0/000', bytes);
    const found = await aws().s3.send(new GetObjectCommand(object('tile/0/000')));
    expect(found).toMatchObject({
      ContentType: 'application/octet-stream',
      CacheControl: 'max-age=31536000, immutable',
    });
    expect(found.ContentEncoding).toBeUndefined();
    expect(found.TagCount).toBeUndefined();
    expect((await store().get('tile/0/000'))?.bytes).toEqual(new Uint8Array(bytes));
  });

  it('serves entries packed, as HTTP says it', async () => {
    await store().put('tile/entries/000.p/3', bytes);
    const found = await aws().s3.send(new GetObjectCommand(object('tile/entries/000.p/3')));
    expect(found.ContentEncoding).toBe('gzip');
    expect(gunzipSync((await found.Body?.transformToByteArray()) ?? Buffer.of())).toEqual(bytes);
    expect((await store().get('tile/entries/000.p/3'))?.bytes).toEqual(bytes);
    const { TagSet } = await aws().s3.send(new GetObjectTaggingCommand(object('tile/entries/000.p/3')));
    expect(TagSet).toEqual([{ Key: 'countersign', Value: 'partial' }]);
  });

  it('replaces the checkpoint that it read, and none that somebody else wrote since', async () => {
    expect(await store().get('checkpoint')).toBeUndefined();
    expect(await store().replace('checkpoint', Buffer.from('one'), null)).toBe('written');
    expect(await store().replace('checkpoint', Buffer.from('two'), null)).toBe('overtaken');
    const first = await store().get('checkpoint');
    expect(await store().replace('checkpoint', Buffer.from('two'), first?.etag ?? '')).toBe('written');
    expect(await store().replace('checkpoint', Buffer.from('three'), first?.etag ?? '')).toBe('overtaken');
    const found = await aws().s3.send(new GetObjectCommand(object('checkpoint')));
    expect(found).toMatchObject({ ContentType: 'text/plain; charset=utf-8', CacheControl: 'no-cache' });
    expect(await found.Body?.transformToString()).toBe('two');
  });

  it('says "overtaken" when the checkpoint is gone by now', async () => {
    expect(await store().replace('none', Buffer.from('x'), '"0123"')).toBe('overtaken');
  });

  it.each([
    ['is not packed', Buffer.from('plain')],
    ['is larger than any bundle', Buffer.alloc(17 * 1024 * 1024)],
  ])('reads nothing out of an entry bundle that %s', async (_what, Body) => {
    await aws().s3.send(new PutObjectCommand({ ...object('tile/entries/001'), Body }));
    expect((await store().get('tile/entries/001'))?.bytes).toHaveLength(0);
  });

  it('fails when the bucket does not answer', async () => {
    const nowhere = makeTileStore(new S3Client(NOBODY), 'tiles');
    await expect(nowhere.get('checkpoint')).rejects.toMatchObject({ code: 'TILES_UNAVAILABLE' });
    await expect(nowhere.put('tile/0/000', bytes)).rejects.toMatchObject({ code: 'TILES_UNAVAILABLE' });
    await expect(nowhere.replace('checkpoint', bytes, null)).rejects.toMatchObject({ code: 'TILES_UNAVAILABLE' });
  });
});
