// Object tags, as PutObject takes them and GetObjectTagging gives them back; changing them later is not served.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html

import { AwsError, type AwsResponse } from '../wire.ts';
import { xmlAnswer } from './answers.ts';
import type { ObjectVersion } from './store.ts';
import { type ObjectCall, versionToRead } from './versions.ts';

const MAX_TAGS = 10;
const MAX_KEY = 128;
const MAX_VALUE = 256;

/** Reads `x-amz-tagging`, which is written like a query. */
export const tagsOfNewVersion = (tagging: string | undefined): Readonly<Record<string, string>> => {
  const pairs = [...new URLSearchParams(tagging ?? '')];
  if (pairs.length > MAX_TAGS) throw new AwsError('BadRequest', 'Object tags cannot be greater than 10');
  const fits = pairs.every(([key, value]) => key !== '' && key.length <= MAX_KEY && value.length <= MAX_VALUE);
  const tags = Object.fromEntries(pairs);
  if (fits && Object.keys(tags).length === pairs.length) return tags;
  const reason = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters";
  throw new AwsError('InvalidArgument', `${reason} without tag name duplicates.`);
};

export const tagHeaders = ({ tags = {} }: ObjectVersion): Record<string, string> => {
  const count = Object.keys(tags).length;
  return count === 0 ? {} : { 'x-amz-tagging-count': String(count) };
};

export const getObjectTagging = (call: ObjectCall): AwsResponse => {
  const { tags = {} } = versionToRead(call);
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return xmlAnswer('Tagging', { TagSet: { Tag: list } });
};
