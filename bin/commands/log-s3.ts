// A log in S3, where it was sealed or where it was copied to. Credentials and region come from the environment.

import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import type { ListedFile } from '../../lambdas/core/ledger/verify/inventory.ts';
import { CliError } from './cli-error.ts';
import { reading } from './installation.ts';
import type { LogSource } from './log-source.ts';

export const openPrefix = (source: string): Promise<LogSource> => {
  const [, bucket, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,62})(?:\/(.*))?$/.exec(source) ?? [];
  if (bucket === undefined) throw new CliError(`${source} is not s3://bucket or s3://bucket/prefix`);
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`;
  // The endpoint of a laptop knows buckets by path only.
  const client = new S3Client({ forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined });
  return Promise.resolve({
    list: () => asked(source, listFiles(client, bucket, prefix)),
    read: (name) => asked(`${source}: ${name}`, readFile(client, bucket, `${prefix}${name}`)),
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  });
};

const listFiles = async (client: S3Client, Bucket: string, Prefix: string): Promise<readonly ListedFile[]> => {
  const files: ListedFile[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
    for (const { Key, Size } of page.Contents ?? []) {
      // What the console makes as a "folder" is an object whose name ends with a slash.
      if (Key !== undefined && !Key.endsWith('/')) files.push({ name: Key.slice(Prefix.length), bytes: Size ?? 0 });
    }
  }
  return files;
};

const readFile = async (client: S3Client, Bucket: string, Key: string): Promise<Uint8Array> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
};

const asked = async <Value>(what: string, work: Promise<Value>): Promise<Value> => {
  try {
    return await reading(work);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : 'unknown cause';
    throw new CliError(`${what} cannot be read: ${why}`);
  }
};
