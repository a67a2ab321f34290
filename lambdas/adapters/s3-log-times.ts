// When objects of the log appeared in the bucket: S3 sets that time, and nobody can set it back. Names are numbers that
// grow with time, so a day is found by halving, without listing years.

import { type _Object, ListObjectsV2Command, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';

interface TimedObject {
  readonly name: string;
  /** Epoch milliseconds, to the second. */
  readonly appearedAt: number;
}

export interface LogTimes {
  /** The first object with the prefix whose name comes after `after`. */
  firstAfter(prefix: string, after: string): Promise<TimedObject | undefined>;
  /** All of them, in the order of their names. */
  listAfter(prefix: string, after: string): AsyncIterable<TimedObject>;
}

export const makeLogTimes = (client: S3Client, bucket: string): LogTimes => ({
  firstAfter: async (prefix, after) => {
    const page = { Bucket: bucket, Prefix: prefix, StartAfter: after, MaxKeys: 1 };
    const { Contents = [] } = await client.send(new ListObjectsV2Command(page));
    return Contents.map(timed)[0];
  },
  listAfter: async function* (prefix, after) {
    for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix, StartAfter: after })) {
      yield* (page.Contents ?? []).map(timed);
    }
  },
});

const timed = ({ Key, LastModified }: _Object): TimedObject => ({
  name: Key ?? '',
  appearedAt: LastModified?.getTime() ?? Number.NaN,
});
